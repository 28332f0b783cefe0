"""Run folders that earlier versions wrote: they open, resume, classify and can be taken along.

`fixtures/stored` was written before the modules were sorted into packages; its photographs are noise. `not_stopped.json` is what the
stopped run had come to where nobody had stopped it.
"""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from catsdogs.analysis import summaries
from catsdogs.data import dataset
from catsdogs.errors import InputError
from catsdogs.export import bundle, script
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import history, liveness, predictions, store, temperature
from catsdogs.settings import stages
from catsdogs.settings.config import Config, change
from catsdogs.training import worker
from pages.parts.results import grouping
from tests import storing

STORED = Path(__file__).parents[1] / "fixtures" / "stored"
FINISHED, STOPPED, QUEUED = sorted(path.name for path in (STORED / "runs").iterdir())


@pytest.fixture(autouse=True)
def stored(home, tmp_path):
    """The stored runs in this test's home folder, with their photographs where they say."""
    shutil.copytree(STORED / "images", tmp_path / "images")
    shutil.copytree(STORED / "runs", home / "runs")
    for path in (home / "runs").rglob("*.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("DATA", str(tmp_path / "images")), encoding="utf-8")
    yield
    shutil.rmtree(home / "runs")  # nothing of it is to start


def test_they_are_listed_with_what_is_known_of_them():
    assert {run.id: run.state for run in store.list_all()} == {FINISHED: "finished", STOPPED: "stopped", QUEUED: "queued"}
    run = store.load(FINISHED)
    assert (run.label.name, run.label.note, run.label.is_starred) == ("my first run", "it worked", True)
    assert (run.config.horizontal_flip, run.config.brightness_range) == (True, (0.8, 1.2))
    row = summaries.make(run)
    assert row["epochs_done"] == 3 and row["val_accuracy"] == row["test_accuracy"] == 0.5
    assert summaries.make(store.load(STOPPED))["epochs_done"] == 2
    assert temperature.load(run).value == 1


def test_a_stopped_one_goes_on_as_if_it_had_not_been_stopped():
    before = json.loads((STORED / "not_stopped.json").read_text(encoding="utf-8"))
    liveness.withdraw_stop(store.load(STOPPED).folder)
    run = worker.work(store.load(STOPPED), lambda message: None)
    assert run.state == "finished", run.status
    epochs = [[epoch[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")] for epoch in history.load(run)]
    np.testing.assert_allclose(epochs, [[e["loss"], e["accuracy"], e["val_loss"], e["val_accuracy"]] for e in before["history"]], atol=1e-4)
    assert summaries.make(run)["test_accuracy"] == before["evaluation"]["test"]["accuracy"]


def test_a_finished_one_answers_what_it_answered(tmp_path):
    run = store.load(FINISHED)
    predicted = predictions.load(run)
    pictures = [(path, tmp_path / "images" / path) for path, *_ in predicted]
    answers = classifier.classify(classifier.load(run), pictures)
    of_dogs = [answer.probability if answer.label == "dog" else 1 - answer.probability for answer in answers]
    np.testing.assert_allclose(of_dogs, [probability for *_, probability in predicted], atol=1e-4)


def test_it_can_be_taken_along(tmp_path):
    run = store.load(FINISHED)
    bundle.write(run, tmp_path / "run.zip")
    assert f"{run.id}/model.keras" in zipfile.ZipFile(tmp_path / "run.zip").namelist()
    assert "keras.Sequential" in script.of(run)


def test_their_photographs_are_those_that_they_were_trained_on(tmp_path):
    assert dataset.check(tmp_path / "images").fingerprint == store.environment(store.load(STOPPED))["data_fingerprint"]


def test_a_run_whose_first_size_is_too_small_by_now_opens_and_answers_but_can_not_be_trained_anew(tmp_path):
    run = storing.finished(Config(model="resnet", first_size=32, target_size=64, epochs=3))
    registry.build(run.config).save(run.model_path)
    content = json.loads((run.folder / "config.json").read_text(encoding="utf-8"))
    (run.folder / "config.json").write_text(json.dumps({**content, "first_size": 8}), encoding="utf-8")
    opened = store.load(run.id)
    assert [stage.size for stage in stages.plan(opened.config)] == [8, 32, 64]
    assert summaries.make(opened)["test_accuracy"] == 0.8 and "batches_at(8)" in script.of(opened)
    assert list(grouping.by_all_but_seed([opened, run], ["first_size"])) == ["first size 8", "first size 32"]
    [answer] = classifier.classify(classifier.load(opened), [("cat", tmp_path / "images" / "cats" / "cats.25.jpg")])
    assert answer.label in ("cat", "dog")
    with pytest.raises(InputError, match="first_size = 8: must be 0 or at least 17"):
        change(opened.config, seed=1)
