"""Colour profiles (ICC, version 2) of a screen, of grey values and of inks, as small as they can be."""

import struct

import numpy as np

_D50 = (0.9642, 1.0, 0.8249)
_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))  # of red, green and blue
_ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def display_p3() -> bytes:
    """What phones embed."""
    codes = np.linspace(0, 1, 1024)
    linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    return _of_screen(_P3, b"curv" + bytes(4) + struct.pack(">I", 1024) + np.rint(linear * 65535).astype(">u2").tobytes())


def adobe_rgb() -> bytes:
    return _of_screen(_ADOBE, _gamma(2.19921875))


def grey(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": _xyz(_D50), b"kTRC": _gamma(gamma)})


def inks(paper: int, cyan: int) -> bytes:
    """Inks of which cyan prints grey, and all others black; both numbers are a lightness, of 255."""
    lightness = {(0, 0, 0, 0): paper, (1, 0, 0, 0): cyan}
    corners = [tuple(int(bit) for bit in f"{number:04b}") for number in range(16)]
    table = bytes(value for corner in corners for value in (lightness.get(corner, 0), 128, 128))
    ones = struct.pack(">9i", *(65536 if number % 4 == 0 else 0 for number in range(9)))
    linear = bytes(range(256))
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + ones + 4 * linear + table + 3 * linear})


def _of_screen(primaries: tuple, curve: bytes) -> bytes:
    colours = {name + b"XYZ": _xyz(primary) for name, primary in zip((b"r", b"g", b"b"), primaries, strict=True)}
    return _profile(b"mntr", b"RGB ", b"XYZ ", {b"wtpt": _xyz(_D50)} | colours | {name + b"TRC": curve for name in (b"r", b"g", b"b")})


def _gamma(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)


def _xyz(values: tuple) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    directory, content = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        directory += name + struct.pack(">II", start + len(content), len(tag))
        content += tag
    header = struct.pack(">I4sI4s4s4s12s4s", start + len(content), bytes(4), 0x02400000, kind, space, connection, bytes(12), b"acsp")
    return header.ljust(68, b"\0") + _xyz(_D50)[8:] + bytes(48) + directory + content
