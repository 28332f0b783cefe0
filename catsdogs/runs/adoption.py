"""A run from elsewhere, file by file, until it is one of the runs here. What may come, and from where, is up to `export.run_import`."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import leftovers, store
from catsdogs.runs.damage import Unreadable
from catsdogs.runs.store import Run
from catsdogs.system import home

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")  # can also be a word of a command, and the name of a file everywhere


@contextmanager
def place(id: str) -> Iterator[Path]:
    """An empty folder for the files of a run from elsewhere, which becomes the run of that id. Check it with `require_ended` first.

    Raises InputError if the id is invalid or taken. After any exception, nothing of it stays.
    """
    parent = home.subfolder("runs")
    if not _ID.fullmatch(id):
        raise InputError(f"{id[:100]!r} is not the id of a run.")
    if os.path.lexists(parent / id):
        raise InputError(f"Run {id} is here already. Delete it first to replace it.")
    with leftovers.made(parent / id) as building:
        yield building


def require_ended(id: str, folder: Path) -> Run:
    """The run of that id in a folder from elsewhere. Raises InputError where it can't be read or has not ended."""
    found = store.find_in(id, folder)
    if not isinstance(found, Run) or found.state not in store.ENDED:
        why = found.sentence if isinstance(found, Unreadable) else "It has not ended."
        raise InputError(f"This is not a run that can be read. {why}")
    return found
