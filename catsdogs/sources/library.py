"""The data sets in the home folder and what people call them: named, renamed, deleted.

    data/<folder>/          a data set: its images, in class folders or however they came
    data/.gone-<x>/         one that is being deleted, or whose deletion was interrupted
    names/<hash>.json       the name of a data set, wherever it lies; for those made here, also who made it and the space that it takes

`intake` makes them.
"""

import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.data import corrections, listings
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.system import access, digests, files, home, lists, locks, paths, shortage

MAX_NAME = 80  # characters
GONE = ".gone-"
_NAMELESS = "Photographs"
_CAMERA = re.compile(r"camera(-\d+)?")  # folders of data sets called Camera
_TAKEN = re.compile(r"(cats|dogs)/\1\.[0-9a-f]{12}\.jpg")  # photographs in them


class _Noted(TypedDict, total=False):
    """names/<hash>.json; `by` and `bytes` are missing in those of earlier versions, and for data sets that nobody made here."""

    name: str
    folder: str
    by: str
    bytes: int
    grows: bool  # by one image after the other


@dataclass(frozen=True)
class Made:
    """A data set that was made here: the name of whoever made it, and its bytes when it was last added to."""

    folder: Path
    by: str
    bytes: int


def changing():
    """Hold the lock under which data sets are added, extended and counted."""
    return locks.hold(home.folder() / "data.lock")


def made() -> Iterator[Made]:
    """The data sets that are still there and known to be somebody's."""
    for path in home.subfolder("names").glob("*.json"):
        noted = _noted(path)
        if {"folder", "by", "bytes"} <= noted.keys() and Path(noted["folder"]).is_dir():
            yield Made(Path(noted["folder"]), noted["by"], noted["bytes"])


def maker(folder: Path) -> str:
    """The name of whoever made the data set; "" if nobody did, or they have none."""
    return _noted(_name_path(folder)).get("by", "")


def note_growing(folder: Path) -> None:
    """Note that the data set was made to be extended, image by image."""
    _note(folder, grows=True)


def growing() -> Iterator[Path]:
    """The data sets that whoever asks has made to be extended, if they are still there."""
    for path in home.subfolder("names").glob("*.json"):
        noted = _noted(path)
        if noted.get("by", "") == access.person().name and "folder" in noted:
            folder = Path(noted["folder"])
            if folder.is_dir() and (noted.get("grows") or _has_grown(folder)):
                yield folder


def _has_grown(folder: Path) -> bool:
    """Whether it is the camera's, by its name and those of its files, since earlier versions did not note it."""
    if not (is_own(folder) and _CAMERA.fullmatch(folder.name)):
        return False
    return all(_TAKEN.fullmatch(file.relative_to(folder).as_posix()) for file in folder.rglob("*") if file.is_file())


def note_size(folder: Path, by: str | None = None, staged: Path | None = None) -> None:
    """Note how much space a data set takes if somebody is known to have made it, or `by` has now; it may still be `staged` elsewhere."""
    path = _name_path(folder)
    by = _noted(path).get("by") if by is None else by
    if by is not None:
        _note(folder, by=by, bytes=files.space(staged or folder))


def checked_name(name: str) -> str:
    """The name without spaces around it. Raises InputError if it is empty, too long, or has control characters."""
    name = _composed(name).strip()
    if len(name) > MAX_NAME:
        raise InputError(f"The name of a data set may have at most {MAX_NAME} characters; this one has {len(name):,}.")
    if not name or any(unicodedata.category(character) == "Cc" for character in name):
        raise InputError(f"{name!r} can't be the name of a data set; use 1 to {MAX_NAME} characters in one line.")
    return name


def fitting_name(text: str) -> str:
    """A valid name made of that of a file or folder: shortened, and in one line."""
    in_a_line = "".join(character for character in _composed(text) if unicodedata.category(character) != "Cc")
    return in_a_line.strip()[:MAX_NAME].strip() or _NAMELESS


def name_of(folder: Path) -> str | None:
    """The name of the data set; None if it has none. A file that can't be read is set aside with a notice: a name can be given again."""
    path = _name_path(folder)
    return lists.read_by(path, partial(_stored_name, path), None, _lock())


def rename(folder: Path, name: str) -> None:
    """Give the data set another name. Its folder, and so every run on it, stays as it is. Raises InputError, also if it is gone."""
    access.require_training()
    with changing():  # a new one in its place has a name of its own
        if not paths.is_folder(folder):
            raise InputError(f"There is no folder {folder} any more, so it can't be renamed.")
        give_name(folder, name)


def give_name(folder: Path, name: str) -> None:
    """As `rename`, for a data set that is being made. Raises InputError for an invalid name."""
    _note(folder, name=checked_name(name))


def is_own(folder: Path) -> bool:
    """Whether the data set lies in the home folder, so that deleting it is up to the application."""
    return folder.parent == home.subfolder("data") and not folder.name.startswith(".")


def runs_on(folder: Path) -> list[Run]:
    """The runs on the data set, waiting ones included: if it is deleted, they keep their models but lose their photographs."""
    return [run for run in store.list_all() if Path(run.config.data) == folder]


def delete(folder: Path, version: tuple | None = None) -> None:
    """Delete a data set in the home folder for good, with its name, its corrections and its listings. Does nothing if it is gone.

    Raises InputError for any other data set, while a run on it waits or trains, and if `files.version` of its folder is not `version` any
    more, where that is given: another data set may have come to lie there.
    """
    access.require_training()
    if not is_own(folder):
        raise InputError(f"{folder} is not a data set of this application; delete it where it came from.")
    busy = [run.id for run in runs_on(folder) if run.state in store.WAITING]
    if busy:
        raise InputError(f"{folder} is in use by {busy[0]}. Stop that run first.")
    gone = folder.with_name(f"{GONE}{secrets.token_hex(4)}")
    with changing():  # as soon as the folder is free, a new data set may get it, with a name and corrections of its own
        if version and files.version(folder) not in (version, None):
            raise InputError(f"{folder} has changed since you were asked. Look at it again before you delete it.")
        with suppress(FileNotFoundError):
            folder.rename(gone)
        files.remove(_name_path(folder))
        corrections.delete(folder)
        listings.forget(folder, _learned_from)
    shutil.rmtree(gone, ignore_errors=True)


def sweep() -> None:
    """Delete the listings of folders that nobody has checked for three months."""
    listings.sweep(_learned_from)


def _learned_from() -> set[str]:
    """The fingerprints of the listings that runs were trained on."""
    return {store.environment(run).get("data_fingerprint", "") for run in store.list_all()}


def _note(folder: Path, **facts) -> None:
    with shortage.explained(home.folder(), "the name of the data set" if "name" in facts else "who made the data set"):
        lists.change(_name_path(folder), _Noted, {}, lambda before: {**before, "folder": str(folder), **facts}, _lock())


def _noted(path: Path) -> _Noted:
    return lists.read(path, _Noted, {}, _lock())


def _stored_name(path: Path) -> str | None:
    name = files.read_json(path, _Noted).get("name")
    try:
        return name and checked_name(name)
    except InputError:
        raise files.Damaged(path, "holds no name of a data set") from None


def _composed(text: str) -> str:
    """The text with accented letters composed, and what is not valid UTF-8 replaced."""
    return unicodedata.normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _lock() -> Path:
    return home.folder() / "names.lock"


def _name_path(folder: Path) -> Path:
    return home.subfolder("names") / f"{digests.of_text(folder)}.json"
