"""Models that stay loaded between requests; a process of its own, `companion`, keeps them for the pages."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catsdogs.inference import classifier
from catsdogs.inference import features as of_network
from catsdogs.inference.classifier import Answer, Classifier
from catsdogs.runs import store

if TYPE_CHECKING:
    import keras


def classify(id: str, version: tuple, images: list[tuple[str, bytes | Path]]) -> list[Answer]:
    """`classifier.classify` by the run of that id, kept for the next time while `version`, `store.model_version`, is the same."""
    return classifier.classify(_load(id, version), images)


def prepare(id: str, version: tuple) -> None:
    """Do everything that the first `classify` would have to wait for. Raises InputError as `classifier.load` does."""
    loaded = _load(id, version)
    side = loaded.target_size
    for count in (1, 2):  # Keras compiles for one image, and then for any number of them
        classifier.predict(loaded, np.zeros((count, side, side, 3), np.uint8))


def features(id: str, version: tuple, paths: list[Path]) -> np.ndarray:
    """`features.extract` by the run of that id."""
    return of_network.extract(_load(id, version), _truncated(id, version), paths)


@lru_cache(maxsize=1)
def _truncated(id: str, version: tuple) -> "keras.Model":
    return of_network.truncate(_load(id, version))


@lru_cache(maxsize=4)
def _load(id: str, version: tuple) -> Classifier:
    return classifier.load(store.load(id))
