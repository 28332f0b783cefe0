"""Deleted runs: off the list at once, gone for good when the trash is emptied."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.system import home

_MARK = ".old-"  # before the name of the folder; the list of runs skips names that begin with a dot


def put(run: Run) -> None:
    """Delete the run, until `restore` or `empty`. Raises InputError while it waits or trains, and for the bundled run."""
    if run.id == store.SHIPPED:
        raise InputError("This is the bundled run; it can't be deleted.")
    state = store.load(run.id).state  # asked now: `run` may have been read a while ago
    if state in store.WAITING:
        raise InputError(f"Run {run.id} is {state}; stop it first.")
    run.folder.rename(run.folder.with_name(_MARK + run.id))


def restore(id: str) -> Run:
    """Undo a deletion. Raises InputError where it is too late."""
    folder = _folders().get(id)
    if folder is None:
        raise InputError(f"Run {id} is gone for good or was never deleted.")
    folder.rename(folder.with_name(id))
    return store.load(id)


def empty(ids: Sequence[str] | None = None) -> None:
    """Remove these deleted runs for good, or all that there are, and so free their disk space."""
    for id, folder in _folders().items():
        if ids is None or id in ids:
            shutil.rmtree(folder, ignore_errors=True)  # another session may be at it


def size(run: Run) -> int:
    """Bytes of disk space that deleting the run will free."""
    return sum(entry.stat().st_blocks * 512 for entry in os.scandir(run.folder))


def _folders() -> dict[str, Path]:
    return {path.name.removeprefix(_MARK): path for path in home.subfolder("runs").glob(f"{_MARK}*")}
