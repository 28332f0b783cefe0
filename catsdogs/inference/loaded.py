"""Models that stay loaded between requests; for the pages, in a process of its own, `companion`.

`id` is that of a run, and `version` its `store.answer_version`: if that has changed, the model is loaded again.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catsdogs.inference import classifier, heat_maps
from catsdogs.inference import features as of_network
from catsdogs.inference import layers as network_layers
from catsdogs.inference.classifier import Answer, Classifier
from catsdogs.inference.heat_maps import Explainer, HeatMap
from catsdogs.inference.layers import Activations, Layer
from catsdogs.runs import store

if TYPE_CHECKING:
    import keras


def classify(
    id: str, version: tuple, images: list[tuple[str, bytes | Path]], temperature: float = 1.0, mirror: bool = False
) -> list[Answer]:
    """`classifier.classify` by that run."""
    return classifier.classify(_load(id, version), images, temperature=temperature, mirror=mirror)


def prepare(id: str, version: tuple) -> None:
    """Do everything that the first `classify` would take longer for. Raises InputError as `classifier.load` does."""
    loaded = _load(id, version)
    side = loaded.target_size
    for count in (1, 2):  # Keras compiles for one image, and again for any number
        classifier.predict(loaded, np.zeros((count, side, side, 3), np.uint8))


def features(id: str, version: tuple, paths: list[Path], again: bool = False) -> np.ndarray:
    """`features.extract` by that run."""
    return of_network.extract(_load(id, version), _truncated(id, version), paths, again)


def heat_map(id: str, version: tuple, source: bytes | Path) -> HeatMap:
    """`heat_maps.make` by that run."""
    return heat_maps.make(_explainer(id, version), source)


def layers(id: str, version: tuple) -> list[Layer]:
    """`layers.describe` of the network of that run."""
    return network_layers.describe(_load(id, version).model)


def activations(id: str, version: tuple, name: str, source: bytes | Path, most: int) -> Activations:
    """`layers.activate` by that run."""
    return network_layers.activate(_load(id, version), name, source, most)


@lru_cache(maxsize=4)
def _explainer(id: str, version: tuple) -> Explainer:
    return heat_maps.prepare(_load(id, version))


@lru_cache(maxsize=1)
def _truncated(id: str, version: tuple) -> "keras.Model":
    return of_network.truncate(_load(id, version))


@lru_cache(maxsize=4)
def _load(id: str, version: tuple) -> Classifier:
    return classifier.load(store.load(id))
