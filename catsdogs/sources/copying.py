"""Copies single images into the folder of a data set that `intake` makes, and says why others can't be taken."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from catsdogs.data import formats, tree
from catsdogs.errors import InputError
from catsdogs.sources import archive
from catsdogs.sources.archive import LeftOut

_LONGEST_NAME, _LONGEST_PATH = 255, 2000  # bytes; the systems' limits, halved for paths, as the home folder's comes before
_NUMBERED = 200  # bytes to which a long name is cut before a number is added
_CHUNK = 2**20  # bytes that are copied at once
_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # of characters: Windows takes them in names, no file here can have them


class Skip(Exception):
    """This file is not taken; the others are."""


def take(folder: Path, path: str, source: Path | bytes, watch: Callable[[int], None]) -> int:
    """Copy an image to that path below the folder; returns its size in bytes, which `watch` is told first and may refuse.

    Raises Skip if it can't be taken, InputError for a path that leads out of the folder or is too long, OSError if the disk fails.
    """
    inside = PurePosixPath(_inside(_HALVES.sub("\ufffd", path)))
    if archive.is_passed_over(inside):
        raise Skip(archive.HIDDEN)
    target = folder / inside
    with _reading():
        is_image, size = _is_image(path, source), len(source) if isinstance(source, bytes) else source.stat().st_size
    if not is_image:
        raise Skip(archive.no_image(target.name))
    if any((folder / parent).is_file() for parent in target.relative_to(folder).parents):
        raise Skip("Another file has the name of its folder.")
    watch(size)
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(_free(target), source)
    return size


def files_below(folder: Path) -> tuple[list[Path], list[LeftOut]]:
    """The files in and below the folder, and what can't be taken: links, and what can't be read. Hidden ones are ignored."""
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
        if parent.count(os.sep) - str(folder).count(os.sep) + 1 >= tree.MAX_DEPTH:
            for name in subfolders:
                leave_out(os.path.join(parent, name), f"It lies more than {tree.MAX_DEPTH} folders deep.")
            subfolders.clear()
        for path in (Path(parent, name) for name in names if not name.startswith(".")):
            try:
                kind = stat.S_IFMT(path.lstat().st_mode)
            except OSError as error:  # in a folder of which only the names may be read
                tell(error)
                continue
            if kind == stat.S_IFREG:
                found.append(path)
            else:
                leave_out(path, "A link." if kind == stat.S_IFLNK else "Not a regular file.")
    return sorted(found), sorted(left_out, key=lambda entry: entry.name)


def _inside(path: str) -> str:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or path.startswith("/") or "\0" in path:
        raise InputError(f"{path[:80]!r} is not a path inside a data set.")
    if len(os.fsencode(path)) > _LONGEST_PATH or any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
        raise InputError(f"{path[:80]!r} is too long for a path. Give shorter names to the file and its folders.")
    if len(parts) > tree.MAX_DEPTH:
        raise InputError(f"{path[:80]!r} lies more than {tree.MAX_DEPTH} folders deep, where it would not be found. Move it up.")
    return "/".join(parts)


@contextmanager
def _reading() -> Iterator[None]:
    """Turns an OSError into Skip: reading has failed for this file, not writing the data set."""
    try:
        yield
    except OSError as error:
        raise Skip(f"It can't be read ({error.strerror}).") from None


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
        except Skip:
            target.unlink()
            raise


def _chunk(file: BinaryIO) -> bytes:
    with _reading():
        return file.read(_CHUNK)


def _free(target: Path) -> Path:
    """The path, with a number added to its name if there is such a file."""
    number = 2
    path = target
    is_long = len(os.fsencode(target.name)) > _LONGEST_NAME - 10
    stem = os.fsencode(target.stem)[:_NUMBERED].decode("utf-8", "ignore") if is_long else target.stem
    while path.exists():
        path = target.with_stem(f"{stem} ({number})")
        number += 1
    return path
