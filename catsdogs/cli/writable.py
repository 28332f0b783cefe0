"""Whether a command may write the file that it was given, and what is said where the system refuses it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.system import paths, shortage
from catsdogs.system.shortage import DiskFull


def require(path: Path, is_forced: bool) -> None:
    """Raises InputError where it is a folder or has none, is there and may not be replaced, or can't be made there."""
    if paths.resolve(path).is_dir():
        raise InputError(f"{path} is a folder. Give the name of a file.")
    if path.exists() and not is_forced:
        raise InputError(f"{path} already exists. Give another name, or --force to replace it.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to put {path.name} into.")
    if not os.access(path.parent, os.W_OK | os.X_OK):  # before minutes go into what is to be written
        raise InputError(f"{path.parent} can't be written to. Give a file in another folder.")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise InputError by that name where the system refuses the file that is written within, under a temporary name beside it."""
    try:
        with shortage.explained(path, path.name):
            yield
    except DiskFull:
        raise
    except OSError as error:
        if error.filename is None or Path(error.filename).parent != path.parent:
            raise
        raise InputError(f"{path} can't be written ({paths.reason(error)}). Give a file in another folder.") from None
