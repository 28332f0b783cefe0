"""Whether a command may write the file that it was given."""

from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.system import paths


def require(path: Path, is_forced: bool) -> None:
    """Raises InputError where it is a folder or has none, or is there and may not be replaced."""
    if paths.resolve(path).is_dir():
        raise InputError(f"{path} is a folder. Give the name of a file.")
    if path.exists() and not is_forced:
        raise InputError(f"{path} already exists. Give another name, or --force to replace it.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to put {path.name} into.")
