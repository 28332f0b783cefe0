"""Temporary files, renamed once they are complete: their names, and the removal of those that killed processes left behind."""

import re
import secrets
from contextlib import suppress
from pathlib import Path

AGE = 60  # seconds without a byte written, after which nobody is writing a small file any more
_OURS = re.compile(r"\.new-[0-9a-f]{8}(\.\w+)?")
_KERAS = re.compile(r"tmp[a-z0-9_]{8}")  # a file or a folder beside a large model, as Python's tempfile names them


def name(path: Path) -> Path:
    """A new path beside `path`, with its suffix, for the file that is to replace it."""
    return path.with_name(f".new-{secrets.token_hex(4)}{path.suffix}")


def find(folder: Path) -> tuple[Path, ...]:
    """The temporary files in a folder, including Keras'; some may be in use."""
    return tuple(path for path in folder.iterdir() if _OURS.fullmatch(path.name) or _KERAS.fullmatch(path.name))


def sweep(written: Path) -> None:
    """Remove other temporary files with the suffix of one that was just written, in its folder, if they are older than it by AGE."""
    for path in written.parent.glob(f".new-*{written.suffix}"):
        with suppress(FileNotFoundError):  # another process sweeps as well, or has just put it in its place
            is_alike = _OURS.fullmatch(path.name) and path.suffix == written.suffix
            if is_alike and written.stat().st_mtime - path.stat().st_mtime > AGE:
                path.unlink()
