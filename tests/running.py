"""Small runs that are really trained, in the process of the tests."""

import shutil
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from catsdogs.analysis import evaluation
from catsdogs.runs import history, store
from catsdogs.runs.store import Run
from catsdogs.settings.config import Config, without_misplaced
from catsdogs.training import trainer, worker
from catsdogs.training.progress import Progress, Stopped

SMALL = {
    "model": "dense",
    "dense_units": 64,
    "learning_rate": 0.0003,
    "target_size": 32,
    "batch_size": 8,
    "precision": "float32",
    "epochs": 2,
}
AUGMENTED = {"rotation_range": 20, "zoom_range": 0.2, "horizontal_flip": True}
MEASURED = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")


def create(folder: Path, **settings) -> Run:
    """A queued run with small settings, but for these. It waits behind the others, even if the clock is set back meanwhile."""
    latest = max((run.created for run in store.list_all()), default=None)
    return store.create(Config(data=str(folder), **{**without_misplaced({**SMALL, **settings}), **settings}), after=latest)


@contextmanager
def own_signals():
    """A worker takes over the signals of its process, which here is that of the tests."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def work(run: Run) -> Run:
    """The run as its worker leaves it, whichever way it ended."""
    with own_signals():
        return worker.work(run, log=lambda message: None)


def finish(run: Run) -> Run:
    """The run when its worker has finished it."""
    ended = work(run)
    assert ended.state == "finished", ended.status
    return ended


def stop_after(run: Run, epochs: int) -> Run:
    """Train until the first batch after that many epochs, as if the run had been asked to stop there."""
    with pytest.raises(Stopped):
        trainer.train(run, _silent(run, lambda: history.epochs_done(run) >= epochs))
    return run


def train(run: Run, *epochs: int) -> list[Run]:
    """Train the run to its end. Returns what it would have left behind if it had been killed after so many epochs, each as a run."""
    left = {}

    def copy_then_go_on() -> bool:
        done = history.epochs_done(run)
        if done in epochs and done not in left:
            left[done] = shutil.copytree(run.folder, run.folder.with_name(f"{run.id}-{done}"))
        return False

    trainer.train(run, _silent(run, copy_then_go_on))
    return [store.load(folder.name) for folder in left.values()]


def _silent(run: Run, is_stopping: Callable[[], bool]) -> Progress:
    return Progress(run, is_stopping, log=lambda message: None, show=lambda facts: None)


def curves(run: Run) -> np.ndarray:
    """What was measured, a row for each epoch."""
    return np.array([[epoch[name] for name in MEASURED] for epoch in history.load(run)], dtype=float)


def assert_same(run: Run, other: Run, tolerance: float) -> None:
    """Whether both have the same history and the same evaluation."""
    np.testing.assert_allclose(curves(run), curves(other), atol=tolerance)
    assert evaluation.load(run).test.loss == pytest.approx(evaluation.load(other).test.loss, abs=tolerance)
