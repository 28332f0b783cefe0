"""JPEG files without "JFIF" in their header, which Keras' tutorial on cats and dogs deletes before it trains.

They need not be damaged: cameras write EXIF instead. What can't be decoded is found by `dataset`.
"""

from collections.abc import Sequence
from pathlib import Path

from catsdogs.system import threads

_START = 4096  # bytes; the tutorial looks at one buffer of the file
_SUFFIXES = (".jpg", ".jpeg")


def without_jfif(paths: Sequence[Path]) -> list[Path]:
    """Those of the files that are named like a JPEG and don't have it; one that is gone since is passed over."""
    named = [path for path in paths if path.suffix.lower() in _SUFFIXES]
    return [path for path, is_without in zip(named, threads.in_order(_is_without, named), strict=True) if is_without]


def _is_without(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"JFIF" not in file.read(_START)
    except OSError:
        return False
