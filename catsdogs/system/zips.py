"""Opens untrusted ZIP files only if their list of entries is short: `zipfile` reads all of it, into ten times as much memory."""

import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AROUND = 2**17  # bytes that are read to find the list, which is followed by a comment of up to 64 kB


class TooLong(Exception):
    """The list of entries is longer than is allowed."""


class _Limited(io.BufferedReader):
    """A file of which no more than `left` bytes can be read."""

    left: float

    def read(self, size: int | None = -1) -> bytes:
        if size and size > self.left:
            raise TooLong("its list of entries is too long")
        content = super().read(size)
        self.left -= len(content)
        return content


@contextmanager
def opened(path: Path, most: int) -> Iterator[zipfile.ZipFile]:
    """The ZIP file. Raises TooLong if it says that its list of entries has more than `most` bytes, and what `zipfile.ZipFile` raises."""
    with _Limited(io.FileIO(path)) as file:
        file.left = most + _AROUND
        with zipfile.ZipFile(file) as archive:
            file.left = math.inf
            yield archive
