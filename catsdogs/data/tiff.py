"""TIFF files that Pillow can't read, or would read wrongly: supported here, or refused with the reason."""

from functools import cache
from typing import BinaryIO

from PIL import Image

_KIND, _BITS, _PLANES = 254, 258, 284  # tags NewSubfileType, BitsPerSample and PlanarConfiguration
_PREVIEW = 1  # a value of the first
_HIGHEST_OF_12 = 15  # what 12 bits reach in the upper 8 of 16, which Pillow keeps
_WAY_OUT = "Save it as PNG or JPEG."


@cache
def prepare() -> None:
    """Have Pillow open grey values of 12 bits in either byte order, which makes no difference to them, and those where white is zero."""
    from PIL import TiffImagePlugin  # here, as most images are no TIFF

    for order, meaning in ((b"II", 0), (b"MM", 0), (b"MM", 1)):  # 0: white is zero, which `colours` inverts
        TiffImagePlugin.OPEN_INFO.setdefault((order, meaning, (1,), 1, (12,), ()), ("I;16", "I;12"))
    TiffImagePlugin.OPEN_INFO.setdefault((b"MM", 0, (1,), 1, (16,), ()), ("I;16B", "I;16B"))


def bits(image: Image.Image) -> int:
    """The number of bits of a colour or grey value."""
    return max(image.tag_v2.get(_BITS, (1,)))


def problem(image: Image.Image) -> str | None:
    """Why an opened image must not be decoded, although Pillow would do it; None if it may be."""
    if image.tag_v2.get(_KIND) == _PREVIEW:
        return "This is a camera's raw file, of which only a small preview can be read. Save the photograph as JPEG."
    if image.tag_v2.get(_PLANES) == 2 and bits(image) > 8:  # Pillow reads noise
        return f"This TIFF has more than 8 bits in a plane for each colour, which can't be read. {_WAY_OUT}"
    return None


def problem_of_pixels(image: Image.Image) -> str | None:
    """Why a decoded image can't be used: it has 12 bits per colour in 16, of which Pillow keeps the upper 8. None if it can."""
    if image.mode in ("RGB", "RGBA") and bits(image) == 16 and 0 < max(high for _, high in image.getextrema()[:3]) <= _HIGHEST_OF_12:
        return f"The colours of this TIFF take 12 of its 16 bits at most, and would be read as nearly black. {_WAY_OUT}"
    return None


def problem_of_kind(file: BinaryIO) -> str | None:
    """Why Pillow can't open the file, if that is its number of bits; None if it is damaged."""
    from PIL import TiffImagePlugin

    try:
        file.seek(0)
        head = file.read(8)
        directory = TiffImagePlugin.ImageFileDirectory_v2(head + (file.read(8) if head[2:3] == b"\x2b" else b""))
        file.seek(directory.next)
        directory.load(file)
        found = directory.get(_BITS, (1,))
    except Exception:  # parsers raise anything
        return None
    each = f"{len(found)} x {max(found)}" if len(found) > 1 else max(found)
    return f"This kind of TIFF, with {each} bits for a pixel, can't be read. {_WAY_OUT}" if max(found) > 8 else None
