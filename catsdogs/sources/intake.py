"""Photographs from a person's own machine -> a data set in the home folder, whole or not at all.

    data/.incoming-<x>/         one that is being made; its maker holds data/.incoming-<x>.lock

`archive` unpacks ZIP files, `library` keeps what is made here; the classes are found later, by `data.layout`.
"""

import os
import re
import secrets
import shutil
import stat
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from catsdogs.data import dataset, formats
from catsdogs.errors import InputError
from catsdogs.sources import allowance, archive, library
from catsdogs.sources.archive import LeftOut
from catsdogs.sources.catalogue import Offer
from catsdogs.system import access, files, home, locks, shortage

_STAGING = ".incoming-"
_ABANDONED = 3600  # seconds
_RESERVED = ("drawn-", "downloaded-")  # beginnings of folders whose names tell where they came from
_LONGEST_NAME, _LONGEST_PATH = 255, 2000  # bytes; what systems take, and half of it, for the path to the home folder comes before
_NUMBERED = 200  # bytes of a long name to which a number is added
_CHUNK = 2**20  # bytes that are copied at once
_NO_IMAGE = "Not an image."
_FOLDER_NAME = 60  # characters of a folder's name that come from the data set's

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Added:
    """A data set that was made: its folder, how many images came, and what was left out, each with its reason."""

    folder: Path
    images: int
    left_out: tuple[LeftOut, ...]


def add_archive(path: Path, name: str = "", report: Report = lambda done, total: None, to: Path | None = None, called: str = "") -> Added:
    """Make a data set of a ZIP file's images; its name is the file's unless one is given, its place the home folder unless `to` is.
    `called` is what messages call the file, where its own name means nothing to people.

    Raises InputError as `archive.unpack` does, where `to` is not empty, and where it is more than whoever asks may have, which does not
    count what goes to a place that the caller chose; nothing is left behind then.
    """
    access.require_training()
    name = library.checked_name(name or library.fitting_name(path.stem))
    if to:
        require_empty(to)
    with _staging(to.parent if to else home.subfolder("data")) as folder:
        watch = (lambda written: access.require_spare(folder)) if to else allowance.watch(folder)
        unpacked = archive.unpack(path, folder, report, called, watch)
        return Added(_settle(folder, name, to), unpacked.images, unpacked.left_out)


def require_empty(to: Path) -> None:
    """Raise InputError where something is at the place for a data set, but for an empty folder."""
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise InputError(f"{to} is not empty. Name another folder, or empty it.")


def add_folder(source: Path, name: str = "", report: Report = lambda done, total: None) -> Added:
    """Make a data set of a copy of a folder's images; links and what can't be read are left out. Raises as `add_files` does, OSError."""
    access.require_training()
    if not source.is_dir():
        raise InputError(f"There is no folder or ZIP file {source} on this machine.")
    paths, left_out = _files_below(source)
    named = [(path.relative_to(source).as_posix(), path) for path in paths]
    return add_files(named, name or library.fitting_name(source.resolve().name), report, left_out)


def add_files(
    sources: Sequence[tuple[str, Path | bytes]],
    name: str,
    report: Report = lambda done, total: None,
    unread: Sequence[LeftOut] = (),
) -> Added:
    """Make a data set of files by their relative paths, such as `cats/1.jpg`; those that are no images are left out, and so are the
    `unread`, which the caller found beside them.

    Raises InputError where none is an image, a path leads out of the folder, or it is more than whoever asks may have.
    """
    access.require_training()
    name, left_out, total = library.checked_name(name), [*unread], len(sources) + len(unread)
    with _staging(home.subfolder("data")) as folder:
        watch, written = allowance.watch(folder), 0
        for done, (path, source) in enumerate(sources, start=1):
            try:
                written += _take(folder, path, source, lambda size, before=written: watch(before + size))
            except _Skip as skip:
                left_out.append(LeftOut(path, str(skip)))
            report(done, len(sources))
        count = total - len(left_out)
        if not count:
            others = [entry for entry in left_out if entry.reason != _NO_IMAGE]
            first = f" {len(others):,} can't be taken; the first one, {others[0].name}: {others[0].reason}" if others else ""
            raise InputError(f"None of the {total:,} files is an image ({', '.join(formats.SUFFIXES)}).{first}")
        return Added(_settle(folder, name), count, tuple(left_out))


def folder_of(offer: Offer) -> Path:
    """Where a downloaded data set goes."""
    return home.subfolder("data") / f"downloaded-{offer.name}"


def extend(folder: Path, label: str, content: bytes, suffix: str = ".jpg") -> Path:
    """Add one image, such as one from a camera, to the class folder `label` of a data set made here; returns its path.

    Raises InputError where it is more than whoever asks may have.
    """
    access.require_training()
    target = folder / label
    path = target / f"{label}.{secrets.token_hex(6)}{suffix}"
    with library.changing():
        allowance.require(len(content))
        target.mkdir(exist_ok=True)
        files.replace(path, lambda temporary: temporary.write_bytes(content))
        library.note_size(folder)
    return path


def create(name: str) -> Path:
    """An empty data set of that name, to be extended, which can go on later: it is among `library.growing`."""
    access.require_training()
    name = library.checked_name(name)
    with _staging(home.subfolder("data")) as staged:
        folder = _settle(staged, name)
    library.note_growing(folder)
    return folder


