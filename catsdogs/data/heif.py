"""A large photograph of a phone -> a smaller image, without Pillow's copy of all its pixels, which takes almost as much memory again."""

from typing import BinaryIO

from PIL import Image

_STRIP = 500_000  # pixels that are copied at once


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
