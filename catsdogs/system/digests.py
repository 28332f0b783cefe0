"""SHA-256 digests, in hexadecimal digits."""

import hashlib
import os
from pathlib import Path


def of_text(text: str | Path) -> str:
    """The first 32 digits for a text, or a path, which need not be valid UTF-8: enough to name a file after it."""
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:32]


def of_file(path: Path) -> str:
    """All 64 digits for the content of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
