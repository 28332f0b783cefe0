"""Decodes a listing once: all its images at one size, as a memory map of uint8 pixels in the home folder, or in CATSDOGS_PIXELS.

Each file is named after its content: the listing's fingerprint, the size, the interpolation, the proportions unless stretched, and the
version of `images`. Which rows are read is up to the callers.

    <name>.npy         the pixels; every process that maps them shares a lock on it
    .new-<name>.npy    what has been decoded so far
    <name>.lock        held by the process that decodes; the others wait for it

The least recently used files are deleted if another one would exceed the limit, CATSDOGS_PIXELS_GB, by default 10 GB (20,000 images at
150 px take 1.35 GB). Files that a process has mapped or is writing are kept, whatever the limit.
"""

import io
import math
import mmap
import os
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from catsdogs.data import images
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.system import files, home, locks, paths, threads
from catsdogs.system.files import Damaged
from catsdogs.system.reports import Report, silent

_REPORT_EVERY = 50  # images
_LOOK_EVERY = 0.2  # seconds, while another process decodes
_DEFAULT_LIMIT = 10.0  # GB
_LIMIT = "CATSDOGS_PIXELS_GB"
_FOLDER = "CATSDOGS_PIXELS"  # on this machine's own disk, if others share the home folder: a lock does not tell them what is mapped here


def load(listing: Listing, target_size: int, interpolation: str, report: Report = silent, proportions: str = "stretch") -> np.ndarray:
    """Pixels of shape (images, target_size, target_size, 3), row i being `listing.photos[i]` by `images.load`, read from disk as needed.

    Waits while another process decodes the same. `report(done, total)` may raise to stop; nothing is left behind then.
    Raises InputError if an image can no longer be read, or the limit is not a number; OSError if the disk is full.
    """
    path, shape = _stored(listing, target_size, interpolation, proportions)
    decode = partial(
        decode_one, listing, partial(images.load, target_size=target_size, interpolation=interpolation, proportions=proportions)
    )
    _sweep(path.parent)
    while True:
        with suppress(FileNotFoundError, Damaged):
            return _map(path, shape)
        try:
            with locks.hold(_lock(path), patience=_LOOK_EVERY):
                if not _is_whole(path, shape):  # the process that we waited for may have been stopped
                    files.remove(path)
                    _decode_all(decode, shape, report, path)
        except locks.Taken:
            report(_decoded(path, target_size), len(listing.photos))


def missing(listing: Listing, target_size: int, interpolation: str, proportions: str = "stretch") -> int:
    """Bytes that `load` would have to write; 0 if the pixels are there."""
    path, shape = _stored(listing, target_size, interpolation, proportions)
    return 0 if _is_whole(path, shape) else math.prod(shape)


def delete(fingerprint: str) -> None:
    """Delete a listing's pixels at all sizes, except those that a process has mapped or is writing."""
    for path in folder().glob(f"{fingerprint}-*.npy"):
        with suppress(locks.Taken, FileNotFoundError), locks.hold(path, patience=0):
            files.remove(path)


def folder() -> Path:
    """The folder of the pixels, created if missing."""
    given = os.environ.get(_FOLDER)
    if not given:
        return home.subfolder("pixels")
    path = paths.resolve(given)
    path.mkdir(parents=True, exist_ok=True)
    return path


