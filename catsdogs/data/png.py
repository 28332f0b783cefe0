"""A PNG with texts that are damaged, or longer than Pillow accepts -> the same without them, since its pixels can still be read.

Also the numbers that define its colours (`cicp`), which Pillow ignores.
"""

import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from PIL.PngImagePlugin import MAX_TEXT_CHUNK, MAX_TEXT_MEMORY

_START = 8  # bytes before the first chunk
_FRAME = 12  # bytes of a chunk besides its content: length, name, checksum
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")
_ANCILLARY = 32  # a bit of the first letter, set if the image can be read without the chunk
_FRAMES = b"fdAT"  # frames of an animation after the first one, which are not read
_IN_MEMORY = 8_000_000  # bytes of a copy; above, it is on disk


@contextmanager
def readable(file: BinaryIO) -> Iterator[BinaryIO]:
    """The file if Pillow can read all chunks besides the pixels; else a copy without those that it can't."""
    left_out = list(_unreadable(file))
    file.seek(0)
    if not left_out:
        yield file
        return
    with SpooledTemporaryFile(_IN_MEMORY) as copy:
        for start, end in left_out:
            _copy(file, copy, start - file.tell())
            file.seek(end)
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        yield copy


def cicp(file: BinaryIO) -> tuple[int, int] | None:
    """The CICP numbers of its primaries and its curve, if it has them."""
    for name, start, end in _chunks(file):
        if name == b"cICP" and end - start == _FRAME + 4:
            file.seek(start + 8)
            primaries, curve = file.read(2)
            return primaries, curve
        if name == b"IDAT":
            break
    return None


def _unreadable(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where each chunk begins and ends that is a text too long to be read, or is damaged and not needed for the pixels."""
    room = MAX_TEXT_MEMORY
    for name, start, end in _chunks(file):
        if name[0] & _ANCILLARY and name != _FRAMES and end - start <= _IN_MEMORY and _is_damaged(file, start, end):
            yield start, end
        elif name in _TEXTS:
            file.seek(start + 8)
            size = _unpacked(name, file.read(end - start - _FRAME)) if end - start <= room else room + 1
            if size > room or (size > MAX_TEXT_CHUNK and name != b"tEXt"):
                yield start, end
            room -= size


def _is_damaged(file: BinaryIO, start: int, end: int) -> bool:
    file.seek(start + 4)
    return zlib.crc32(file.read(end - start - 8)) != int.from_bytes(file.read(4))


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The name of each complete chunk, and where it begins and ends."""
    whole, start = file.seek(0, os.SEEK_END), _START
    while start + _FRAME <= whole:
        file.seek(start)
        length, name = struct.unpack(">I4s", file.read(8))
        end = start + length + _FRAME
        if end <= whole:
            yield name, start, end
        start = end


def _unpacked(name: bytes, content: bytes) -> int:
    """The length of an unpacked text or colour profile in bytes, counted up to one more than Pillow accepts."""
    rest = content.partition(b"\0")[2]  # after the keyword
    if name == b"tEXt" or (name == b"iTXt" and rest[:1] == b"\0"):  # not compressed
        return len(rest) if name == b"tEXt" else min(len(rest), MAX_TEXT_CHUNK)
    compressed = rest[2:].split(b"\0", 2)[-1] if name == b"iTXt" else rest[1:]
    try:
        return len(zlib.decompressobj().decompress(compressed, MAX_TEXT_CHUNK + 1))
    except zlib.error:
        return 0


def _copy(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length:
        block = source.read(min(length, _IN_MEMORY))
        target.write(block)
        length -= len(block)
