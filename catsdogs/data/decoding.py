"""Decodes each file of a folder once: the results are kept in the home folder until the file changes.

    listings/<hash of the folder>.npz     the results, as JSON, and the thumbnails
    listings/<hash of the folder>.lock    held by whoever decodes; its size in bytes is the number of files decoded

Which files there are, and what the results mean, is up to `dataset`.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catsdogs.data import arrays, formats, headers, images
from catsdogs.data.near_copies import SIDE
from catsdogs.errors import InputError
from catsdogs.system import digests, files, home, locks, paths, threads
from catsdogs.system.reports import Report, silent

_REPORT_EVERY = 10  # images; a large one takes a fifth of a second
_LOOK_EVERY = 0.2  # seconds, while another process decodes
_KEEP_EVERY = 10  # seconds; a process that is killed loses the results since
_KEEP_AFTER = 50  # times as long as saving took, so that it takes at most a fiftieth of the time
_GONE = [0, 0, images.VERSION]  # the stamp of a file that isn't there
_SMALL = 50_000  # bytes; a smaller file is read at once and decoded within about half a millisecond


@dataclass(frozen=True)
class Decoded:
    """An image that can be decoded: its upright size in px, the SHA-256 of its file, what the file's first bytes say, and a grey thumbnail,
    (SIDE, SIDE) uint8.
    """

    width: int
    height: int
    digest: str
    format: str
    lacks_jfif: bool
    thumbnail: np.ndarray


@dataclass(frozen=True)
class Undecodable:
    """An image that can't be decoded, and why. If that `may_pass`, as when a disk was unplugged, the result is not kept."""

    reason: str
    may_pass: bool = False


Found = Decoded | Undecodable


def decode(folder: Path, names: Sequence[str]) -> list[Found]:
    """Decode these files, given by their paths relative to the folder."""
    return [found for _, found in _each(folder, names)]


def decode_once(folder: Path, names: Sequence[str], report: Report = silent) -> list[Found]:
    """As `decode`, but only files that were added or changed since the last time. Waits for other processes that decode the same folder.

    `report(done, total)` counts all files and may raise to stop: the results so far are kept, and most of them if the process is killed.
    """
    stored = place(folder)
    lock = stored.with_suffix(".lock")
    while True:
        try:
            with locks.hold(lock, patience=_LOOK_EVERY):
                return _decode_missing(folder, names, report, stored, lock)
        except locks.Taken:
            report(min(lock.stat().st_size, len(names)), len(names))


def place(folder: Path) -> Path:
    """The file that keeps the results for the folder."""
    return home.subfolder("listings") / f"{digests.of_text(folder)}.npz"


def delete(folder: Path) -> None:
    """Free the space of the results for a folder that was deleted."""
    files.remove(place(folder))


def _decode_missing(folder: Path, names: Sequence[str], report: Report, stored: Path, lock: Path) -> list[Found]:
    known, stamps = _load(stored), {name: _stamp(os.path.join(folder, name)) for name in names}
    missing = [name for name in names if name not in known or known[name][0] != stamps[name]]

    def tell(done: int) -> None:
        done += len(names) - len(missing)
        with suppress(OSError):  # a folder may lie in its place
            os.truncate(lock, done)
        report(done, len(names))

    if missing:
        due = time.monotonic() + _KEEP_EVERY
        try:
            for number, (name, found) in enumerate(_each(folder, missing)):
                if number % _REPORT_EVERY == 0:
                    if time.monotonic() >= due:
                        due = _keep(stored, known)
                    tell(number)
                known[name] = (stamps[name], _settled(found) if stamps[name] == _GONE else found)
            tell(len(missing))
        finally:
            _save(stored, known)
    return [known[name][1] for name in names]


def _settled(found: Found) -> Found:
    """The result for a missing file, to be kept: once there is one, its stamp is another one."""
    return Undecodable(found.reason) if isinstance(found, Undecodable) else found


def _each(folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Found]]:
    """Each name with the result of decoding its file. Nothing runs in the background once the iterator is closed."""
    paths = (os.path.join(folder, name) for name in names)
    with closing(threads.in_order(_decode, paths, _is_small)) as results:  # Pillow releases the interpreter lock
        yield from zip(names, results, strict=True)


def _decode(path: str) -> Found:
    try:
        source = Path(path).read_bytes() if _is_small(path) else Path(path)
        width, height, thumbnail = images.examine(source, SIDE)
        start, digest = _start(source), _digest(source)
    except InputError as error:
        return Undecodable(str(error), isinstance(error, images.Unready))
    except OSError as error:
        return Undecodable(f"The file can't be read: {paths.reason(error)}.", may_pass=True)
    return Decoded(width, height, digest, formats.kind(start), headers.lacks_jfif(path, start), thumbnail)


def _is_small(path: str) -> bool:
    """Whether the file is quickly decoded; one that can't be read fails as quickly."""
    try:
        return os.path.getsize(path) <= _SMALL
    except OSError:
        return True


def _start(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[: headers.START]
    with source.open("rb") as file:
        return file.read(headers.START)


def _digest(source: bytes | Path) -> str:
    return hashlib.sha256(source).hexdigest() if isinstance(source, bytes) else digests.of_file(source)


def _stamp(path: str) -> list[int]:
    """Changes if the file is written, or if `images` reads files in another way."""
    try:
        found = os.stat(path)
    except OSError:  # it is gone, or a link to nothing, as decoding will report
        return _GONE
    return [found.st_size, found.st_mtime_ns, images.VERSION]


def _load(path: Path) -> dict[str, tuple[list[int], Found]]:
    """The stored results; none if they can't be read, since they can be found again."""
    try:
        stored = arrays.load_several(path)
        facts, thumbnails = json.loads(os.fsdecode(stored["facts"].tobytes())), iter(stored["thumbnails"])
        return {name: (stamp, Decoded(*fact, next(thumbnails)) if len(fact) == 5 else Undecodable(*fact)) for name, stamp, fact in facts}
    except (files.Damaged, ValueError, KeyError, TypeError, RecursionError, StopIteration):
        return {}


def _keep(path: Path, known: dict[str, tuple[list[int], Found]]) -> float:
    """Save the results so far; returns the time at which to do so again."""
    began = time.monotonic()
    _save(path, known)
    ended = time.monotonic()
    return ended + max(_KEEP_EVERY, _KEEP_AFTER * (ended - began))


def _save(path: Path, known: dict[str, tuple[list[int], Found]]) -> None:
    known = {name: (stamp, found) for name, (stamp, found) in known.items() if not (isinstance(found, Undecodable) and found.may_pass)}
    decoded = [found for _, found in known.values() if isinstance(found, Decoded)]
    thumbnails = np.array([found.thumbnail for found in decoded], dtype=np.uint8).reshape(-1, SIDE, SIDE)
    facts = json.dumps([[name, stamp, _fact(found)] for name, (stamp, found) in known.items()], ensure_ascii=False)
    content = np.frombuffer(os.fsencode(facts), dtype=np.uint8)  # names need not be valid UTF-8
    files.make_way(path)
    files.replace(path, lambda temporary: np.savez(temporary, facts=content, thumbnails=thumbnails))


def _fact(found: Found) -> list:
    if isinstance(found, Undecodable):
        return [found.reason]
    return [found.width, found.height, found.digest, found.format, found.lacks_jfif]
