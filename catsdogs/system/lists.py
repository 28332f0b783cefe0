"""JSON files that several processes change: each change holds the file's lock, and a file that can't be read is replaced by a new one.

The old file is kept beside it, as in `folders.json.unreadable-1`, and people are told.
"""

import os
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from catsdogs.system import files, locks, notices
from catsdogs.system.files import Damaged, Hindered


def read(path: Path, shape: object, empty, lock: Path | None = None):
    """What is stored at `path`, of type `shape` (see `files.read_json`); `empty` if nothing is, or it can't be read.

    `lock` is by default `path` with the suffix .lock. Raises Damaged if a file that can't be read can't be set aside either, and Hindered.
    """
    return read_by(path, partial(files.read_json, path, shape), empty, lock)


def read_by(path: Path, content: Callable[[], object], empty, lock: Path | None = None):
    """As `read`, given a function that reads the file and raises Damaged."""
    try:
        return _stored(path, content, empty)
    except Damaged:
        with locks.hold(lock or path.with_suffix(".lock")):
            return _recovered(path, content, empty)


def change(path: Path, shape: object, empty, to: Callable, lock: Path | None = None):
    """Store what `to` makes of what is stored, and return it; `to` must not modify its argument, and is called with the lock held.

    Raises as `read` does, OSError, and what `to` raises; nothing is changed then.
    """
    with locks.hold(lock or path.with_suffix(".lock")):
        before = _recovered(path, partial(files.read_json, path, shape), empty)
        after = to(before)
        if after != before:
            files.replace_json(path, after)
        return after


def _stored(path: Path, content: Callable[[], object], empty):
    return content() if files.is_there(path) else empty


def _recovered(path: Path, content: Callable[[], object], empty):
    """Read again with the lock held, since another process may have replaced the file meanwhile; else set it aside."""
    try:
        return _stored(path, content, empty)
    except Hindered:  # nothing need be wrong with the list
        raise
    except Damaged as found:
        aside = next(aside for number in count(1) if not os.path.lexists(aside := path.with_name(f"{path.name}.unreadable-{number}")))
        try:
            path.rename(aside)
        except OSError as error:
            raise Damaged(path, f"{found.reason} and can't be set aside ({error.strerror}): move it away") from None
        notices.leave(f"{found} It was set aside as {aside.name}, and a new one was begun.")
        return empty
