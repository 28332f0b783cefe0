"""Finds the weights that a network starts from: a file of one's own, ImageNet's in Keras' cache or on its server, or a run's.

Whether they are available is checked without Keras, before a run is queued. `download` fetches them, `backbones` loads them into a network.
The files are those of keras.applications, under the same names and without the classes of ImageNet. `runs.origin` says which runs can be
started from.
"""

import os
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import origin
from catsdogs.settings.choices import IMAGENET, NO_WEIGHTS
from catsdogs.settings.config import Config, change
from catsdogs.system import paths, words

BASE = "https://storage.googleapis.com/tensorflow/keras-applications/"
_FILES = {
    "mobilenetv2": "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{size}_no_top.h5",
    "efficientnetv2b0": "efficientnet_v2/efficientnetv2-b0_notop.h5",
    "convnexttiny": "convnext/convnext_tiny_notop.h5",
}
_SIZES, _OTHER_SIZE = (96, 128, 160, 192, 224), 224  # px for which MobileNetV2 has weights, and the one used for other sizes
_PATIENCE = 5  # seconds for the server to answer


def settle(config: Config) -> Config:
    """The configuration, with the path of its weights made absolute if it has one.

    Raises InputError if the run could not get its weights: there is no such file, they are neither in the cache nor on a server within
    reach, or there is no such run to start from.
    """
    origin.require(config)
    path = file(config)
    if path is None:
        return config
    if config.weights == IMAGENET:
        if not path.exists():
            _require_reachable(config)
        return config
    if not path.is_file():
        raise InputError(f"weights = {config.weights!r}: there is no such file; give the path of one, or {IMAGENET}, or {NO_WEIGHTS}.")
    return change(config, weights=str(path))


def file(config: Config) -> Path | None:
    """The file of a run's weights, which may have to be downloaded; None if it starts from a run, or is trained from scratch."""
    if not config.is_pretrained or config.start_from or config.weights == NO_WEIGHTS:
        return None
    if config.weights == IMAGENET:
        return _cache() / url(config).rpartition("/")[2]
    return paths.resolve(config.weights)


def url(config: Config) -> str:
    """The address of ImageNet's weights for the configuration's network and size."""
    size = config.target_size if config.target_size in _SIZES else _OTHER_SIZE
    return BASE + _FILES[config.model].format(size=size)


def _cache() -> Path:
    """Keras' own folder, shared with other projects both ways."""
    return paths.resolve(os.environ.get("KERAS_HOME") or "~/.keras") / "models"


def _require_reachable(config: Config) -> None:
    import requests  # takes 0.1 s, which pages pay only here

    try:
        requests.head(url(config), timeout=_PATIENCE, allow_redirects=True).raise_for_status()
    except requests.RequestException as error:
        raise unavailable(config, words.request_failure(error)) from None


def unavailable(config: Config, why: str) -> InputError:
    """The error to raise if ImageNet's weights are not available, with the ways out; `why` continues a sentence."""
    unfrozen = " and frozen_epochs = 0" if config.frozen_epochs else ""
    return InputError(
        f"The ImageNet weights of {config.model} are not in {_cache()}, and {why}: download {url(config)} elsewhere and put its path "
        f"in weights, or set weights = {NO_WEIGHTS}{unfrozen} to train from scratch."
    )
