"""What people say of a data set beside its files: how a folder is to be read, which images are left out or belong to the other class.

Kept in the home folder, so that no file of the data set is touched and everything can be taken back:

    corrections/<hash>.json     of the data set's folder, whose path is in it

`layout` goes by the roles of folders, `dataset` by those of images; each run's environment holds what it was trained by.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from catsdogs.data import layout, roles
from catsdogs.errors import InputError
from catsdogs.system import access, files, home, locks, paths

LEFT_OUT = layout.LEFT_OUT
FINE = "fine"  # of an image: the finding is not one; it is used as it is
_CLASSES = {f"{layout.CLASS}{word}": word for word in (LEFT_OUT, FINE)}  # by the role of an image in one that is called so


@dataclass(frozen=True)
class Corrections:
    """Roles by relative path: of folders as `layout.read` takes them, of images LEFT_OUT, FINE or the name of a class."""

    folders: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, str]:
        """Of the images, those that are not used as their folders say."""
        return {path: role for path, role in self.images.items() if role != FINE}


def role_of(class_name: str) -> str:
    """The role of an image that belongs to that class: its name, unless that means something else."""
    role = f"{layout.CLASS}{class_name}"
    return role if role in _CLASSES else class_name


def class_of(role: str) -> str:
    """The class that an image of that role belongs to, where it is neither left out nor fine."""
    return _CLASSES.get(role, role)


def load(folder: Path) -> Corrections:
    """The corrections of a data set. Raises InputError where they can't be read."""
    path = _path(folder)
    try:
        if not files.is_there(path):
            return Corrections()
        content = files.read_json(path)
        found = Corrections(_strings(content["folders"]), _strings(content["images"]))
        if any(map(paths.leads_out, found.images)):
            raise ValueError
        return found
    except (files.Damaged, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"The corrections of {folder} can't be read. Delete {path} to begin anew without them.") from None


def change(folder: Path, folders: Mapping[str, str | None] | None = None, images: Mapping[str, str | None] | None = None) -> Corrections:
    """Add these corrections to those of the data set; a role of None takes one back. Returns all. Raises InputError for a bad role."""
    access.require_training()
    for path, role in (folders or {}).items():
        if role not in (None, LEFT_OUT, *roles.SUBSETS) and not (role.startswith(layout.CLASS) and role.removeprefix(layout.CLASS)):
            raise InputError(
                f"{path}: {role!r} is not a role of a folder; allowed are {', '.join((*roles.SUBSETS, LEFT_OUT))} and class NAME."
            )
    path = _path(folder)
    with locks.hold(path.with_suffix(".lock")):
        known = load(folder)
        changed = Corrections(_merged(known.folders, folders or {}), _merged(known.images, images or {}))
        files.replace_json(path, {"folder": str(folder), **asdict(changed)})
    return changed


def delete(folder: Path) -> None:
    """Forget the corrections of a data set, so that another one in its place begins without."""
    files.remove(_path(folder))


def _merged(known: Mapping[str, str], new: Mapping[str, str | None]) -> dict[str, str]:
    return {path: role for path, role in sorted({**known, **new}.items()) if role is not None}


def _strings(content: Mapping) -> dict[str, str]:
    if any(not isinstance(text, str) for pair in content.items() for text in pair):
        raise TypeError
    return dict(content)


def _path(folder: Path) -> Path:
    return home.subfolder("corrections") / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]}.json"
