"""Corrections that people make to a data set: how folders are to be read, which images are left out or belong to the other class.

Kept in the home folder, so that no file of the data set is touched and everything can be taken back:

    corrections/<hash>.json     for a data set's folder, whose path is in it

A correction of an image applies to its content: another file in its place inherits nothing; once the first one is back, it applies again.
`layout` uses the roles of folders, `dataset` those of images; each run's environment records those that it was trained with.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NotRequired

from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.data import layout, roles
from catsdogs.errors import InputError
from catsdogs.system import access, digests, files, home, locks, paths, shortage

LEFT_OUT = layout.LEFT_OUT
FINE = "fine"  # of an image that the health check found: nothing is wrong with it
_CLASSES = {f"{layout.CLASS}{word}": word for word in (LEFT_OUT, FINE)}  # classes with such names, by the role that means them


class _Stored(TypedDict):
    """corrections/<hash>.json; `contents` has the size in bytes, the time in ns and the SHA-256 of each image's file when it was corrected.
    Corrections by earlier versions have none and go by the path alone.
    """

    folders: dict[str, str]
    images: dict[str, str]
    contents: NotRequired[dict[str, tuple[int, int, str]]]


@dataclass(frozen=True)
class Corrections:
    """Roles by relative path: of folders as `layout.read` takes them, of images LEFT_OUT, FINE or the name of a class."""

    folders: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, str]:
        """The images that are left out or belong to another class than their folders say."""
        return {path: role for path, role in self.images.items() if role != FINE}


def role_of(class_name: str) -> str:
    """The role of an image that belongs to that class: its name, unless that is a role of its own."""
    role = f"{layout.CLASS}{class_name}"
    return role if role in _CLASSES else class_name


def class_of(role: str) -> str:
    """The class of an image with that role, which is neither left out nor fine."""
    return _CLASSES.get(role, role)


def load(folder: Path) -> Corrections:
    """The corrections of a data set that apply to the files that are there now. Raises InputError if they can't be read."""
    return _holding(folder, _stored(folder))


def load_folders(folder: Path) -> Mapping[str, str]:
    """The roles of its folders, without looking at any file. Raises InputError if they can't be read."""
    return _stored(folder)["folders"]


def change(
    folder: Path,
    folders: Mapping[str, str | None] | None = None,
    images: Mapping[str, str | None] | None = None,
    shown: Mapping[str, str | None] | None = None,
) -> Corrections:
    """Add these corrections to those of the data set; a role of None takes one back. Returns those that apply.

    `shown` has the digests of the images that a person saw, where these are known. Raises InputError for an invalid role, if the folder is
    gone, and if an image is another one by now, as where another data set has taken the place of the one that was shown.
    """
    access.require_training()
    for path, role in (folders or {}).items():
        if role is not None and not layout.is_role(role):
            raise InputError(
                f"{path}: {role!r} is not a role of a folder; allowed are {', '.join((*roles.SUBSETS, LEFT_OUT))} and class NAME."
            )
    path, given = _path(folder), images or {}
    with locks.hold(path.with_suffix(".lock")):
        now = {name: _content(folder / name) for name, role in given.items() if role is not None}
        if not paths.is_folder(folder):  # deleted in another tab: a new one in its place starts without corrections
            raise InputError(f"There is no folder {folder} any more, so nothing in it can be corrected.")
        for name, digest in (shown or {}).items():
            if digest and now.get(name) and now[name][2] != digest:
                raise InputError(f"{name} has been replaced since you saw it. Look at the data set again.")
        known = _stored(folder)
        changed = _Stored(
            folders=_merged(known["folders"], folders or {}),
            images=_merged(known["images"], given),
            contents=_merged(known.get("contents", {}), {**dict.fromkeys(given), **now}),
        )
        with shortage.explained(home.folder(), f"the corrections of {folder}"):
            files.replace_json(path, {"folder": str(folder), **changed})
    return _holding(folder, changed)


def delete(folder: Path) -> None:
    """Delete the corrections of a data set whose folder is gone, so that a new one in its place starts without them."""
    path = _path(folder)
    lock = path.with_suffix(".lock")
    with locks.hold(lock) if lock.exists() else nullcontext():  # without one, nobody is correcting, or will find the folder gone
        files.remove(path)


def _stored(folder: Path) -> _Stored:
    path = _path(folder)
    try:
        if not files.is_there(path):
            return _Stored(folders={}, images={})
        found = files.read_json(path, _Stored)
        if any(map(paths.leads_out, found["images"])):
            raise files.Damaged(path, "leads out of the folder")
    except files.Damaged:
        raise InputError(f"The corrections of {folder} can't be read. Delete {path} to begin anew without them.") from None
    return found


def _holding(folder: Path, stored: _Stored) -> Corrections:
    contents = stored.get("contents", {})
    images = {name: role for name, role in stored["images"].items() if name not in contents or _is_same(folder / name, contents[name])}
    return Corrections(stored["folders"], images)


def _is_same(file: Path, content: tuple[int, int, str]) -> bool:
    """Whether the file has that content; it is read only if just its time has changed. One that can't be looked at counts as the same."""
    size, time, digest = content
    try:
        found = os.stat(file)
        return found.st_size == size and (found.st_mtime_ns == time or _digest(file, files.mark(found)) == digest)
    except OSError:
        return True


def _content(file: Path) -> tuple[int, int, str] | None:
    """Its size, time and digest; None if it can't be read or is no file, so that the correction goes by the path."""
    try:
        found = os.stat(file)
        is_file = stat.S_ISREG(found.st_mode)
        return (found.st_size, found.st_mtime_ns, _digest(file, files.mark(found))) if is_file else None
    except OSError:
        return None


@lru_cache(maxsize=10_000)
def _digest(file: Path, version: tuple) -> str:
    return digests.of_file(file)


def _merged(known: Mapping, new: Mapping) -> dict:
    return {path: said for path, said in sorted({**known, **new}.items()) if said is not None}


def _path(folder: Path) -> Path:
    return home.subfolder("corrections") / f"{digests.of_text(folder)}.json"
