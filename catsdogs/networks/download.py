"""Downloads ImageNet's weights into Keras' cache, completely or not at all. Addresses and messages are in `pretrained`."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from catsdogs.networks import pretrained
from catsdogs.settings import Config
from catsdogs.system import files, locks, shortage, transfer
from catsdogs.system.shortage import DiskFull

HASHES = {  # as in Keras, which has none for MobileNetV2
    "efficientnetv2b0": "md5:893217f2bb855e2983157299931e43ff",
    "convnexttiny": "sha256:d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
}
_PARTIAL = ".partial"


def fetch(config: Config, report: Callable[[float, float], None] = lambda done, total: None) -> Path | None:
    """The weights file of a run, downloaded if missing; None if the run is trained from scratch.

    `report(done, total)` counts megabytes, if the server says how many there are, and may raise to stop. A download can be killed at any
    time, and no two processes fetch the same file at once.
    Raises InputError as `pretrained.settle` does, and if the download fails or the hash is wrong; shortage.DiskFull.
    """
    path = pretrained.file(pretrained.settle(config))
    if path is None or path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locks.hold(_lock(path)):
            if not path.exists():
                with shortage.explained(path, f"the weights of {config.model}"):
                    files.replace(path, lambda partial: _download(config, partial, report), path.with_name(f".{path.name}{_PARTIAL}"))
    except DiskFull:
        raise
    except OSError as error:
        raise pretrained.unavailable(config, f"they can't be stored there ({error.strerror})") from None
    return path


def sweep() -> None:
    """Remove what killed downloads left behind."""
    folder = pretrained.file(Config(model="mobilenetv2")).parent  # the same for all networks
    for partial in folder.glob(f".*{_PARTIAL}"):
        path = partial.with_name(partial.name[1:].removesuffix(_PARTIAL))
        if _lock(path).exists():  # else it is another program's, as the folder is shared
            with suppress(locks.Taken, OSError), locks.hold(_lock(path), patience=0):
                transfer.discard(partial)


def _lock(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _download(config: Config, path: Path, report: Callable[[float, float], None]) -> None:
    transfer.discard(path)  # what a killed process has left
    try:
        transfer.fetch(pretrained.url(config), path, lambda done, total: report(round(done / 1e6, 1), max(0.1, round(total / 1e6, 1))))
    except transfer.Failed as error:
        raise pretrained.unavailable(config, str(error)) from None
    finally:
        transfer.forget_version(path)
    algorithm, _, expected = HASHES.get(config.model, "").partition(":")
    if expected:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, algorithm).hexdigest()
        if found != expected:
            raise pretrained.unavailable(config, f"what the server sent does not have the {algorithm} hash that Keras expects")
