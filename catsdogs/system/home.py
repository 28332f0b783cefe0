"""The home folder, which CATSDOGS_HOME names. What is in its subfolders is up to the modules that own them."""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.system import locks, paths, shortage


def folder() -> Path:
    """The home folder, created if missing: $CATSDOGS_HOME, else `workspace/` beside app.py."""
    path = _resolved(os.environ.get("CATSDOGS_HOME"), os.getcwd())
    path.mkdir(parents=True, exist_ok=True)
    return path


def require() -> None:
    """Raises InputError if the home folder can't be written to, or files in it can't be locked.

    A full disk is no obstacle: space can be freed on a page.
    """
    reason = _reason()
    if reason:
        given = _resolved(os.environ.get("CATSDOGS_HOME"), os.getcwd())
        raise InputError(f"{given} can't be the home folder: {reason}. Set CATSDOGS_HOME to a folder that can be written to.")
    with suppress(OSError):  # of a full disk
        if not locks.are_possible(folder()):
            raise InputError(f"{folder()} can't be the home folder: no file can be locked there. Set CATSDOGS_HOME to one on another disk.")


def _reason() -> str:
    """Why it can't be the home folder; "" if it can."""
    try:
        if not os.access(folder(), os.W_OK | os.X_OK):
            return "it can't be written to"
    except OSError as error:
        return paths.reason(error)
    try:
        os.listdir(folder() / "runs")
    except PermissionError:
        return "its runs are another user's (permission denied)"
    except OSError:  # there are none yet
        pass
    return ""


@lru_cache(maxsize=100)  # called thousands of times if there are many runs
def _resolved(given: str | None, current: str) -> Path:
    """The absolute path; `current` is the current folder, on which a relative one depends."""
    return paths.resolve(given or Path(__file__).resolve().parents[2] / "workspace")


def subfolder(name: str) -> Path:
    """A subfolder of the home folder, created if missing. Raises shortage.DiskFull if there is no room for it."""
    path = folder() / name
    with shortage.explained(path):
        path.mkdir(exist_ok=True)
    return path
