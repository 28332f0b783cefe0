"""The data sets in the home folder and what people call them: named, renamed, deleted. `intake` makes them.

data/<folder>/        a data set: its images, in class folders or however they came
names/<hash>.json     what people call a data set, wherever it lies
"""

import hashlib
import os
import secrets
import shutil
import unicodedata
from functools import partial
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.system import files, home, lists

MAX_NAME = 80  # characters


def checked_name(name: str) -> str:
    """The name without spaces around it. Raises InputError where it is empty, too long, or has control characters."""
    name = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace")).strip()
    if not name or len(name) > MAX_NAME or any(unicodedata.category(character) == "Cc" for character in name):
        raise InputError(f"{name[:MAX_NAME]!r} can't be the name of a data set; allowed are 1 to {MAX_NAME} characters in one line.")
    return name


def name_of(folder: Path) -> str | None:
    """What people call the data set; None where nobody named it. What can't be read is set aside, and told: a name can be given again."""
    path = _name_path(folder)
    return lists.read_by(path, partial(_stored_name, path), None, home.folder() / "names.lock")


def rename(folder: Path, name: str) -> None:
    """Call the data set so from now on. Its folder, and so every run on it, stays as it is. Raises InputError."""
    name_of(folder)  # which sets aside what is in the place of the file
    files.replace_json(_name_path(folder), {"name": checked_name(name), "folder": str(folder)})


def is_own(folder: Path) -> bool:
    """Whether the data set lies in the home folder, so that deleting it is up to the application."""
    return folder.parent == home.subfolder("data") and not folder.name.startswith(".")


def runs_on(folder: Path) -> list[Run]:
    """The runs that were trained, or are to be, on the data set: they keep their models, but lose their photographs with it."""
    return [run for run in store.list_all() if Path(run.config.data) == folder]


def size(folder: Path) -> int:
    """Bytes of disk space that deleting the data set frees."""
    return sum(os.lstat(Path(parent, name)).st_blocks * 512 for parent, _, names in os.walk(folder) for name in names)


def delete(folder: Path) -> None:
    """Delete a data set in the home folder for good. Raises InputError for any other, and while a run on it waits or trains."""
    if not is_own(folder):
        raise InputError(f"{folder} is not a data set of this application; delete it where it came from.")
    busy = [run.id for run in runs_on(folder) if run.state in store.WAITING]
    if busy:
        raise InputError(f"{name_of(folder) or folder.name} is in use by {busy[0]}. Stop that run first.")
    gone = folder.with_name(f".gone-{secrets.token_hex(4)}")
    folder.rename(gone)
    files.remove(_name_path(folder))
    shutil.rmtree(gone, ignore_errors=True)


def _stored_name(path: Path) -> str:
    content = files.read_json(path)
    try:
        return checked_name(content["name"])
    except (KeyError, TypeError, InputError):
        raise files.Damaged(path, "holds no name of a data set") from None


def _name_path(folder: Path) -> Path:
    return home.subfolder("names") / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]}.json"
