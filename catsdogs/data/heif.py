"""A large photograph of a phone -> a smaller image, without Pillow's copy of all its pixels, which takes almost as much memory again.

And what Pillow does not tell of one in AVIF, which is HEIC with other pixels in it.
"""

from functools import cache
from typing import BinaryIO

from PIL import Image

_STRIP = 500_000  # pixels that are copied at once
_KEPT = ("bit_depth", "chroma", "nclx_profile")


@cache
def is_available() -> bool:
    """Whether Pillow can open HEIC: once a first such file has come, and if the package for it is installed."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)  # the photograph itself, and all of it
    return True


def reduced(file: BinaryIO, factors: tuple[int, int]) -> Image.Image:
    """The photograph in the file, its width and height divided by the factors; raises what pillow-heif does."""
    import pillow_heif  # here, as it need not be installed

    file.seek(0)
    opened = pillow_heif.open_heif(file)
    photograph = opened[opened.primary_index]
    content = memoryview(photograph.data)  # decodes it, so the size is known only now
    (width, height), (across, down) = photograph.size, factors
    small = Image.new(photograph.mode, (-(-width // across), -(-height // down)))
    rows = down * max(1, _STRIP // (width * down))
    for top in range(0, height, rows):
        count = min(rows, height - top)
        part = content[top * photograph.stride : (top + count) * photograph.stride]
        strip = Image.frombuffer(photograph.mode, (width, count), part, "raw", photograph.mode, photograph.stride, 1)
        small.paste(strip.reduce(factors), (0, top // down))
    return small


def info_of(file: BinaryIO) -> dict:
    """How an AVIF stores its photograph, and the numbers of its colours, as pillow-heif has them in `info`; it decodes nothing for that.

    Nothing where it can't be found out.
    """
    import pillow_heif

    file.seek(0)
    try:
        opened = pillow_heif.open_heif(file)
        info = opened[opened.primary_index].info
    except (EOFError, OSError, RuntimeError, SyntaxError, ValueError):  # what pillow-heif raises; Pillow may read the file all the same
        return {}
    return {name: info[name] for name in _KEPT if name in info}
