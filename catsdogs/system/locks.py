"""Locks between processes. The operating system releases a lock when its holder exits, even after a crash. Unix only (flock)."""

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
_ADVICE = {errno.EACCES: _OTHERS, errno.EPERM: _OTHERS, errno.EROFS: "Make its disk writable again."}  # why a lock may not be opened
_LOOK_EVERY = 0.02  # seconds


class Taken(Exception):
    """Another process holds the lock."""


@contextmanager
def hold(path: Path, patience: float = math.inf) -> Iterator[int]:
    """Hold the lock on that file, made where it is missing, and as long as a process has what it yields: the open file.

    Raises Taken where it is not free within `patience` seconds, InputError where it may not be opened, or nothing can be locked there, and
    shortage.DiskFull.
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
    """Share the lock on that file, made where it is missing, which keeps others from `hold`. Waits while a process holds it alone."""
    with _opened(path, os.O_RDWR | os.O_CREAT) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def share(file: BinaryIO) -> None:
    """Share the lock on an open file, which keeps others from `hold`, for as long as the file or a memory map of it is open.

    Waits while a process holds it alone.
    """
    fcntl.flock(file, fcntl.LOCK_SH)


def is_held(path: Path) -> bool:
    """Whether a process holds it. Asking takes it for a moment, so `hold` needs some patience where others ask."""
    try:
        with _opened(path, os.O_RDONLY) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    return False


def are_possible(folder: Path) -> bool:
    """Whether files in that folder can be locked, which those of some network file systems can't."""
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """Whatever is there, without waiting for the other end of a pipe: a folder can be locked, too."""
    try:
        opened = os.open(path, flags | os.O_NONBLOCK, 0o666)
    except IsADirectoryError:
        opened = os.open(path, os.O_RDONLY)
    try:
        yield opened
    finally:
        os.close(opened)
