"""Locks between processes, which the operating system releases when their holder exits, even by a crash. Unix only (flock)."""

import errno
import fcntl
import math
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from catsdogs.errors import InputError
from catsdogs.system import paths, shortage

_OTHERS = "Delete it, or start the application as the user it belongs to."
_ADVICE = {errno.EACCES: _OTHERS, errno.EPERM: _OTHERS, errno.EROFS: "Make its disk writable again."}  # if a lock can't be opened
_LOOK_EVERY = 0.02  # seconds


class Taken(Exception):
    """Another process holds the lock."""


@contextmanager
def hold(path: Path, patience: float = math.inf) -> Iterator[int]:
    """Hold the lock on a file, which is created if missing; yields its descriptor. A child process that inherits that holds the lock, too.

    Raises Taken if it is not free within `patience` seconds; InputError if it can't be opened or locked; shortage.DiskFull.
    """
    deadline = time.monotonic() + patience
    with ExitStack() as opened:
        try:
            lock = opened.enter_context(_opened(path, os.O_RDWR | os.O_CREAT))
        except OSError as error:
            if error.errno in _ADVICE:
                raise InputError(f"{path} can't be opened ({paths.reason(error)}). {_ADVICE[error.errno]}") from None
            with shortage.explained(path):
                raise
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Taken from None
                time.sleep(_LOOK_EVERY)
            except OSError as error:  # of some network file systems
                raise InputError(f"{path} can't be locked ({error.strerror}). Choose a folder on another kind of disk.") from None
        yield lock


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Share the lock on a file, which is created if missing, so that nobody can `hold` it. Waits while a process does."""
    with _opened(path, os.O_RDWR | os.O_CREAT) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def share(file: BinaryIO) -> None:
    """Share the lock on an open file, so that nobody can `hold` it, as long as the file or a memory map of it is open.

    Waits while a process holds it.
    """
    fcntl.flock(file, fcntl.LOCK_SH)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock. Asking takes it for a moment, so `hold` needs some patience if others ask."""
    try:
        with _opened(path, os.O_RDONLY) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    return False


def are_possible(folder: Path) -> bool:
    """Whether files in that folder can be locked, which some network file systems do not support."""
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """The descriptor of a file or a folder, which can be locked as well; a pipe is opened without waiting for its other end."""
    try:
        opened = os.open(path, flags | os.O_NONBLOCK, 0o666)
    except IsADirectoryError:
        opened = os.open(path, os.O_RDONLY)
    try:
        yield opened
    finally:
        os.close(opened)
