"""Real image files: noise in the formats and folders that a test asks for."""

import io
import os
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()  # which writes HEIC, too

_DARK, _BRIGHT = {"low": 0, "high": 196}, {"low": 60, "high": 256}


def noise(seed: int, size: tuple[int, int] = (48, 36), low: int = 0, high: int = 256) -> Image.Image:
    """An RGB picture of coloured noise; `size` is (width, height)."""
    return Image.fromarray(np.random.default_rng(seed).integers(low, high, (size[1], size[0], 3), dtype=np.uint8))


def picture(path: Path, size: tuple[int, int] = (48, 36), low: int = 0, high: int = 256, **options) -> Path:
    """Write noise to `path`, in the format of its suffix; the last three parts of the path decide which noise, so no two are alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = zlib.crc32(os.fsencode("/".join(path.parts[-3:])))
    if options:
        noise(seed, size, low, high).save(path, **options)
    else:
        path.write_bytes(_content(seed, size, low, high, Image.registered_extensions()[path.suffix.lower()]))
    return path


@lru_cache(5000)  # most tests begin with the same photographs
def _content(seed: int, size: tuple[int, int], low: int, high: int, kind: str) -> bytes:
    return encoded(noise(seed, size, low, high), kind)


def photographs(folder: Path, counts: dict[str, int], size: tuple[int, int] = (48, 36)) -> Path:
    """Class folders with that many JPEG files, `cats/cats.0.jpg` and so on; the first class is the darkest."""
    for number, (name, count) in enumerate(counts.items()):
        for index in range(count):
            picture(folder / name / f"{name}.{index}.jpg", size, **(_DARK if number == 0 else _BRIGHT))
    return folder


def encoded(image: Image.Image, name: str, **options) -> bytes:
    """The content of a file of that format."""
    content = io.BytesIO()
    image.save(content, name, **options)
    return content.getvalue()


def with_exif(image: Image.Image, name: str, *entries: tuple[int, int, int, bytes]) -> bytes:
    """The content of a file of that format with these entries of EXIF as they are: tag, type, count, value."""
    start, values = 8 + 2 + 12 * len(entries) + 4, b""
    directory = struct.pack("<H", len(entries))
    for tag, kind, count, value in sorted(entries):
        directory += struct.pack("<HHI", tag, kind, count)
        directory += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", start + len(values))
        values += value if len(value) > 4 else b""
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + directory + bytes(4) + values
    return encoded(image, name, exif=exif, **({"lossless": True} if name == "WEBP" else {}))
