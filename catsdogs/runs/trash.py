"""Deleted runs: off the list at once, gone for good when the trash is emptied."""

import os
import secrets
import shutil
from collections.abc import Collection
from contextlib import ExitStack, suppress
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import leftovers, liveness, store
from catsdogs.runs.damage import Unreadable
from catsdogs.runs.store import Run
from catsdogs.system import access, home, locks, shortage

_MARK = ".old-"  # before the name of the folder; the list of runs skips names that begin with a dot


def put(run: Run | Unreadable) -> None:
    """Delete the run, until `restore` or `empty`. Raises InputError while it waits or trains, for the bundled run, and where that fails."""
    access.require_training()
    if run.folder.parent != home.subfolder("runs"):
        raise InputError("This is the bundled run; it can't be deleted.")
    if isinstance(run, Unreadable):
        if run.is_worked_on:
            liveness.request_stop(run.folder)
            raise InputError(f"Run {run.name} is being worked on, and was asked to stop. Delete it when it has ended.")
    else:
        state = store.load(run.id).state  # asked now: `run` may have been read a while ago
        if state in store.WAITING:
            raise InputError(f"Run {run.id} is {state}; stop it first.")
    deleted = run.folder.with_name(_MARK + run.id)
    try:
        try:
            run.folder.rename(deleted)
        except FileNotFoundError:
            raise
        except OSError:  # an older one of the same name; not looked for before, when another session might be putting this one there
            remove(deleted)
            run.folder.rename(deleted)
    except FileNotFoundError:
        raise InputError(f"Run {run.id} has already been deleted.") from None
    except OSError as error:
        raise InputError(f"Run {run.id} can't be deleted ({error.strerror}).") from None


def restore(id: str) -> Run | Unreadable:
    """Undo a deletion. Raises InputError if it is too late or its place is taken, and shortage.DiskFull."""
    access.require_training()
    folder = _folders().get(id)
    if folder is None:
        raise InputError(f"Run {id} is gone for good or was never deleted.")
    place = folder.with_name(id)
    if os.path.lexists(place):
        raise InputError(f"Run {id} can't be restored: another one has taken its place.")
    try:
        with shortage.explained(place, "the run"):
            folder.rename(place)
    except FileNotFoundError:
        raise InputError(f"Run {id} is gone for good.") from None
    return store.find(id)


def is_stored(id: str) -> bool:
    """Whether the run is there, or was deleted and can be restored."""
    return any(os.path.lexists(home.subfolder("runs") / name) for name in (id, _MARK + id))


def empty(ids: Collection[str] | None = None) -> None:
    """Remove these deleted runs for good, or all that there are, and so free their disk space."""
    for id, folder in _folders().items():
        if ids is None or id in ids:
            remove(folder)


def begin() -> ExitStack:
    """When a server starts: empty the trash, unless another server uses this home folder, whose visitors may still want to undo.

    Until what it returns is closed, this one counts as being at it.
    """
    path, at_it = home.folder() / "undo.lock", ExitStack()
    with suppress(OSError, InputError):  # no lock can be had there: nothing is emptied
        with suppress(locks.Taken), locks.hold(path, patience=0):
            empty()
        at_it.enter_context(locks.shared(path))
    return at_it


def remove(path: Path) -> None:
    """Remove what lies in the place of a run for good, in one step as far as anybody can see."""
    if path.is_dir() and not path.is_symlink():
        removed = path.with_name(f"{leftovers.UNMADE}{secrets.token_hex(4)}")  # so that nobody restores half of it
        with suppress(FileNotFoundError):  # another session was faster
            path.rename(removed)
        shutil.rmtree(removed, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _folders() -> dict[str, Path]:
    return {path.name.removeprefix(_MARK): path for path in home.subfolder("runs").glob(f"{_MARK}*")}
