"""Refuses JPEGs with too many scans: a decoder goes through all pixels for each, and 100 kB have room for thousands."""

import re
from typing import BinaryIO

MAX_SCANS = 100  # progressive photographs have about ten
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # except those within the data of a scan
_SCAN, _END = 0xDA, 0xD9
_PLAIN = (0xC0, 0xC1)  # frames in which one scan can hold all components; progressive ones need several
_HEAD = 2**20  # bytes; in most files, the first scan begins within them


def problem(file: BinaryIO) -> str | None:
    """Why the JPEG must not be decoded, as a sentence; None if it may be. Of one with a single scan, usually only the beginning is read."""
    for length in (_HEAD, -1):
        file.seek(0)
        count, is_sure = _scans(file.read(length))
        if is_sure:
            break
    return None if count <= MAX_SCANS else f"The image has more than {MAX_SCANS} scans, which take minutes to decode. Save it again."


def _scans(content: bytes) -> tuple[int, bool]:
    """The number of scans, counted up to one more than is allowed, and whether it is certain that no more follow."""
    at, count, components = 2, 0, b"none"
    while count <= MAX_SCANS:
        found = _MARKER.search(content, at)
        if not found:
            return count, False
        kind, start = content[found.start() + 1], found.end()
        at = start + int.from_bytes(content[start : start + 2])
        if kind in _PLAIN:
            components = content[start + 7 : start + 8]
        if kind == _SCAN:
            count += 1
        if kind == _END or (kind == _SCAN and components == content[start + 2 : start + 3]):
            break
    return count, True
