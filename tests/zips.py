"""ZIP files as attackers write them."""

import struct
from pathlib import Path


def listing_many(path: Path, count: int, said: int) -> Path:
    """A file that is nothing but a list of so many entries, of 51 bytes each; `said` is how long it is where there is no other record."""
    entry = struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0) + b"run/a"
    size = len(entry) * count
    end_64 = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, size, 1)
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, said, 0xFFFFFFFF, 0)
    path.write_bytes(entry * count + end_64 + locator + end)
    return path
