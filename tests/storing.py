"""Runs as a worker leaves them, written by the library's own functions without hours of training."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from catsdogs.analysis import classwise, evaluation, measurements, neither, summaries
from catsdogs.analysis.measurements import Measurement
from catsdogs.data import second_look, split
from catsdogs.inference import classifier
from catsdogs.runs import history, predictions, store
from catsdogs.runs.predictions import Prediction
from catsdogs.runs.store import Run
from catsdogs.settings.config import Config

CLASSES = ("cats", "dogs")


def epoch(number: int, **changed) -> dict:
    """An entry of a history."""
    facts = {"loss": 0.5, "accuracy": 0.8, "val_loss": 0.6, "val_accuracy": 0.75, "seconds": 30.0, "pictures_per_second": 100.0}
    return {"epoch": number, **facts, **changed}


def trained(*epochs: dict, config: Config | None = None) -> Run:
    """A queued run with that history, and the environment that a worker has written by then."""
    run = store.create(config or Config())
    store.write_environment(run, environment(run))
    for each in epochs:
        history.append(run, each)
    return run


def evaluated(accuracy: float, run: Run) -> Run:
    """The run with that held-out accuracy; with an epoch, if it had none."""
    by_class = classwise.read(((40, 10), (10, 40)))
    scores = (evaluation.Score(value, value - 0.02, value + 0.01, 100, 0.4, by_class) for value in (0.99, 0.95, accuracy))
    if not history.epochs_done(run):
        history.append(run, epoch(1))
    predictions.write(run, [f"cats/{index}.jpg" for index in range(100)], [0] * 100, [0.4] * 100)
    store.write_environment(run, environment(run))
    evaluation.save(run, evaluation.Evaluation(*scores, CLASSES, 0.9))
    return run


def environment(run: Run, count: int = 100) -> dict:
    """What a worker writes of it, with `count` held-out photographs."""
    photographs = {"training": 7 * count, "validation": count, "test": count}
    known = {"class_names": CLASSES, "device": "a test", "data_fingerprint": f"of {run.config.data}", "weights": 1000}
    return {**known, "photographs": photographs}


def finished(config: Config, right: int = 80, count: int = 100, epochs: int = 2, seconds: float = 30.0, cats: int | None = None) -> Run:
    """A finished run that got the first `right` of its `count` held-out photographs right; another seed holds out others.

    They are cats and dogs in turn, or `cats` of them, at the end, are cats. Its files are written in a worker's order.
    """
    return finish(store.create(config), right, count, epochs, seconds, cats)


def finish(run: Run, right: int = 80, count: int = 100, epochs: int = 2, seconds: float = 30.0, cats: int | None = None) -> Run:
    """As `finished`, of a run that has some epochs or none."""
    config = run.config
    store.write_environment(run, {**store.environment(run), **environment(run, count)})
    for epoch in range(history.epochs_done(run) + 1, epochs + 1):
        measured = {"loss": 0.6 / epoch, "accuracy": 0.9 - 0.3 / epoch, "val_loss": 0.5 + abs(epoch - 1) / 100, "val_accuracy": 0.8}
        history.append(run, {"epoch": epoch, **measured, "seconds": seconds, "pictures_per_second": 90.0})
    classes, probabilities, result = _answers(right, count, cats)
    paths = [f"{CLASSES[label]}/{CLASSES[label]}.{index // 2 + config.seed}.jpg" for index, label in enumerate(classes)]
    predictions.write(run, paths, classes, probabilities)
    evaluation.save(run, result)
    store.write_status(run, "finished", started="2026-01-01T10:00:00+00:00", ended="2026-01-01T10:02:00+00:00")
    return store.load(run.id)


def had_seen(run: Run, validation: int = 0, test: int = 0) -> Run:
    """The run, started from one that was trained on so many of the photographs that it is judged by."""
    origin = {"run": "before", "head": "kept", "seen": {"validation": validation, "test": test}}
    store.write_environment(run, {**store.environment(run), "start_from": origin})
    return run


@lru_cache  # scikit-learn takes longer than all the rest, and hundreds of runs are written with the same answers
def _answers(right: int, count: int, cats: int | None) -> tuple[np.ndarray, np.ndarray, evaluation.Evaluation]:
    """Classes, probabilities, and what they come to."""
    classes = np.arange(count) % 2 if cats is None else np.repeat([1, 0], [count - cats, cats])
    sure = np.linspace(0.55, 0.99, count)
    probabilities = np.where((np.arange(count) < right) == (classes == 1), sure, 1 - sure)
    return classes, probabilities, evaluation.make(CLASSES, dict.fromkeys(split.SUBSETS, (classes, probabilities)))


def measured(run: Run, right: int, count: int = 1000, first: int = 0, is_drawn: bool = False, fingerprint: str = "f1") -> Run:
    """The run, measured on `count` photographs from number `first` on, of which its model got the first `right` right."""
    labels = [number % 2 for number in range(count)]
    answers = [label if number < right else 1 - label for number, label in enumerate(labels)]
    photographs = tuple(
        Prediction(f"pet.{first + number}.jpg", label, 0.9 if answer else 0.1)
        for number, (label, answer) in enumerate(zip(labels, answers, strict=True))
    )
    confusion = tuple(tuple(sum(pair == (i, j) for pair in zip(labels, answers, strict=True)) for j in (0, 1)) for i in (0, 1))
    measurement = Measurement(
        data="/elsewhere",
        fingerprint=fingerprint,
        is_drawn=is_drawn,
        measured="2026-01-01T12:00:00+00:00",
        epoch=summaries.make(run)["best_epoch"],
        class_names=CLASSES,
        accuracy=right / count,
        low=max(0.0, right / count - 0.01),
        high=min(1.0, right / count + 0.01),
        confusion=confusion,
        auc=0.9,
        left_out={},
        is_overlap_known=True,
        photographs=photographs,
    )
    measurements.save(run, measurement)
    run.model_path.touch()
    return run


def always_dog(config: Config, cats: int = 4, dogs: int = 300) -> Run:
    """A finished run that calls everything a dog."""
    return finished(config, right=dogs, count=cats + dogs, cats=cats)


def tell_neither(run: Run, paths: list[Path]) -> None:
    """Have the run call some of these images neither, and the others not, by a limit that is as far from each as can be.

    By one look alone, that limit would say otherwise of some, if that can be. All but one are looked at again.
    """
    learned = {"weights": np.linspace(-1, 1, run.config.dense_units).tolist(), "limit": 0.0, "turned_away": 0.05, "found": 0.9}
    neither.save(run, learned)
    loaded = classifier.load(run)
    pixels = np.stack([classifier.read(loaded, path) for path in paths])
    first, second = (loaded.judge.predict_on_batch(views)[1][:, 0] for views in (pixels, second_look.take(pixels)))
    start = np.sort(first)[:2].mean()
    settled = np.where(first > start, (first + second) / 2, first)
    limits = np.sort(settled)[:-1] + np.diff(np.sort(settled)) / 2
    telling = [each for each in limits if ((first > each) != (settled > each)).any()] or list(limits)
    limit = max(telling, key=lambda each: np.abs(settled - each).min())
    lowest = min(first.min(), settled.min()) - 1
    looks = {"from": float(start - lowest), "limit": float(limit - lowest)}
    neither.save(run, {**learned, "limit": float(lowest), "second_look": looks})
