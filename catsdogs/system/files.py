"""Reads files that may be damaged, and replaces files as a whole, so that neither a reader nor a crash ever sees half of one.

Nothing here blocks: a pipe in a file's place is not opened. Lists that several processes change are in `lists`.
"""

import errno
import json
import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from catsdogs.errors import InputError
from catsdogs.system import shortage, temporaries

_MOST = 60  # letters of a value that a reason quotes
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT)  # problems of the system, or of a file server


class Damaged(InputError):
    """The file at `path` is not what was written there. `reason` continues a sentence that begins with its name: "is empty"."""

    def __init__(self, path: Path, reason: str):
        super().__init__(path, reason)  # so that it can be pickled
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} {self.reason}."


class Hindered(Damaged):
    """The file at `path` could not be read this time, although it may be fine: the next attempt may succeed."""


def replace(
    path: Path, write: Callable[[Path], object], temporary: Path | None = None, check: Callable[[Path], object] | None = None
) -> None:
    """Have `write(temporary)` write the new content, then move it to `path` in one step that survives a power failure.

    `check(temporary)` reads what is about to replace `path`, and raises if it is incomplete.

    The temporary file is in the same folder and has the same suffix, which tells Keras the format. Give its name if others must find it
    and no two processes write it at once.
    Raises what `write` and `check` raise, shortage.DiskFull and other OSErrors; `path` is then unchanged and the temporary file removed.
    """
    temporary = temporary or temporaries.name(path)
    with shortage.explained(path):
        try:
            write(temporary)
            temporaries.sweep(temporary)
            sync(temporary)
            if check:
                check(temporary)
            os.replace(temporary, path)
            sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)  # which a read-only disk refuses, too


def replace_json(path: Path, content: object, indent: int | None = 1) -> None:
    """`replace` with `content` as JSON, which is written faster without indentation. Raises TypeError if it can't be JSON, OSError."""
    text = json.dumps(content, indent=indent, ensure_ascii=False)
    replace(path, lambda temporary: temporary.write_bytes(os.fsencode(text)))  # names of files need not be valid UTF-8


def remove(path: Path) -> None:
    """Remove whatever is there, even a folder; only for what can be made again."""
    make_way(path)
    path.unlink(missing_ok=True)


def make_way(path: Path) -> None:
    """Remove a folder in a file's place, which `replace` can't replace; only for what can be made again."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def space(path: Path) -> int:
    """Bytes of disk space that removing a file, a link or a folder would free; without what goes meanwhile."""
    inner = [Path(parent, name) for parent, _, names in os.walk(path) for name in names]  # none in a file
    return sum(_space(each) for each in ([path] if path.is_symlink() or not path.is_dir() else inner))


def _space(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.lstat().st_blocks * 512
    return 0


def sync(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def is_there(path: Path) -> bool:
    """Whether a file is there, without opening it. Raises Damaged if something else is in its place."""
    try:
        found = os.stat(path)
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not os.path.lexists(path):
            return False
        raise _unread(path, error) from None
    if not stat.S_ISREG(found.st_mode):
        raise Damaged(path, "is a folder" if stat.S_ISDIR(found.st_mode) else "is not a regular file")
    return True


def read(path: Path) -> bytes:
    """The content of a file. Raises Damaged if it is missing, or something else is in its place."""
    if not is_there(path):
        raise Damaged(path, "is missing")
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unread(path, error) from None


def read_json(path: Path, shape: object = object):
    """What `replace_json` wrote, as a value of type `shape`, which pydantic checks. Raises Damaged."""
    text = os.fsdecode(read(path))
    if not text.strip():
        raise Damaged(path, "is empty")
    try:
        content = parse(text)
    except json.JSONDecodeError as error:
        raise Damaged(path, f"is not JSON ({error.msg}, line {error.lineno}, column {error.colno})") from None
    except ValueError as error:  # NaN, or a number of thousands of digits
        raise Damaged(path, f"is not JSON ({error})") from None
    except RecursionError:
        raise Damaged(path, "is nested too deeply") from None
    return check(path, content, shape)


def parse(text: str):
    """The value of a JSON text, without NaN and Infinity, which Python would accept. Raises ValueError, RecursionError."""
    return json.loads(text, parse_constant=_refuse)


def check(path: Path, content: object, shape: object):
    """`content`, read from `path`, as a value of type `shape`. Raises Damaged."""
    try:
        return _adapter(shape).validate_python(content)
    except ValidationError as error:
        raise Damaged(path, _said(error)) from None


def version(path: Path) -> tuple | None:
    """A value that changes whenever the file is replaced or written; None if it is missing."""
    try:
        return mark(os.stat(path))
    except OSError:
        return mark(os.lstat(path)) if os.path.lexists(path) else None  # a link that leads nowhere


def mark(found: os.stat_result) -> tuple:
    """The `version` by what `os.stat` has returned: files with the same time differ in their inode."""
    return found.st_ino, found.st_mtime_ns, found.st_size


def why(error: OSError) -> str:
    """Why a file or folder can't be read, as `Damaged.reason`."""
    reasons = {
        errno.ENOENT: "is a link that leads nowhere",  # or was there a moment ago
        errno.ELOOP: "is a link that leads to itself",
        errno.EISDIR: "is a folder",
        errno.ENOTDIR: "is not a folder",
        errno.EACCES: "can't be read (permission denied)",
    }
    return reasons.get(error.errno, f"can't be read ({error.strerror})")


def _unread(path: Path, error: OSError) -> Damaged:
    return (Hindered if error.errno in _PASSING else Damaged)(path, why(error))


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a number")


@lru_cache
def _adapter(shape: object) -> TypeAdapter:
    return TypeAdapter(shape)


def _said(error: ValidationError) -> str:
    """The first thing that is wrong, as `Damaged.reason`: "holds test.accuracy = 7: should be less than or equal to 1"."""
    first = error.errors()[0]
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    if first["type"] == "missing":
        return f"lacks {place}"
    try:
        value = repr(first["input"])
    except RecursionError:
        value = "something nested too deeply"
    value = value if len(value) <= _MOST else f"{value[:_MOST]}…"
    message = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return f"holds {f'{place} = ' if place else ''}{value}: {message[:1].lower()}{message[1:]}"
