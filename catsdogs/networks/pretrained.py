"""The weights that a pretrained network starts from: a file of one's own, or ImageNet's out of Keras' cache, downloaded where missing.

Where they can't be had is known without Keras, before a run is queued. What the networks are, and how weights get into them, is
`backbones`' business. Files are Keras' own, by its names for them (keras.applications), without the classes of ImageNet.
"""

import math
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, redirect_stdout
from http.client import HTTPException
from io import StringIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from catsdogs.errors import InputError
from catsdogs.settings import config as configs
from catsdogs.settings.config import IMAGENET, NO_WEIGHTS, Config
from catsdogs.system import locks

BASE = "https://storage.googleapis.com/tensorflow/keras-applications/"
_FILES = {
    "mobilenetv2": "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{size}_no_top.h5",
    "efficientnetv2b0": "efficientnet_v2/efficientnetv2-b0_notop.h5",
    "convnexttiny": "convnext/convnext_tiny_notop.h5",
}
HASHES = {  # as Keras has them; it has none for MobileNetV2
    "efficientnetv2b0": "893217f2bb855e2983157299931e43ff",
    "convnexttiny": "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
}
_SIZES, _OTHER_SIZE = (96, 128, 160, 192, 224), 224  # px, for which there are weights of MobileNetV2; those for all others
_PATIENCE = 5  # seconds for a server to say that it has a file
_COUNT_EVERY = 0.2  # seconds
_SILENCE = 30  # seconds without a byte, after which a download is given up


def settle(config: Config) -> Config:
    """The configuration with the path of its weights, if there is one, made absolute.

    Raises InputError where the run would find that they can't be had: no such file, or neither in the cache nor to be reached.
    """
    if not config.is_pretrained or config.weights == NO_WEIGHTS:
        return config
    path = file(config)
    if config.weights == IMAGENET:
        if not path.exists():
            _require_reachable(config)
        return config
    if not path.is_file():
        raise InputError(f"weights = {config.weights!r}: there is no such file; give the path of one, or {IMAGENET}, or {NO_WEIGHTS}.")
    return configs.change(config, weights=str(path))


def fetch(config: Config, count: Callable[[float, float], None] = lambda done, total: None) -> Path | None:
    """The file of the weights, after it was downloaded where it is missing; None where the run starts from random ones.

    `count` is told how many megabytes of a download have come, and of how many, where the server says that.
    A download can be killed at any time: what came lies aside until all of it is there, and two never get the same file at once.
    Imports Keras. Raises InputError as `settle` does, and where a download breaks off or isn't what Keras expects.
    """
    path = file(settle(config))
    if path is None or path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locks.hold(path.with_name(f".{path.name}.lock")):
            if not path.exists():
                _download(config, path, count)
    except OSError as error:
        raise InputError(_unavailable(config, f"can't be kept in {path.parent} ({error.strerror})")) from None
    return path


def file(config: Config) -> Path | None:
    """Where the weights of a run lie, or will lie once they were fetched; None where it starts from random ones."""
    if not config.is_pretrained or config.weights == NO_WEIGHTS:
        return None
    if config.weights == IMAGENET:
        return _cache() / url(config).rpartition("/")[2]
    return Path(config.weights).expanduser().resolve()


def url(config: Config) -> str:
    """Where ImageNet's weights for the configuration's network and size are downloaded from."""
    size = config.target_size if config.target_size in _SIZES else _OTHER_SIZE
    return BASE + _FILES[config.model].format(size=size)


def _cache() -> Path:
    """Keras' own, so that what other projects have downloaded is found, and they find what was downloaded here."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "models"


def _require_reachable(config: Config) -> int:
    """Returns how many bytes the file has; 0 where the server does not say it."""
    try:
        with urlopen(Request(url(config), method="HEAD"), timeout=_PATIENCE) as answer:
            return int(answer.headers.get("Content-Length", 0))
    except HTTPError as error:
        raise InputError(_unavailable(config, f"the server answers {error.code} {error.reason} for them")) from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        why = f"the server can't be reached ({getattr(reason, 'strerror', None) or reason})"
        raise InputError(_unavailable(config, why)) from None


def _download(config: Config, path: Path, count: Callable[[float, float], None]) -> None:
    import keras

    size = _require_reachable(config)
    aside = path.with_name(f".{path.name}.part")
    shutil.rmtree(aside, ignore_errors=True)  # of one that was killed
    aside.mkdir()
    try:
        where = {"file_hash": HASHES.get(config.model), "cache_subdir": "", "cache_dir": str(aside)}
        # Keras' bar would stand in what the command line prints, and it tells nobody else how far it is
        with _impatient_sockets(), redirect_stdout(StringIO()), ThreadPoolExecutor(1) as beside:
            coming = beside.submit(keras.utils.get_file, path.name, url(config), **where)
            while size and wait([coming], _COUNT_EVERY).not_done:
                count(_size(aside / path.name) // 100_000 / 10, math.ceil(size / 100_000) / 10)
        if error := coming.exception():
            raise InputError(_unavailable(config, f"the download failed ({_shortened(error)})"))
        os.replace(coming.result(), path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # not begun yet, or given up
        return 0


@contextmanager
def _impatient_sockets() -> Iterator[None]:
    """Keras gives no time limit to its download, which would then wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SILENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _shortened(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")


def _unavailable(config: Config, why: str) -> str:
    unfrozen = " and frozen_epochs = 0" if config.frozen_epochs else ""
    return (
        f"The ImageNet weights of {config.model} are not in {_cache()}, and {why}: download {url(config)} elsewhere and put its path "
        f"in weights, or set weights = {NO_WEIGHTS}{unfrozen} to start from random ones."
    )
