"""What people must be told once, whichever process found it out: files in the home folder, which the next page or command shows."""

import secrets
import time
from contextlib import suppress
from pathlib import Path

from catsdogs.system import files, home


def leave(text: str) -> None:
    """Have people told."""
    path = home.subfolder("notices") / f"{time.time_ns()}-{secrets.token_hex(3)}.txt"
    files.replace(path, lambda temporary: temporary.write_text(text, encoding="utf-8", errors="backslashreplace"))


def take() -> list[str]:
    """What to tell, the oldest first. Each text is handed out once: no other caller gets it."""
    taken = []
    for path in sorted(_folder().glob("[0-9]*.txt")):
        with suppress(files.Damaged, FileNotFoundError):  # another process took it
            text = files.read(path).decode("utf-8", "replace")
            path.unlink()
            taken.append(text)
    return taken


def _folder() -> Path:
    return home.folder() / "notices"  # made by the first notice
