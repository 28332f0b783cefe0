"""Colours that a file defines by numbers (CICP, ITU-T H.273) -> sRGB: Display P3, which phones use, and the HDR curves PQ and HLG.

The white of HDR, 203 cd/m² (ITU-R BT.2408), becomes the white of sRGB, and so does anything brighter.
"""

from functools import cache

import numpy as np
from PIL import Image

_PRIMARIES = {  # x and y of red, green and blue, by their numbers: sRGB, BT.2020, Display P3
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_WHITE_POINT = (0.3127, 0.3290)  # D65, of all three
_SRGB, _PQ, _HLG = 13, 16, 18
_LIKE_SRGB = (1, 2, 6, 14, 15)  # curves of video without HDR, and an unspecified one: meant for the same screens
_WHITE = 203  # cd/m²
_PQ_TOP, _HLG_TOP = 10_000, 1000  # cd/m²
_STEPS = 65_535  # of light, enough for the darkest of 256 values
_STRIP = 100_000  # pixels that are converted at once


def is_convertible(primaries: int, curve: int) -> bool:
    """Whether these numbers define colours other than sRGB that `to_srgb` can convert."""
    is_plain = primaries == 1 and (curve == _SRGB or curve in _LIKE_SRGB)
    return primaries in _PRIMARIES and curve in (_SRGB, _PQ, _HLG, *_LIKE_SRGB) and not is_plain


def to_srgb(flat: Image.Image, primaries: int, curve: int) -> Image.Image:
    """The RGB image converted to sRGB from the colours that these numbers define, which must be `is_convertible`."""
    made = Image.new("RGB", flat.size)
    rows = max(1, _STRIP // flat.width)
    for top in range(0, flat.height, rows):
        strip = np.asarray(flat.crop((0, top, flat.width, min(top + rows, flat.height))))
        made.paste(Image.fromarray(_converted(strip, primaries, curve)), (0, top))
    return made


def _converted(values: np.ndarray, primaries: int, curve: int) -> np.ndarray:
    to_xyz = _to_xyz(primaries)
    light = _light(curve)[values]
    if curve == _HLG:  # so far the light of the scene; a screen shows bright colours brighter (ITU-R BT.2100)
        light *= (light @ to_xyz[1])[..., None] ** 0.2 * np.float32(_HLG_TOP / _WHITE)
    light = light @ np.linalg.solve(_to_xyz(1), to_xyz).T.astype(np.float32)
    return _codes()[np.rint(light.clip(0, 1) * _STEPS).astype(np.uint16)]


@cache
def _light(curve: int) -> np.ndarray:
    """The light that each of 256 values stands for, (256,) float32, 1 being white.

    Sources: ITU-R BT.2100 for PQ and HLG, IEC 61966-2-1 for sRGB.
    """
    value = np.arange(256) / 255
    if curve == _PQ:
        power = value ** (1 / 78.84375)
        light = (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125) * _PQ_TOP / _WHITE
    elif curve == _HLG:
        light = np.where(value <= 0.5, value**2 / 3, (np.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    else:
        light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


@cache
def _codes() -> np.ndarray:
    """The value in sRGB of each step of light, (_STEPS + 1,) uint8."""
    light = np.arange(_STEPS + 1) / _STEPS
    return np.rint(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)).astype(np.uint8)


@cache
def _to_xyz(primaries: int) -> np.ndarray:
    """The matrix from light of these primaries to CIE XYZ, (3, 3) float32; its second row is how bright each of them is."""
    corners = np.array([(x / y, 1, (1 - x - y) / y) for x, y in (*_PRIMARIES[primaries], _WHITE_POINT)]).T
    colours, white = corners[:, :3], corners[:, 3]
    return (colours * np.linalg.solve(colours, white)).astype(np.float32)
