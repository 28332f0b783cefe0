"""Replaces files as a whole, so that neither a reader nor a crash ever sees half of one. Their content is up to the callers."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from catsdogs.system import temporaries


def replace(path: Path, write: Callable[[Path], object], temporary: Path | None = None) -> None:
    """Have `write(temporary)` write the new content, then put it at `path` in one step.

    The temporary file is in the same folder and keeps the suffix, which tells Keras the format. Name one where others must find it
    and no two processes write it at once.
    Raises whatever `write` raises, and OSError; `path` is then as it was and the temporary file is gone.
    """
    temporary = temporary or temporaries.name(path)
    try:
        write(temporary)
        temporaries.sweep(temporary)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def replace_json(path: Path, content: object) -> None:
    """`replace` with `content` as indented JSON. Raises TypeError where it isn't JSON, OSError."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    replace(path, lambda temporary: temporary.write_bytes(os.fsencode(text)))  # names of files need not be valid UTF-8


def read_json(path: Path):
    """What `replace_json` wrote. Raises OSError."""
    return json.loads(os.fsdecode(path.read_bytes()))


def version(path: Path) -> tuple | None:
    """Another value whenever the file was replaced or written; None while there is none. Two files at a time differ in their inode."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