def sweep() -> None:
    """Remove what processes that were killed left of data sets in the making, and of those that they were deleting."""
    for path in home.subfolder("data").glob(f"{library.GONE}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in home.subfolder("data").glob(f"{_STAGING}*"):
        lock = path.with_name(f"{path.name}.lock")
        if path.is_dir() and not locks.is_held(lock):
            shutil.rmtree(path, ignore_errors=True)
            lock.unlink(missing_ok=True)
    for lock in home.subfolder("data").glob(f"{_STAGING}*.lock"):  # of one that was killed before it had its folder
        with suppress(FileNotFoundError):
            is_old = time.time() - lock.stat().st_mtime > _ABANDONED  # a fresh one may be about to be held
            if is_old and not lock.with_suffix("").exists() and not locks.is_held(lock):
                lock.unlink()


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    """An empty folder in `parent`. What is still in it in the end is deleted. Raises shortage.DiskFull where it is too much."""
    sweep()
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / f"{_STAGING}{secrets.token_hex(4)}"
    lock = folder.with_name(f"{folder.name}.lock")
    with locks.hold(lock):
        try:
            folder.mkdir()
            with shortage.told(parent, "the data set"):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink()


def _settle(staged: Path, name: str, to: Path | None = None) -> Path:
    """Give what was staged its place and its name, and note who made it, unless the caller chose the place."""
    with library.changing():
        if to is None:
            allowance.watch(staged)(library.size(staged))
        folder = to or _new_folder(name)
        try:  # noted first: a full disk may prevent that, and what nobody is offered can't be deleted
            library.rename(folder, name)
            if to is None:
                library.note_size(folder, access.person().name, staged)
                dataset.remember(folder)
        except (InputError, OSError):
            if to is None:
                folder.rmdir()
            raise
        if to and to.exists():  # empty, and maybe the current folder of a process, which must not be replaced
            for part in sorted(staged.iterdir()):
                part.rename(to / part.name)
            staged.rmdir()
        else:
            staged.rename(folder)  # onto one that is missing or empty
    return folder


def _new_folder(name: str) -> Path:
    """An empty folder for a data set of that name; no two processes get the same one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()[:_FOLDER_NAME] or "photographs"
    stem = f"my-{stem}" if stem.startswith(_RESERVED) else stem
    number = 1
    while True:
        folder = home.subfolder("data") / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def _inside(path: str) -> str:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or path.startswith("/") or "\0" in path:
        raise InputError(f"{path[:80]!r} is not a path inside a data set.")
    if len(os.fsencode(path)) > _LONGEST_PATH or any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
        raise InputError(f"{path[:80]!r} is too long for a path. Give shorter names to the file and its folders.")
    return "/".join(parts)


class _Skip(Exception):
    """This file is not taken; the others are."""


def _take(folder: Path, path: str, source: Path | bytes, watch: Callable[[int], None]) -> int:
    """Copy an image to that path below the folder; returns its bytes, of which `watch` is told first. Raises _Skip, OSError."""
    target = folder / _inside(path)
    with _reading():
        is_image, size = _is_image(path, source), len(source) if isinstance(source, bytes) else source.stat().st_size
    if not is_image:
        raise _Skip(_NO_IMAGE)
    if any((folder / parent).is_file() for parent in target.relative_to(folder).parents):
        raise _Skip("Another file has the name of its folder.")
    watch(size)
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(_free(target), source)
    return size


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever fails in it fails for the file that is read, not for the data set."""
    try:
        yield
    except OSError as error:
        raise _Skip(f"It can't be read ({error.strerror}).") from None


def _is_image(name: str, source: Path | bytes) -> bool:
    if isinstance(source, bytes):
        return formats.looks_like_image(name, source)
    with source.open("rb") as file:
        return formats.looks_like_image(name, file.read(formats.HEAD))


def _write(target: Path, source: Path | bytes) -> None:
    if isinstance(source, bytes):
        target.write_bytes(source)
        return
    with ExitStack() as opened:
        with _reading():
            content = opened.enter_context(source.open("rb"))
        written = opened.enter_context(target.open("wb"))
        try:
            while chunk := _chunk(content):
                written.write(chunk)
        except _Skip:
            target.unlink()
            raise


def _chunk(file: BinaryIO) -> bytes:
    with _reading():
        return file.read(_CHUNK)


def _free(target: Path) -> Path:
    """The path, or one beside it where two files have the same name."""
    number = 2
    path = target
    is_long = len(os.fsencode(target.name)) > _LONGEST_NAME - 10
    stem = os.fsencode(target.stem)[:_NUMBERED].decode("utf-8", "ignore") if is_long else target.stem
    while path.exists():
        path = target.with_stem(f"{stem} ({number})")
        number += 1
    return path


def _files_below(folder: Path) -> tuple[list[Path], list[LeftOut]]:
    """The files in the folder and below it, and what can't be taken: links, and what can't be read. Hidden ones are passed over."""
    found, left_out = [], []

    def leave_out(path: str | Path, reason: str) -> None:
        left_out.append(LeftOut(Path(path).relative_to(folder).as_posix(), reason))

    def tell(error: OSError) -> None:
        leave_out(error.filename, f"It can't be read ({error.strerror}).")

    for parent, subfolders, names in os.walk(folder, onerror=tell):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in subfolders:
            if os.path.islink(os.path.join(parent, name)):
                leave_out(os.path.join(parent, name), "A link.")
        for path in (Path(parent, name) for name in names if not name.startswith(".")):
            try:
                kind = stat.S_IFMT(path.lstat().st_mode)
            except OSError as error:  # of a folder whose names alone may be read
                tell(error)
                continue
            if kind == stat.S_IFREG:
                found.append(path)
            else:
                leave_out(path, "A link." if kind == stat.S_IFLNK else "Not a regular file.")
    return sorted(found), sorted(left_out, key=lambda entry: entry.name)
