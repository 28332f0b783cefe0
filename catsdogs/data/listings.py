"""Deletes what is kept about folders that were checked: with their data set, or after three months without use.

    listings/<state>.json       a `dataset.Listing`
    listings/<folder>.npz       the results of `decoding`

All of it can be found again as long as the folder is there. Runs need the listings that they were trained on to tell which photographs they
have learned from; `needed` returns the fingerprints of those, which are kept.
"""

import json
import os
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from pathlib import Path

from catsdogs.data import decoding
from catsdogs.system import clock, files, home

_UNUSED = 90 * 24 * 3600  # seconds

Needed = Callable[[], Set[str]]


def use(listing: Path, folder: Path) -> None:
    """Note that a check has used the listing, and the decoding results for the folder."""
    for path in (listing, decoding.place(folder)):
        with suppress(OSError):  # gone, or another user's
            os.utime(path)


def sweep(needed: Needed) -> None:
    """Delete what no check has used for three months; the folder may be gone or hold something else."""
    now = clock.now()
    old = [path for path in home.subfolder("listings").iterdir() if _age(path, now) > _UNUSED]
    for path in old:
        if path.suffix == ".npz":
            _remove(path)
    _forget([path for path in old if path.suffix == ".json"], needed)


def forget(folder: Path, needed: Needed) -> None:
    """Free the space of what is kept about a folder that was deleted."""
    decoding.delete(folder)
    beginning = os.fsencode(f'{{"folder": {json.dumps(str(folder), ensure_ascii=False)}, ')  # as `dataset` writes it
    found = home.subfolder("listings").glob("*.json")
    _forget([path for path in found if _begins(path, beginning)], needed)


def _forget(found: Sequence[Path], needed: Needed) -> None:
    kept = needed() if found else set()
    for path in found:
        if _fingerprint(path) not in kept:
            _remove(path)


def _remove(path: Path) -> None:
    with suppress(OSError):  # another process was faster, or it is another user's
        files.remove(path)


def _age(path: Path, now: float) -> float:
    with suppress(FileNotFoundError):
        return now - path.lstat().st_mtime
    return 0


def _begins(path: Path, beginning: bytes) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(beginning)) == beginning
    return False


def _fingerprint(path: Path) -> str | None:
    """The fingerprint in a listing; None if it can't be read."""
    with suppress(files.Damaged):
        content = files.read_json(path)
        return content.get("fingerprint") if isinstance(content, dict) else None
    return None
