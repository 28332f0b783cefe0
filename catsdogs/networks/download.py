"""Downloads ImageNet's weights into Keras' cache, completely or not at all. Addresses and messages are in `pretrained`."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from catsdogs.networks import pretrained
from catsdogs.settings import Config
from catsdogs.system import files, locks

HASHES = {  # as in Keras, which has none for MobileNetV2
    "efficientnetv2b0": "md5:893217f2bb855e2983157299931e43ff",
    "convnexttiny": "sha256:d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
}
_SILENCE = 30  # seconds without a byte, after which a download is given up
_CHUNK = 2**16  # bytes
_PARTIAL = ".partial"


def fetch(config: Config, report: Callable[[float, float], None] = lambda done, total: None) -> Path | None:
    """The weights file of a run, downloaded if missing; None if the run is trained from scratch.

    `report(done, total)` counts megabytes, if the server says how many there are, and may raise to stop. A download can be killed at any
    time, and no two processes fetch the same file at once.
    Raises InputError as `pretrained.settle` does, and if the download breaks off or the hash is wrong.
    """
    path = pretrained.file(pretrained.settle(config))
    if path is None or path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locks.hold(_lock(path)):
            if not path.exists():
                files.replace(path, lambda partial: _download(config, partial, report), path.with_name(f".{path.name}{_PARTIAL}"))
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
                partial.unlink()


def _lock(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _download(config: Config, path: Path, report: Callable[[float, float], None]) -> None:
    # slow to import, and few runs download
    import pooch
    import requests

    try:
        pooch.HTTPDownloader(_Megabytes(report), _CHUNK, timeout=_SILENCE)(pretrained.url(config), path, None)
    except requests.RequestException as error:
        raise pretrained.unavailable(config, pretrained.failure(error)) from None
    algorithm, _, expected = HASHES.get(config.model, "").partition(":")
    if expected and pooch.file_hash(path, algorithm) != expected:
        raise pretrained.unavailable(config, f"what the server sent does not have the {algorithm} hash that Keras expects")


class _Megabytes:
    """A progress bar for pooch, which reports megabytes."""

    def __init__(self, report: Callable[[float, float], None]):
        self.report, self.done, self.total = report, 0, 0

    def update(self, count: int) -> None:
        self.done = min(self.done + count, self.total)  # pooch counts the last chunk as a whole one
        if self.total:
            self.report(round(self.done / 1e6, 1), round(self.total / 1e6, 1))

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        pass
