"""A run that is killed, wherever that is, ends as the run that nobody killed, and trains no epoch too many or too few."""

import math
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pytest

from catsdogs.runs import history, store
from catsdogs.settings.config import Config
from catsdogs.training import resume_point, trainer
from catsdogs.training.progress import Progress, Stopped
from tests.running import assert_same, create, finish, train, work
from tests.storing import epoch, trained

PROJECT = Path(__file__).parents[2]
# Without augmentation, which every worker would compile anew, for seconds; killed runs that have it are in test_fitting.py
GROWING = {
    "model": "resnet",
    "target_size": 48,
    "first_size": 32,
    "optimizer": "adam",
    "learning_rate": 0.002,
    "ema_momentum": 0.5,
    "data_pruning": 0.3,
    "epochs": 6,
}
# Pixels up to 255 are too much for the first scales of the loss: the gradients are infinite in 16 bits, and the steps are skipped
OVERFLOWING = {"precision": "mixed_float16", "rescale": 1, "data_pruning": 0.3, "learning_rate": 1e-5, "epochs": 6}
PATIENT = {"epochs": 40, "early_stopping": 2, "learning_rate": 0.002}
KEPT = ("history.jsonl", "last.keras", "losses.npy", "model.keras")
TOLERANCE = 1e-4


def test_a_worker_killed_at_any_moment_costs_nothing_but_time(folder, tiny_resnet):
    """One whose sizes grow, and one in 16 bits."""
    killed = [create(folder, **settings) for settings in (GROWING, OVERFLOWING)]
    words = [sys.executable, "-m", "tests.killing", "1", "2", *(run.id for run in killed)]
    subprocess.run(words, cwd=PROJECT, check=True, stdout=subprocess.PIPE)
    for run in killed:
        whole = stop_before_evaluation(store.create(run.config))
        assert (skipped(whole) > 0) == (run.config.precision == "mixed_float16")
        np.testing.assert_allclose(losses(run), losses(whole), atol=TOLERANCE)
        assert_same(run, finish(whole), TOLERANCE)


def test_a_run_killed_between_any_two_files_ends_the_same(folder, tiny_resnet):
    """What a kill leaves behind is what is there just before another file is opened, renamed or removed."""
    run = create(folder, **GROWING | {"epochs": 4})
    left = {}

    def copy() -> None:
        key = tuple((name, (run.folder / name).read_bytes()) for name in KEPT if (run.folder / name).exists())
        if history.epochs_done(run) == 2 and key not in left:
            left[key] = shutil.copytree(run.folder, run.folder.with_name(f"{run.id}-{len(left)}"))

    with before_every_file(run.folder, copy):
        stop_before_evaluation(run)
    assert len(left) == 3, "after its second epoch, its resume point and its model were replaced"
    expected = losses(run)
    finish(run)
    for path in left.values():
        killed = stop_before_evaluation(store.load(path.name))
        np.testing.assert_allclose(losses(killed), expected, atol=TOLERANCE)
        assert_same(finish(killed), run, TOLERANCE)


def test_a_model_that_a_kill_left_out_is_made_of_the_resume_point(folder, tiny_resnet):
    run = create(folder, model="resnet", epochs=1, ema_momentum=0.5)  # the statistics of its batch normalisation are no weights that learn
    stop_before_evaluation(run)
    expected = keras.saving.load_model(run.model_path).get_weights()
    run.model_path.unlink()
    finish(run)
    for made, stored in zip(keras.saving.load_model(run.model_path).get_weights(), expected, strict=True):
        np.testing.assert_array_equal(made, stored)


@pytest.mark.parametrize("is_of_before", [False, True], ids=["of today", "of an earlier version"])
def test_a_run_that_was_stopped_early_is_only_evaluated(folder, is_of_before):
    run = stop_before_evaluation(create(folder, **PATIENT))
    before = history.load(run)
    assert len(before) < 40
    if is_of_before:
        store_as_before(run)
    assert history.load(finish(run)) == before


@pytest.mark.parametrize("settings", [{"precision": "float32"}, OVERFLOWING], ids=["float32", "float16"])
def test_a_run_of_an_earlier_version_keeps_its_epochs(folder, settings):
    whole = create(folder, **settings | {"epochs": 3, "data_pruning": 0.3})
    (run,) = train(whole, 2)
    before = history.load(run)
    store_as_before(run)
    finish(run)
    assert history.load(run)[:2] == before
    assert_same(run, whole, TOLERANCE)


@pytest.mark.parametrize(
    ("iterations", "halved", "expected"),
    [(30, 0, 5), (27, 3, 5), (29, 0, 5), (10, 0, 5), (24, 0, 4), (22, 2, 4)],
    ids=["none skipped", "three skipped", "one skipped, the scale grown", "many skipped", "killed before the fifth", "and two skipped"],
)
def test_a_float16_run_of_an_earlier_version_loses_an_epoch_at_most(iterations, halved, expected):
    """Where six steps are an epoch, and the history has five."""
    run = trained(*map(epoch, range(1, 6)), config=Config(epochs=9, precision="mixed_float16"))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), "mse")
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(iterations)
    model.optimizer.dynamic_scale.assign(model.optimizer.initial_scale / 2**halved)
    model.save(run.resume_path)
    assert len(resume_point.load(run, steps=6).epochs) == expected


def test_a_damaged_resume_point_is_named_in_one_line(stopped, capsys):
    run = stopped
    run.resume_path.write_bytes(run.resume_path.read_bytes()[:-1000])
    ended = work(run)
    assert ended.state == "failed" and f"{run.resume_path} can't be read" in ended.status["error"]
    assert "\n" not in ended.status["error"] and "Traceback" not in capsys.readouterr().err


def stop_before_evaluation(run):
    """Train, as if the run had been killed just after its last epoch."""
    progress = Progress(run, lambda: progress.facts.get("phase") == "evaluating", lambda message: None, lambda facts: None)
    with pytest.raises(Stopped):
        trainer.train(run, progress)
    return run


def skipped(run) -> float:
    """How many steps the scaling of the loss skipped."""
    optimizer = resume_point.load(run, steps=1).model.optimizer
    return math.log2(optimizer.initial_scale / float(optimizer.dynamic_scale)) if hasattr(optimizer, "dynamic_scale") else 0


def store_as_before(run) -> None:
    """Leave what earlier versions did: the resume point as Keras stores the model, and the losses in a file of their own."""
    if run.config.data_pruning:
        np.save(run.losses_path, losses(run))
    keras.saving.load_model(run.resume_path).save(run.resume_path)


def losses(run) -> np.ndarray:
    """The last loss of each training image."""
    return resume_point.load(run, steps=1).losses


@contextmanager
def before_every_file(folder, act):
    """Call `act` whenever this process opens, renames or removes a file in the folder, or below."""
    watching = [True]

    def note(event: str, arguments: tuple) -> None:
        if watching and event in ("open", "os.rename", "os.remove") and str(arguments[0]).startswith(str(folder)):
            watching.clear()
            act()
            watching.append(True)

    sys.addaudithook(note)  # stays for the life of the process
    try:
        yield
    finally:
        watching.clear()
