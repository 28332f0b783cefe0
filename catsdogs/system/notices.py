"""Messages that people must see, from any process: files in the home folder, which pages show until somebody dismisses them.

Commands show them as well, which dismisses them.
"""

import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from catsdogs.system import files, home


def leave(text: str) -> None:
    """Leave a message."""
    path = home.subfolder("notices") / f"{time.time_ns()}-{secrets.token_hex(3)}.txt"
    files.replace(path, lambda temporary: temporary.write_text(text, encoding="utf-8", errors="backslashreplace"))


def pending() -> dict[str, str]:
    """The messages by file name, the oldest first."""
    found = {}
    for path in sorted(_folder().glob("[0-9]*.txt")):
        with suppress(files.Damaged):  # another process dismissed it
            found[path.name] = files.read(path).decode("utf-8", "replace")
    return found


def dismiss(names: Iterable[str]) -> None:
    """Remove the messages with these file names, for everybody."""
    for name in names:
        (_folder() / name).unlink(missing_ok=True)


def take() -> list[str]:
    """Remove and return the messages, the oldest first. Each goes to one caller only."""
    taken = []
    for name, text in pending().items():
        with suppress(FileNotFoundError):  # another process took it
            (_folder() / name).unlink()
            taken.append(text)
    return taken


def _folder() -> Path:
    return home.folder() / "notices"  # made by the first notice
