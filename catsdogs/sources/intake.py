"""Photographs from a person's own machine -> a data set in the home folder, complete or not at all.

    data/.incoming-<x>/         one that is being made, by a process that holds data/.incoming-<x>.lock

`archive` unpacks ZIP files, `copying` copies single images, `library` keeps what is made here; the classes are found later, by
`data.layout`.
"""

import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from catsdogs.data import formats, known_folders
from catsdogs.errors import InputError
from catsdogs.sources import allowance, archive, copying, library
from catsdogs.sources.archive import LeftOut
from catsdogs.sources.catalogue import Offer
from catsdogs.system import access, clock, files, home, locks, shortage, words
from catsdogs.system.reports import Report, silent

_STAGING = ".incoming-"
_ABANDONED = 3600  # seconds
_RESERVED = ("drawn-", "downloaded-")  # beginnings of folder names that say where a data set came from
_FOLDER_NAME = 60  # characters of the data set's name that its folder's name keeps


@dataclass(frozen=True)
class Added:
    """A data set that was made: its folder, the number of its images, and what was left out, each with the reason."""

    folder: Path
    images: int
    left_out: tuple[LeftOut, ...]


def add_archive(path: Path, name: str = "", report: Report = silent, to: Path | None = None, called: str = "") -> Added:
    """Make a data set of a ZIP file's images, by default named after the file and in the home folder; `to` is another, empty folder.

    `called` is the name of the file in messages, if its own means nothing to people. Raises InputError as `archive.unpack` does, if `to` is
    not empty, and if it is more than whoever asks may have in the home folder; nothing is left behind then.
    """
    access.require_training()
    name = library.checked_name(name or library.fitting_name(path.stem))
    if to:
        require_empty(to)
    with _staging(to.parent if to else home.subfolder("data")) as folder:
        watch = (lambda written: access.require_room(folder)) if to else allowance.watch(folder)
        unpacked = archive.unpack(path, folder, report, called, watch)
        return Added(_settle(folder, name, to), unpacked.images, unpacked.left_out)


def require_empty(to: Path) -> None:
    """Raise InputError if there is anything at the place for a data set, except an empty folder."""
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise InputError(f"{to} {'is not empty. Name another folder, or empty it' if to.is_dir() else 'is a file. Name a folder'}.")


def add_folder(source: Path, name: str = "", report: Report = silent) -> Added:
    """Make a data set by copying a folder's images; links and what can't be read are left out. Raises as `add_files` does, and OSError."""
    access.require_training()
    if not source.is_dir():
        raise InputError(f"There is no folder or ZIP file {source} on this machine.")
    paths, left_out = copying.files_below(source)
    named = [(path.relative_to(source).as_posix(), path) for path in paths]
    return add_files(named, name or library.fitting_name(source.resolve().name), report, left_out)


def add_files(
    sources: Sequence[tuple[str, Path | bytes]],
    name: str,
    report: Report = silent,
    unread: Sequence[LeftOut] = (),
) -> Added:
    """Make a data set of files by their relative paths, such as `cats/1.jpg`. Those that are not images are left out, as are the `unread`,
    which the caller found beside them.

    Raises InputError if none is an image, a path leads out of the folder, or it is more than whoever asks may have.
    """
    access.require_training()
    name, left_out, total = library.checked_name(name), [*unread], len(sources) + len(unread)
    with _staging(home.subfolder("data")) as folder:
        watch, written = allowance.watch(folder), 0
        for done, (path, source) in enumerate(sources, start=1):
            try:
                written += copying.take(folder, path, source, lambda size, before=written: watch(before + size))
            except copying.Skip as skip:
                left_out.append(LeftOut(path, str(skip)))
            report(done, len(sources))
        count = total - len(left_out)
        if not count:
            others = [entry for entry in left_out if entry.reason != archive.NO_IMAGE]
            first = f" {len(others):,} can't be taken; the first one, {others[0].name}: {others[0].reason}" if others else ""
            raise InputError(f"None of the {total:,} files is an image ({', '.join(formats.SUFFIXES)}).{first}")
        return Added(_settle(folder, name), count, tuple(left_out))


