"""A stored run and images -> answers. `data.images` decodes them; models that stay loaded are in `loaded`.

Keras is imported only when a model is loaded, so that a page can read answers without it.
"""

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catsdogs.analysis import calibration, neither
from catsdogs.data import images, naming, second_look
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.system import threads, words

if TYPE_CHECKING:
    import keras

_NO_NUMBER = "The network's answer is not a number: its weights are damaged, or too large for its precision. Use another run."


@dataclass(frozen=True)
class Classifier:
    """A loaded model and how its images are prepared. `labels` are those of outputs 0 and 1.

    `judge` is the model with the second output of `networks.neither`, made from what was `learned`; both are None if the run can't tell
    what is neither.
    """

    model: "keras.Model"
    target_size: int
    interpolation: str
    proportions: str
    labels: tuple[str, str]
    judge: "keras.Model | None" = None
    learned: dict | None = None


@dataclass(frozen=True)
class Answer:
    """The answer for one image: `label` and its `probability`, 0.5 to 1; or why there is none, in `error`.

    `neither` says whether it looks like neither class; None if the run can't tell.
    """

    picture: str
    label: str | None = None
    probability: float | None = None
    error: str | None = None
    neither: bool | None = None


def load(run: Run) -> Classifier:
    """The model of the run's best epoch. Raises InputError as `network` does."""
    model = network(run)
    names = store.environment(run)["class_names"]
    labels = naming.labels_of(names)
    judge, learned = _judge(run, model)
    return Classifier(model, run.config.target_size, run.config.interpolation, run.config.proportions, labels, judge, learned)


def network(run: Run) -> "keras.Model":
    """The stored Keras model of the run. Raises InputError if there is none yet, or it can't be read."""
    if store.model_version(run) is None:
        if run.state == "finished":
            raise InputError(f"Run {run.id} has lost its model: {run.model_path.name} is missing. Choose another run, or repeat this one.")
        raise InputError(f"Run {run.id} ({run.state}) has no model yet; it is stored when the first epoch has ended.")
    import keras

    try:
        model = keras.saving.load_model(run.model_path, compile=False)
        side = run.config.target_size
        if model.input_shape != (None, side, side, 3):
            raise ValueError(f"it takes images of shape {model.input_shape[1:]}, the settings say {side} px")
    except Exception as error:  # Keras, h5py and zipfile raise anything on a damaged file
        reason = words.first_line(error)
        raise InputError(f"The model of run {run.id} can't be read ({reason}): choose another run, or repeat this one.") from None
    return model


def _judge(run: Run, model: "keras.Model") -> tuple["keras.Model | None", dict | None]:
    from catsdogs.networks import neither as judging

    learned = neither.load(run)
    try:
        return judging.attach(model, learned) if learned else None, learned
    except ValueError as error:  # Keras raises it as well, if there is no such layer
        reason = words.first_line(error)
        raise InputError(f"{run.neither_path.name} of run {run.id} is of another network ({reason}): delete it, or repeat it.") from None


def classify(
    classifier: Classifier,
    sources: list[tuple[str, bytes | Path]],
    batch_size: int = 32,
    temperature: float = 1.0,
    mirror: bool = False,
) -> list[Answer]:
    """An answer for each (name, file or its bytes), in order; one that can't be read gets an error and affects no other.

    The probabilities are the network's own unless the run's `temperature` is given, for what people see. With `mirror`, an answer is the
    average for the image and its mirror image (`calibration.average`).
    """
    answers = []
    for start in range(0, len(sources), batch_size):
        answers += _classify_batch(classifier, sources[start : start + batch_size], temperature, mirror)
    return answers


def _classify_batch(classifier: Classifier, sources: list[tuple[str, bytes | Path]], temperature: float, mirror: bool) -> list[Answer]:
    decoded = list(threads.in_order(partial(_decode, classifier), (source for _, source in sources)))
    loaded = [pixels for pixels, _ in decoded if pixels is not None]
    found = iter(())
    if loaded:
        outputs, are_neither = predict(classifier, np.stack(loaded), mirror)
        found = zip(calibration.temper(outputs, temperature).tolist(), are_neither, strict=True)
    return [
        Answer(name, error=error) if error else _answer(classifier, name, *next(found))
        for (name, _), (_, error) in zip(sources, decoded, strict=True)
    ]


def read(classifier: Classifier, source: bytes | Path) -> np.ndarray:
    """An image as the model takes it: (target_size, target_size, 3), uint8. Raises as `images.load` does."""
    return images.load(source, classifier.target_size, classifier.interpolation, classifier.proportions)


def predict(classifier: Classifier, pixels: np.ndarray, mirror: bool = False) -> tuple[np.ndarray, list[bool | None]]:
    """For (n, side, side, 3) uint8 pixels, the probabilities of the second label, (n,), and whether each is neither, None if unknown."""
    outputs, excesses = _ask(classifier, pixels)
    if mirror:
        outputs = calibration.average(np.stack([outputs, _ask(classifier, pixels[:, :, ::-1])[0]]))
    if excesses is None:
        return outputs, [None] * len(pixels)
    settled = second_look.settle(excesses, pixels, classifier.learned, lambda views: _ask(classifier, views)[1])
    return outputs, (settled > 0).tolist()


def _ask(classifier: Classifier, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Probabilities of the second label, and how far each image exceeds the limit for neither, both (n,); None if unknown."""
    if classifier.judge is None:
        return classifier.model.predict_on_batch(pixels)[:, 0], None
    outputs, excesses = classifier.judge.predict_on_batch(pixels)
    return outputs[:, 0], excesses[:, 0]


def _decode(classifier: Classifier, source: bytes | Path) -> tuple[np.ndarray | None, str | None]:
    """The pixels, or None and the reason."""
    try:
        return read(classifier, source), None
    except (InputError, OSError) as error:
        return None, error.strerror if isinstance(error, OSError) else str(error)


def _answer(classifier: Classifier, name: str, output: float, is_neither: bool | None) -> Answer:
    if math.isnan(output):
        return Answer(name, error=_NO_NUMBER)
    if output >= 0.5:
        return Answer(name, classifier.labels[1], output, neither=is_neither)
    return Answer(name, classifier.labels[0], 1 - output, neither=is_neither)
