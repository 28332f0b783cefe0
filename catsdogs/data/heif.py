"""Reads large HEIC photographs reduced, without Pillow's copy of all pixels, which takes almost as much memory again.

Also what Pillow leaves out about AVIF, which has the same container as HEIC.
"""

import math
from functools import cache
from typing import BinaryIO

from PIL import Image

_STRIP = 500_000  # pixels that are copied at once
_KEPT = ("bit_depth", "chroma", "nclx_profile")


@cache
def is_available() -> bool:
    """Whether HEIC can be read, that is, whether pillow-heif is installed. The first call has Pillow use it."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)  # only the photograph itself
    return True


def reduced(file: BinaryIO, factors: tuple[int, int]) -> Image.Image:
    """The photograph in the file, its width and height divided by the factors. Raises what pillow-heif raises."""
    import pillow_heif  # here, as it need not be installed

    file.seek(0)
    opened = pillow_heif.open_heif(file)
    photograph = opened[opened.primary_index]
    content = memoryview(photograph.data)  # decodes it; its size is known only afterwards
    (width, height), (across, down) = photograph.size, factors
    small = Image.new(photograph.mode, (math.ceil(width / across), math.ceil(height / down)))
    rows = down * max(1, _STRIP // (width * down))
    for top in range(0, height, rows):
        count = min(rows, height - top)
        part = content[top * photograph.stride : (top + count) * photograph.stride]
        strip = Image.frombuffer(photograph.mode, (width, count), part, "raw", photograph.mode, photograph.stride, 1)
        small.paste(strip.reduce(factors), (0, top // down))
    return small


def info_of(file: BinaryIO) -> dict:
    """The bit depth, the chroma subsampling and the colour profile (nclx) of an AVIF, under pillow-heif's names, without decoding it.

    Empty if they can't be found out.
    """
    import pillow_heif

    file.seek(0)
    try:
        opened = pillow_heif.open_heif(file)
        info = opened[opened.primary_index].info
    except (EOFError, OSError, RuntimeError, SyntaxError, ValueError):  # what pillow-heif raises; Pillow may be able to read the file
        return {}
    return {name: info[name] for name in _KEPT if name in info}