def lines_of(left_out: Sequence[LeftOut]) -> list[str]:
    """A line for each entry that was left out; last those that nobody misses, such as films, with one line for all of a suffix."""
    lines, others = [], {}
    for entry in left_out:
        if entry.reason in (archive.NO_IMAGE, archive.HIDDEN):
            others.setdefault((entry.reason, PurePosixPath(entry.name).suffix), []).append(entry.name)
        else:
            lines.append(f"{entry.name}: {entry.reason}")
    for (reason, suffix), (first, *more) in sorted(others.items()):
        kind = f"more {suffix} file" if suffix else "more file"
        lines.append(f"{first} and {words.counted(len(more), kind)}: {reason}" if more else f"{first}: {reason}")
    return lines


def folder_of(offer: Offer) -> Path:
    """The folder for a downloaded data set."""
    return home.subfolder("data") / f"downloaded-{offer.name}"


def extend(folder: Path, label: str, content: bytes) -> Path:
    """Add one JPEG image, such as one from a camera, to the class folder `label` of a data set made here; returns its path.

    Raises InputError if it is more than whoever asks may have.
    """
    access.require_training()
    target = folder / label
    path = target / f"{label}.{secrets.token_hex(6)}.jpg"
    with library.changing():
        allowance.require(len(content))
        target.mkdir(exist_ok=True)
        files.replace(path, lambda temporary: temporary.write_bytes(content))
        library.note_size(folder)
    return path


def create(name: str) -> Path:
    """Make an empty data set of that name, to be extended now or later, as it is among `library.growing`; returns its folder."""
    access.require_training()
    name = library.checked_name(name)
    with _staging(home.subfolder("data")) as staged:
        folder = _settle(staged, name)
    library.note_growing(folder)
    return folder


def sweep() -> None:
    """Remove what killed processes left of data sets that they were making or deleting."""
    for path in home.subfolder("data").glob(f"{library.GONE}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in home.subfolder("data").glob(f"{_STAGING}*"):
        lock = path.with_name(f"{path.name}.lock")
        if path.is_dir() and not locks.is_held(lock):
            shutil.rmtree(path, ignore_errors=True)
            lock.unlink(missing_ok=True)
    for lock in home.subfolder("data").glob(f"{_STAGING}*.lock"):  # of a process that was killed before it made its folder
        with suppress(FileNotFoundError):
            is_old = clock.now() - lock.stat().st_mtime > _ABANDONED  # a fresh one may be about to be held
            if is_old and not lock.with_suffix("").exists() and not locks.is_held(lock):
                lock.unlink()


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    """An empty folder in `parent`, deleted in the end with whatever is still in it. Raises shortage.DiskFull if it takes too much space."""
    sweep()
    library.sweep()
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / f"{_STAGING}{secrets.token_hex(4)}"
    lock = folder.with_name(f"{folder.name}.lock")
    with locks.hold(lock):
        try:
            folder.mkdir()
            with shortage.explained(parent, "the data set"):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink()


def _settle(staged: Path, name: str, to: Path | None = None) -> Path:
    """Move what was staged to its place, which is `to` or a new one in the home folder, and name it; returns the place."""
    with library.changing():
        if to is None:
            return _settle_at_home(staged, name)
        library.give_name(to, name)
        if to.exists():  # it may be the current folder of a process, so it must not be replaced
            for part in sorted(staged.iterdir()):
                part.rename(to / part.name)
            staged.rmdir()
        else:
            staged.rename(to)
        return to


def _settle_at_home(staged: Path, name: str) -> Path:
    """As `_settle`, with its lock held; also notes who made the data set. Raises InputError if it is more than they may have."""
    allowance.watch(staged)(files.space(staged))
    folder = _new_folder(name)
    try:  # first, as a full disk may prevent it, and a data set that is offered to nobody can't be deleted
        library.give_name(folder, name)
        library.note_size(folder, access.person().name, staged)
        known_folders.remember(folder)
    except (InputError, OSError):
        folder.rmdir()
        raise
    staged.rename(folder)  # onto the new, empty one
    return folder


def _new_folder(name: str) -> Path:
    """A new folder for a data set of that name; no two processes get the same one."""
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
