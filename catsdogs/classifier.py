"""A stored run and pictures -> answers. How a picture becomes pixels is `images`' business."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from catsdogs import dataset, images, runs
from catsdogs.errors import InputError
from catsdogs.runs import Run


@dataclass(frozen=True)
class Classifier:
    """A loaded model with what its pictures have to look like. `labels` are those of output 0 and output 1."""

    run_id: str
    model: keras.Model
    target_size: int
    interpolation: str
    labels: tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """For one picture: `label` and its `probability`, 0.5 to 1; or why there is none, in `error`."""

    picture: str
    label: str | None = None
    probability: float | None = None
    error: str | None = None


def load(run: Run) -> Classifier:
    """The model of the run's best epoch. Raises InputError where it has none yet."""
    if not run.model_path.exists():
        raise InputError(f"Run {run.id} ({run.state}) has no model yet; it is stored when the first epoch has ended.")
    names = runs.environment(run)["class_names"]
    model = keras.saving.load_model(run.model_path, compile=False)
    labels = (dataset.label_of(names[0]), dataset.label_of(names[1]))
    return Classifier(run.id, model, run.config.target_size, run.config.interpolation, labels)


def classify(classifier: Classifier, pictures: list[tuple[str, bytes | Path]], batch_size: int = 32) -> list[Answer]:
    """An answer for each (name, file or its bytes), in order; one that can't be read gets its error and harms no other."""
    answers = []
    for start in range(0, len(pictures), batch_size):
        answers += _classify_batch(classifier, pictures[start : start + batch_size])
    return answers


def _classify_batch(classifier: Classifier, pictures: list[tuple[str, bytes | Path]]) -> list[Answer]:
    loaded, errors = {}, {}
    for index, (_, source) in enumerate(pictures):
        try:
            loaded[index] = images.load(source, classifier.target_size, classifier.interpolation)
        except (InputError, OSError) as error:
            errors[index] = error.strerror if isinstance(error, OSError) else str(error)
    outputs = classifier.model.predict_on_batch(np.stack(list(loaded.values())))[:, 0] if loaded else ()
    probabilities = dict(zip(loaded, map(float, outputs), strict=True))
    return [
        _answer(classifier, name, probabilities[index]) if index in probabilities else Answer(name, error=errors[index])
        for index, (name, _) in enumerate(pictures)
    ]


def _answer(classifier: Classifier, name: str, output: float) -> Answer:
    if output >= 0.5:
        return Answer(name, classifier.labels[1], output)
    return Answer(name, classifier.labels[0], 1 - output)
