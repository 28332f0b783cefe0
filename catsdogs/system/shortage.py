"""Running out of disk or memory: recognised among other errors, and reported with what was free and what was needed."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.system import temporaries

SUFFIX = ".reserve"  # of the file that keeps room for a last message
_RESERVE = 65_536  # bytes
_WORDS = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The disk quota is used up",
    errno.EFBIG: "Files of this size are not allowed here",
    errno.EROFS: "The disk is read-only",  # as Linux makes a failing one
}
_OTHERS = "Delete data sets or runs that nobody needs, or ask whoever runs this server."
_THERE = " Free some space there."
_ADVICE = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _THERE)
_PLACE = re.compile(rf"(?<= free) in /.*?(?=, )|(?<={_WORDS[errno.EROFS]}: )in /.*?, ")
_MEMORY = re.compile(r"RESOURCE_EXHAUSTED|OOM when allocating|out of memory|[Ff]ailed to allocate|Unable to allocate")
_OWN, _GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")  # the control groups of this process, and the folder of all
_OF_MACHINE = Path("/proc/vmstat")
_KILLS = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


class DiskFull(InputError, OSError):
    """Something could not be written for lack of room. The message says where, how much is free, and how much was needed."""


@contextmanager
def explained(path: Path, what: str = "", needed: int = 0) -> Iterator[None]:
    """Turn an error that says that `path` has no room into DiskFull, which names `what` was to be written there, `needed` bytes.

    Give `what` where a person knows what it is about. Else it is a file: the names of the application's own say nothing to people.
    """
    try:
        yield
    except Exception as error:  # HDF5 has errors of its own, recognised by their text
        number = _disk_errno(error)
        if number is None or (isinstance(error, DiskFull) and not what):  # it says so already, and nothing is to be added
            raise
        raise DiskFull(_full(number, path, what or "a file", needed)) from error


def require_room(path: Path, needed: int = 0, what: str = "", spare: int = 0) -> None:
    """Raises DiskFull if fewer than `spare` bytes would stay free on the disk of the folder `path` beside `what`, which needs so many."""
    left = free(path)
    if left - needed < spare:
        needs = f", {what} needs {size(needed)}" if needed else ""
        stays = f", and {size(spare)} must stay free" if spare else ""
        raise DiskFull(f"Not enough disk space: {size(left)} free{needs}{stays}. {_OTHERS}")


def without_place(text: str) -> str:
    """Such a message for a page: without the folder, as people there can't free space in it, and with what they can do instead."""
    return _PLACE.sub("", text).replace(_THERE, f" {_OTHERS}")


def free(path: Path) -> int:
    """Bytes that this user can still write on the disk of `path`, which need not exist yet."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(there).free


def is_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, the machine's or a GPU's, with any backend of Keras."""
    return any(isinstance(each, MemoryError) or _MEMORY.search(f"{type(each).__name__}: {each}") for each in _chain(error))


def smaller(batch_size: int) -> str:
    """Advice for when memory ran out."""
    return f"try batch_size = {batch_size // 2} or smaller images" if batch_size > 1 else "try smaller images"


@contextmanager
def reserve(folder: Path) -> Iterator[Path]:
    """A file that keeps some room in that folder: once it is deleted, a small one can be written even on a full disk."""
    path = temporaries.name(folder / f"room{SUFFIX}")  # so that it is swept if a killed process leaves it
    try:
        with explained(folder, "a run's status", _RESERVE), path.open("wb") as file:
            file.write(bytes(_RESERVE))
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def kills() -> int | None:
    """How often the kernel has killed a process for lack of memory, in this control group or else on the machine; None if unknown."""
    for path in (*_of_group(), _OF_MACHINE):
        try:
            found = _KILLS.search(path.read_text())
        except OSError:  # not on Linux, or not shown in this container
            continue
        if found:
            return int(found[1])
    return None


def size(count: float) -> str:
    """Bytes for people: 12 MB, 1.3 GB."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _of_group() -> Iterator[Path]:
    """The files in which the control groups of this process, version 1 or 2, count such kills."""
    try:
        lines = _OWN.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        number, controllers, group = line.split(":", 2)
        if number == "0":
            yield _GROUPS / group.lstrip("/") / "memory.events.local"
        elif "memory" in controllers.split(","):
            yield _GROUPS / "memory" / group.lstrip("/") / "memory.oom_control"


def _full(number: int, path: Path, what: str, needed: int) -> str:
    needs = f"{what} needs {size(needed)}" if needed else f"{what} could not be written"
    folder = path if path.is_dir() else path.parent
    free_there = "" if number == errno.EROFS else f"{size(free(path))} free "
    return f"{_WORDS[number]}: {free_there}in {folder}, {needs}.{_ADVICE.get(number, '')}"


def _disk_errno(error: BaseException) -> int | None:
    for each in _chain(error):
        if isinstance(each, OSError) and each.errno in _WORDS:
            return each.errno
        for number in _WORDS:
            if os.strerror(number) in str(each) or re.search(rf"errno = {number}\b", str(each)):
                return number
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
