"""A ZIP file -> the images in it, in a folder. The file is treated as hostile.

Only regular files that look like images are written, one by one, within limits; what is left out is listed with the reason. Where the
folder goes and what it is called is up to `intake`.
"""

import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from catsdogs.data import formats
from catsdogs.errors import InputError
from catsdogs.system import shortage, zips
from catsdogs.system.reports import Report, silent

MAX_ENTRIES = 60_000  # the largest known data set of cats and dogs has 37,500
MAX_BYTES = 20 * 10**9  # of all images; about 25,000 of 12 megapixels
MAX_FILE_BYTES = 500 * 10**6  # of one image
MAX_RATIO = 200  # unpacked to packed size, of an image of RATIO_FROM bytes or more; photographs hardly shrink at all
RATIO_FROM = 10**7
MAX_DEPTH = 20  # folders inside folders
_DIRECTORY_BYTES = 20 * 10**6  # of the list of entries, which is read into memory
SPARE = 10**9  # bytes of the disk that must stay free, unless more are configured
_CHUNK = 2**18  # bytes
_ICONS = ("Icon\r", "._Icon\r")  # of a folder with a custom icon on a Mac
_TOOLS = ("__MACOSX", "Thumbs.db", "desktop.ini", *_ICONS)  # added by operating systems; like hidden files, not mentioned
NO_IMAGE = "Not an image."
HIDDEN = "Hidden, or the system's own."
_TABLES = (".csv", ".tsv", ".xlsx", ".ods")
_NESTED = "An archive. Unpack it first, and bring all photographs together, in one folder or ZIP file."


