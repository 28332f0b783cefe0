"""Display P3, the colours of phones' screens, as a profile for files that tell them by numbers only (CICP, ITU-T H.273)."""

import struct
from functools import cache

_CICP = (12, 13)  # the numbers of its primaries and of its curve, which is that of sRGB
_WHITE = (0.9642, 1.0, 0.8249)
_PRIMARIES = {  # seen in the light of profiles, D50
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # ((a x + b) ** gamma from d on, below it c x


def is_meant(primaries: int, curve: int) -> bool:
    """Whether these numbers mean Display P3."""
    return (primaries, curve) == _CICP


@cache
def profile() -> bytes:
    """An ICC profile (version 4) of it."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(_CURVE)
    tags = {b"wtpt": _xyz(_WHITE)} | {name: _xyz(colour) for name, colour in _PRIMARIES.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    directory, content, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        directory += name + struct.pack(">II", start + len(content), len(tag))
        content += tag
    size = start + len(content)
    header = struct.pack(">I4sI4s4s4s12s4s", size, bytes(4), 0x04000000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp")
    return header.ljust(68, b"\0") + _fixed(_WHITE) + bytes(48) + directory + content


def _xyz(values: tuple) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(values)


def _fixed(values: tuple) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))
