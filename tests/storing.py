"""Runs as a worker leaves them, written by the library's own functions without hours of training."""

import numpy as np

from catsdogs.analysis import evaluation
from catsdogs.data import split
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.settings.config import Config

CLASSES = ("cats", "dogs")


def finished(config: Config, right: int = 80, count: int = 100, epochs: int = 2, seconds: float = 30.0) -> Run:
    """A finished run that got the first `right` of its `count` held-out photographs right."""
    run = store.create(config)
    for epoch in range(1, epochs + 1):
        measured = {"loss": 0.6 / epoch, "accuracy": 0.9 - 0.3 / epoch, "val_loss": 0.5 + abs(epoch - 1) / 100, "val_accuracy": 0.8}
        store.append_epoch(run, {"epoch": epoch, **measured, "seconds": seconds, "pictures_per_second": 90.0})
    classes = np.arange(count) % 2
    sure = np.linspace(0.55, 0.99, count)
    probabilities = np.where((np.arange(count) < right) == (classes == 1), sure, 1 - sure)
    store.write_evaluation(run, evaluation.to_json(evaluation.make(CLASSES, dict.fromkeys(split.PARTS, (classes, probabilities)))))
    paths = [f"{CLASSES[label]}/{CLASSES[label]}.{index // 2}.jpg" for index, label in enumerate(classes)]
    store.write_predictions(run, paths, classes, probabilities)
    environment = {"class_names": CLASSES, "device": "a test", "data_fingerprint": f"of {config.data}", "weights": 1000}
    store.write_environment(run, {**environment, "photographs": {"training": 7 * count, "validation": count, "test": count}})
    store.write_status(run, "finished", started="2026-01-01T10:00:00+00:00", ended="2026-01-01T10:02:00+00:00")
    return store.load(run.id)