@dataclass(frozen=True)
class LeftOut:
    """An entry that was not unpacked, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Unpacked:
    """The result: the number of images, their size in bytes, and the entries that were left out."""

    images: int
    bytes: int
    left_out: tuple[LeftOut, ...]


def unpack(
    path: Path,
    folder: Path,
    report: Report = silent,
    called: str = "",
    watch: Callable[[int], None] = lambda written: None,
) -> Unpacked:
    """Write the images of a ZIP file below `folder`, which exists and is empty. `called` is its name in messages.

    `report(done, total)` counts entries; `watch(written)` is told the number of bytes of images written so far; both may raise to stop.
    Names are read as UTF-8 if they are valid UTF-8, else as the archive says (cp437). Links, devices and nested archives are left out.
    Raises InputError if it is no ZIP file or is cut off, is encrypted, exceeds a limit, has a path that leads out of the folder, or holds
    no image; OSError if the disk fails. What was written by then stays: it is up to the caller to remove the folder.
    """
    name = called or path.name
    try:
        with zips.opened(path, _DIRECTORY_BYTES) as archive:
            return _unpack(archive, name, folder, report, watch)
    except zips.TooLong:
        raise InputError(f"{name} has too many files; up to {MAX_ENTRIES:,} are read. Split it.") from None
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, EOFError, struct.error, NotImplementedError):
        raise InputError(f"{name} is not a ZIP file, or it is damaged or cut off. Make it again, or copy it here again.") from None


def _unpack(archive: zipfile.ZipFile, name: str, folder: Path, report: Report, watch: Callable[[int], None]) -> Unpacked:
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith(("/", "\\"))]  # no folders, as Windows writes them, too
    if len(entries) > MAX_ENTRIES:
        raise InputError(f"{name} has {len(entries):,} files; up to {MAX_ENTRIES:,} are read. Split it.")
    paths = [_relative(entry, name) for entry in entries]
    whole = sum(entry.file_size for entry in entries)
    if whole > MAX_BYTES:
        raise InputError(f"{name} unpacks to {shortage.size(whole)}; up to {shortage.size(MAX_BYTES)} are read. Split it.")
    shortage.require_room(folder, whole, f"what {name} unpacks to", SPARE)
    count, size, left_out = 0, 0, []
    for done, (entry, path) in enumerate(zip(entries, paths, strict=True), start=1):
        try:
            written = _write(archive, entry, path, folder, size, name)
        except _Skip as skip:
            if not is_passed_over(path):
                left_out.append(LeftOut(path.as_posix(), str(skip)))
        else:
            count, size = count + 1, size + written
            shortage.require_room(folder, spare=SPARE)  # others write there as well
            watch(size)
        report(done, len(entries))
    if not count:
        raise InputError(f"{name} holds no images ({', '.join(formats.SUFFIXES)}).{_telling(left_out)}")
    return Unpacked(count, size, tuple(left_out))


def _telling(left_out: list[LeftOut]) -> str:
    """A sentence on the entry that was left out which says most about where the images are: an archive, else the first one."""
    for entry in left_out:
        if entry.reason == _NESTED:
            return f" But there is {entry.name}: {entry.reason}"
    return f" The first file, {left_out[0].name}: {left_out[0].reason}" if left_out else ""


class _Skip(Exception):
    """This entry is not unpacked; the others are."""


def no_image(name: str) -> str:
    """Why a file of that name, which is not an image, is left out."""
    if PurePosixPath(name).suffix.lower() in formats.ARCHIVES:
        return _NESTED
    if PurePosixPath(name).suffix.lower() in _TABLES:
        return "A table, which is not read. Where it tells the classes, put the photographs of each one into a folder of their own."
    return NO_IMAGE


def is_passed_over(path: PurePosixPath) -> bool:
    """Whether it is left out without mention, as hidden files in a folder are."""
    return any(part in _TOOLS or (part.startswith(".") and part != "..") for part in path.parts)


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: PurePosixPath, folder: Path, size: int, name: str) -> int:
    """Write an entry to that path below `folder`, after `size` bytes of others; returns its bytes.

    Raises _Skip, and InputError if the archive is encrypted or exceeds a limit.
    """
    target = folder / path
    if is_passed_over(path):
        raise _Skip(HIDDEN)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise _Skip("A link." if kind == stat.S_IFLNK else "Not a regular file.")
    if entry.flag_bits & 1:
        raise InputError(f"{name} is encrypted. Unpack it with its password, and make a ZIP file without one.")
    if not 0 <= entry.header_offset < archive.start_dir:
        raise _Skip("Damaged in the archive (it says that the file begins outside of it).")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others unpack without a limit, or not at all
        raise _Skip("Compressed by a method that is not read here. Make the archive again with the ordinary one, Deflate.")
    if target.suffix.lower() in formats.ARCHIVES:
        raise _Skip(_NESTED)
    try:
        with archive.open(entry) as source:
            head = source.read(formats.HEAD)
            if not formats.looks_like_image(target.name, head):
                raise _Skip(no_image(target.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as written:
                return _copy(head, source, written, entry, size, name)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise _Skip("Another entry has the same name.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        target.unlink(missing_ok=True)
        raise _Skip("Damaged in the archive.") from None


def _copy(head: bytes, source: BinaryIO, target: BinaryIO, entry: zipfile.ZipInfo, size: int, name: str) -> int:
    """Copy an entry, counting what is really there, whatever the archive says."""
    copied = 0
    for chunk in _chunks(head, source):
        copied += len(chunk)
        if copied > MAX_FILE_BYTES or size + copied > MAX_BYTES:
            raise InputError(
                f"{name} holds more than is read: up to {MAX_FILE_BYTES / 1e6:,.0f} MB in one image, {MAX_BYTES / 1e9:.0f} GB in all."
            )
        if copied >= RATIO_FROM and copied > MAX_RATIO * max(entry.compress_size, 1):
            raise InputError(
                f"{name} is refused: {entry.filename[:80]} unpacks to more than {MAX_RATIO} times its size, which no photograph does."
            )
        target.write(chunk)
    return copied


def _chunks(head: bytes, source: BinaryIO) -> Iterator[bytes]:
    yield head
    while chunk := source.read(_CHUNK):
        yield chunk


def _relative(entry: zipfile.ZipInfo, name: str) -> PurePosixPath:
    """The path of an entry below the folder. Raises InputError if it would lead elsewhere, or can't be a file's path here."""
    text = unicodedata.normalize("NFC", _text(entry)).replace("\\", "/")
    path = PurePosixPath(text)
    is_outside = path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":"))
    plain = text.removesuffix("\r") if path.name in _ICONS else text
    if any(ord(character) < 32 for character in plain):
        raise InputError(
            f"{name} is refused: its entry {text[:80]!r} has a line break or another control character in its name. Rename that file or "
            f"folder, and make the archive again."
        )
    if is_outside or not path.parts:
        raise InputError(f"{name} is refused: its entry {text[:80]!r} does not stay inside the archive's folder. Make the archive again.")
    if len(path.parts) > MAX_DEPTH or any(len(os.fsencode(part)) > 255 for part in path.parts) or len(os.fsencode(text)) > 2000:
        raise InputError(f"{name} is refused: its entry {text[:80]!r}... has too long a path. Make the archive again with shorter names.")
    return path


def _text(entry: zipfile.ZipInfo) -> str:
    """The name as it was written: many tools write UTF-8 without saying so, which zipfile then reads as cp437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename
