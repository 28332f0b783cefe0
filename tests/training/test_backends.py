"""JAX instead of TensorFlow: in a process of its own, for Keras has one backend a process."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catsdogs.analysis import evaluation
from catsdogs.errors import InputError
from catsdogs.inference import classifier
from catsdogs.runs import store
from catsdogs.system import devices
from tests.running import create, finish

SETTINGS = {
    "model": "dense",
    "dense_units": 16,
    "optimizer": "sgd",
    "learning_rate": 0.001,
    "batch_size": 8,
    "epochs": 4,
    "ema_momentum": 0.5,
    "data_pruning": 0.2,
    "rotation_range": 20,
    "horizontal_flip": True,
}
# Trains a run, goes on with what a kill after its first epoch would have left, and classifies
ON_JAX = """
import json, sys
from catsdogs.system import devices
devices.load()
from catsdogs.inference import classifier
from tests.running import assert_same, create, finish, train
folder, settings, image = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
whole = create(folder, **settings)
(killed,) = train(whole, 1)
run = finish(killed)
assert_same(run, whole, 1e-4)
(answer,) = classifier.classify(classifier.load(run), [("", open(image, "rb").read())])
print(json.dumps([run.id, answer.label, answer.probability]))
"""


def on_jax(folder: Path, **settings) -> tuple[str, str, float]:
    """The id of a run that was trained there, and its answer to a picture."""
    pytest.importorskip("jax")
    once = {"JAX_COMPILATION_CACHE_DIR": str(folder.parent / "compiled"), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    words = [sys.executable, "-c", ON_JAX, str(folder), json.dumps(settings), str(folder / "dogs" / "dogs.0.jpg")]
    ended = subprocess.run(words, env={**os.environ, **once, "KERAS_BACKEND": "jax"}, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return tuple(json.loads(ended.stdout.splitlines()[-1]))


def test_a_run_on_jax_learns_resumes_and_answers_as_it_does_on_tensorflow(folder):
    id, label, probability = on_jax(folder, **SETTINGS)
    run = store.load(id)
    assert run.state == "finished" and "jax" in store.environment(run) and "tensorflow" not in store.environment(run)
    (answer,) = classifier.classify(classifier.load(run), [("", (folder / "dogs" / "dogs.0.jpg").read_bytes())])
    assert (answer.label, answer.probability) == (label, pytest.approx(probability, abs=1e-4))
    here = finish(create(folder, **SETTINGS))
    losses = [evaluation.load(each).validation.loss for each in (run, here)]
    assert max(losses) < math.log(2), "both learn something of dark cats and bright dogs"
    assert losses[0] == pytest.approx(losses[1], abs=0.03)


@pytest.mark.parametrize(("name", "said"), [("torch", "'torch': must be tensorflow or jax"), ("", None), ("tensorflow", None)])
def test_a_backend_that_is_not_supported_is_refused(name, said, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", name)
    if not said:
        assert devices.backend() == "tensorflow"
        return
    with pytest.raises(InputError, match=said):
        devices.backend()


def test_a_backend_that_is_not_installed_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(sys, "path", [place for place in sys.path if "site-packages" not in place])
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    with pytest.raises(InputError, match="'jax', which is not installed"):
        devices.backend()
