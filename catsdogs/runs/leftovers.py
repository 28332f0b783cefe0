"""What a killed process left behind in a run folder: temporary files, and of a finished run what only an unfinished one needs.

Removed only under the run's lock, so never from under its worker. Others write small files there without it (a label, a place in the
queue), and Keras unpacks a large model beside it to load it: these go once they are too old to be in use.
"""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.system import clock, files, locks, shortage, temporaries

RESUMING = ("last.keras", "losses.npy")
UNMADE = ".new-"  # before the name of a folder that is not complete yet
_OF_WORKERS = (".keras", ".npy", shortage.SUFFIX)  # which nobody but a worker writes


def sweep(folder: Path, is_finished: bool) -> None:
    """Remove what is left over, unless a process is working on the run. A folder that has not changed is not read again."""
    found = _found(folder, files.version(folder), is_finished)
    if found:
        with suppress(locks.Taken, InputError), locks.hold(folder / "lock", patience=0):  # or a lock that may not be opened
            _remove(found)


def remove(folder: Path) -> None:
    """Remove what is left over. For the worker of the run, before it writes anything."""
    _remove(_found(folder, files.version(folder), is_finished=False))


@contextmanager
def made(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which then gets that name. After any exception, nothing of it stays."""
    building = folder.with_name(f"{UNMADE}{secrets.token_hex(3)}-{folder.name}")
    with shortage.explained(folder):
        _sweep_unmade(folder.parent)
        building.mkdir()
    try:
        yield building
        building.rename(folder)
        files.sync(folder.parent)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _sweep_unmade(parent: Path) -> None:
    """Remove the folders that were never completed, and in which nothing is being written any more."""
    for folder in parent.glob(f"{UNMADE}*"):
        with suppress(OSError):  # another process was faster, or it is another user's
            if clock.now() - max(path.stat().st_mtime for path in (folder, *folder.iterdir())) > temporaries.AGE:
                shutil.rmtree(folder)


@lru_cache(maxsize=10_000)
def _found(folder: Path, version: tuple | None, is_finished: bool) -> tuple[Path, ...]:
    resuming = [folder / name for name in RESUMING if is_finished and (folder / name).exists()]
    return (*temporaries.find(folder), *resuming)


def _remove(found: tuple[Path, ...]) -> None:
    now = clock.now()
    for path in found:
        with suppress(FileNotFoundError):  # another process was faster
            if path.suffix in _OF_WORKERS or now - path.stat().st_mtime > temporaries.AGE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