def take(stored: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A copy of these rows of what `load` gave.

    The map's memory is released, so that it does not grow to the whole data set; what was read stays in the system's file cache.
    """
    copied = stored[rows]
    if isinstance(stored.base, mmap.mmap):
        stored.base.madvise(mmap.MADV_DONTNEED)
    return copied


def decode_one(listing: Listing, load_image: Callable[[Path], np.ndarray], index: int) -> np.ndarray:
    """The pixels of one image of the listing by `load_image`. Raises InputError if it can no longer be read."""
    try:
        return load_image(listing.path(index))
    except (InputError, OSError) as error:
        raise no_longer_readable(listing.path(index), error) from error


def no_longer_readable(path: Path, error: object) -> InputError:
    """The error to raise for an image that could be read when its data set was checked."""
    why = paths.reason(error) if isinstance(error, OSError) else str(error).removesuffix(".")
    return InputError(f"{path} can no longer be read: {why}. Check the data set again.")


def _stored(listing: Listing, target_size: int, interpolation: str, proportions: str) -> tuple[Path, tuple[int, ...]]:
    """The file of the pixels, and their shape."""
    how = interpolation if proportions == "stretch" else f"{interpolation}-{proportions}"
    path = folder() / f"{listing.fingerprint}-{target_size}-{how}-{images.VERSION}.npy"
    return path, (len(listing.photos), target_size, target_size, 3)


def _map(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """The pixels, protected from deletion while they are mapped. Raises FileNotFoundError, or Damaged if they do not have that shape."""
    if not files.is_there(path):
        raise FileNotFoundError
    with _opened(path) as file:
        locks.share(file)
        os.utime(path)  # raises FileNotFoundError if it was deleted between the lines above
        _require_header(file, path, shape)
        return np.memmap(file, np.uint8, mode="r", offset=file.tell(), shape=shape)


def _opened(path: Path) -> BinaryIO:
    """The file. Raises FileNotFoundError, or Damaged if it can't be opened."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(path, files.why(error)) from None


def _require_header(file: BinaryIO, path: Path, shape: tuple[int, ...]) -> None:
    """Read up to the pixels. Raises Damaged if they have another shape, or are not all there: a map of them would kill the process."""
    header = _header(shape)
    try:
        found = file.read(len(header))
    except OSError as error:
        raise Damaged(path, files.why(error)) from None
    if found != header or os.fstat(file.fileno()).st_size != len(header) + math.prod(shape):
        raise Damaged(path, "does not hold these pixels")


def _header(shape: tuple[int, ...]) -> bytes:
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(written, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return written.getvalue()


def _is_whole(path: Path, shape: tuple[int, ...]) -> bool:
    try:
        if not files.is_there(path):
            return False
        with path.open("rb") as file:
            _require_header(file, path, shape)
    except (Damaged, OSError):
        return False
    return True


def _decode_all(decode: Callable[[int], np.ndarray], shape: tuple[int, ...], report: Report, path: Path) -> None:
    files.remove(_unfinished(path))
    _make_room(path.parent, math.prod(shape))
    files.replace(path, partial(_write, decode, shape, report), _unfinished(path))


def _write(decode: Callable[[int], np.ndarray], shape: tuple[int, ...], report: Report, path: Path) -> None:
    total = shape[0]
    # Not through a map: one that runs into a full disk kills the process.
    with path.open("wb") as file, closing(threads.in_order(decode, range(total))) as decoded:
        file.write(_header(shape))
        for done, pixels in enumerate(decoded, start=1):
            file.write(pixels.tobytes())
            if done % _REPORT_EVERY == 0 or done == total:
                report(done, total)


def _decoded(path: Path, target_size: int) -> int:
    """The number of images that another process has decoded so far."""
    try:
        return _unfinished(path).stat().st_size // (target_size**2 * 3)
    except FileNotFoundError:  # it has only begun, or has just ended
        return 0


def _sweep(folder: Path) -> None:
    """Delete unfinished files of processes that were killed."""
    for leftover in folder.glob(".new-*"):
        with suppress(locks.Taken), locks.hold(_lock(leftover.with_name(leftover.name.removeprefix(".new-"))), patience=0):
            files.remove(leftover)


def _make_room(folder: Path, needed: int) -> None:
    """Delete the least recently used files until `needed` bytes fit the limit."""
    limit = _limit()
    with locks.hold(folder / "room.lock"):
        facts = {}
        for path in folder.iterdir():
            with suppress(FileNotFoundError):  # another process has just finished it
                facts[path] = path.lstat()
        taken = sum(fact.st_size for fact in facts.values())
        finished = [path for path, fact in facts.items() if fnmatch(path.name, "[!.]*.npy") and stat.S_ISREG(fact.st_mode)]
        for path in sorted(finished, key=lambda path: facts[path].st_mtime):
            if taken + needed <= limit:
                break
            with suppress(locks.Taken), locks.hold(path, patience=0):
                taken -= facts[path].st_size
                path.unlink()


def _limit() -> float:
    """The limit in bytes. Raises InputError if it is not a number."""
    given = os.environ.get(_LIMIT) or str(_DEFAULT_LIMIT)
    try:
        gigabytes = float(given)
    except ValueError:
        gigabytes = -1
    if not gigabytes >= 0:  # nor is nan
        raise InputError(f"{_LIMIT} = {given!r}: must be a number of gigabytes, 0 or more; {_DEFAULT_LIMIT:g} where it is not set.")
    return gigabytes * 1e9


def _lock(path: Path) -> Path:
    return path.with_suffix(".lock")


def _unfinished(path: Path) -> Path:
    return path.with_name(f".new-{path.name}")
