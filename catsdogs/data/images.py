"""Bytes -> a safe RGB array of the target size: the only way in for images, for training and classifying alike.

Any error while a file is decoded becomes an InputError with the reason, whatever the file contains. Images that are decoded at the same
time take less than _MEMORY together, however many threads there are. Rescaling is left to the model's first layer.
"""

import errno
import io
import math
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from catsdogs.data import aspect_ratio, colours, formats, heif, jpeg, orientation, png, tiff
from catsdogs.data.memory import Memory
from catsdogs.errors import InputError

VERSION = 4  # to be raised if the same files give other pixels, or other files can be read
MAX_MEGAPIXELS = 64  # phones take 12 to 50
MAX_MEGABYTES = 256  # of a file: 64 megapixels, uncompressed
MAX_SIDE = 65_535  # px, as for JPEG

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_MEMORY = 260e6  # bytes for all images that are being decoded; with a loaded network, less than 1 GB in all
_BYTES = {"WEBP": 16, "AVIF": 16, "HEIF": 16, "TIFF": 8, "PPM": 12}  # per pixel, where Pillow keeps copies; 4 elsewhere
_PHONES_HEIF = 9  # bytes per pixel with 4:2:0 chroma subsampling, which phones use
_REDUCED_HEIF = 5.1  # the same with 8 bits, reduced by `heif` without Pillow's copy
_PLAIN_AVIF = 10  # bytes per pixel of an AVIF with 8 bits, 4:2:0 and no transparency
_JPEG = ("JPEG", "MPO")
_HEIF, _AVIF, _TIFF = "HEIF", "AVIF", "TIFF"
_LARGE = 4e6  # pixels; a larger image is reduced before it is resized
_STRIP = 500_000  # pixels that are converted at once
_SLOW = ("ppm", "ppm_plain", "bmp_rle")  # Pillow's decoders that take a second or two per megapixel
_MOST_OF_SLOW = 4  # megapixels
_DAMAGED = "The image is damaged or cut off"
_OR_RARE = "or of a rare kind that can't be read. If it can be opened elsewhere, save it as JPEG."
_OF_THE_FILE = (None, errno.EINVAL)  # errno of what is the file's fault: Pillow's own errors, and seeking to an impossible place


class Unready(InputError):
    """An image that can't be decoded here and now, although its file may be fine."""


def load(source: bytes | Path, target_size: int, interpolation: str = "bilinear", proportions: str = "stretch") -> np.ndarray:
    """An image as uint8 pixels of shape (target_size, target_size, 3).

    `proportions` are "stretch", as in Keras' `flow_from_directory`, "crop" or "pad", which `aspect_ratio` explains.
    A JPEG of four times the target size or more is decoded at a fraction of its size, and any other image of more than four megapixels is
    reduced first; both are several times faster and take less memory.
    Raises InputError with the reason if it is not an image, or is damaged or too large; Unready if that may pass; OSError if the file can't
    be opened.
    """
    image, to_srgb = _upright(source, _Need(2 * target_size, proportions))
    resized = aspect_ratio.resize(image, target_size, _RESAMPLING[interpolation], proportions)
    return np.asarray(aspect_ratio.pad(to_srgb(resized), target_size))


def open_rgb(source: bytes | Path, draft: int | None = None) -> Image.Image:
    """The image, upright, in sRGB, on white where it is transparent, in its own proportions.

    `draft` is a length in px that is enough for the longer side; None gives all pixels. Raises as `load` does.
    """
    image, to_srgb = _upright(source, _Need(draft, "pad"))
    return to_srgb(image)


def examine(source: bytes | Path, side: int) -> tuple[int, int, np.ndarray]:
    """The width and height in px of the upright image, after decoding all of it, and a grey thumbnail of it, (side, side) uint8.

    Raises as `load` does.
    """
    need = _Need(2 * side)
    with _decoded(source, need, mode="L") as (image, (width, height)):
        turn = orientation.turn(image)
        grey = _to_grey(image, *need.of(image)).resize((side, side), Image.Resampling.BOX)
        grey = grey if turn is None else grey.transpose(turn)
        return (height, width, np.asarray(grey)) if turn in orientation.ON_ITS_SIDE else (width, height, np.asarray(grey))


@dataclass(frozen=True)
class _Need:
    """How much of an image is enough."""

    draft: int | None  # px of width and height; None for all
    proportions: str = "stretch"

    def of(self, image: Image.Image) -> tuple[aspect_ratio.Box, tuple[int, int]]:
        """The part of the image to convert, and the factors by which to reduce its width and height first."""
        if self.draft is None or image.width * image.height <= _LARGE:
            return (0, 0, *image.size), (1, 1)
        return aspect_ratio.enough(*image.size, self.draft, self.proportions)


def _upright(source: bytes | Path, need: _Need) -> tuple[Image.Image, colours.Convert]:
    """The image, or enough of it, upright and opaque; and a function that converts its colours, or those of a resized copy, to sRGB."""
    with _decoded(source, need) as (image, _):
        turn = orientation.turn(image)
        flat = _to_rgb(image, *need.of(image))
        return flat if turn is None else flat.transpose(turn), colours.srgb_converter(image)


@contextmanager
def _decoded(source: bytes | Path, need: _Need, mode: str = "RGB") -> Iterator[tuple[Image.Image, tuple[int, int]]]:
    """The decoded image and its size in the file. If that is enough, a JPEG is decoded at a fraction of its size, in `mode` if it can be.

    Any exception until the end of the `with` block becomes an InputError.
    """
    with ExitStack() as opened:
        file = opened.enter_context(_opened(source))
        start = file.read(formats.HEAD)
        try:
            _require_reasonable_file(file)
            if start.startswith(formats.PNG):
                file = opened.enter_context(png.readable(file))
            if formats.kind(start) == _TIFF:
                tiff.prepare()
            with Image.open(file, formats=_formats(start)) as image:
                size = image.size
                if image.format in _JPEG and (problem := jpeg.problem(file)):
                    raise InputError(problem)
                _complete(image, file)
                _require_reasonable(image, need)
                if need.draft:
                    image.draft(mode, (need.draft, need.draft))
                with _memory.take(_cost(image, size, need)), closing(image):  # frees its pixels before others get the memory
                    yield _loaded(image, file, need), size
        except InputError:
            raise
        except Exception as error:  # decoders raise anything, and it must not affect other images
            raise _failure(start, file, error) from error


def _loaded(image: Image.Image, file: BinaryIO, need: _Need) -> Image.Image:
    """The image with its pixels loaded; a large HEIC reduced, with the same `info`."""
    if not _is_reduced_first(image, need):
        image.load()
        if image.format == _TIFF and (problem := tiff.problem_of_pixels(image)):
            raise InputError(problem)
        return image
    small = heif.reduced(file, need.of(image)[1])
    small.info = image.info
    return small


def _complete(image: Image.Image, file: BinaryIO) -> None:
    """Add to the image's `info` what Pillow leaves out."""
    if image.format == "PNG":
        image.info["cicp"] = png.cicp(file)
    elif image.format == _AVIF and heif.is_available():
        image.info |= heif.info_of(file)


def _is_reduced_first(image: Image.Image, need: _Need) -> bool:
    return image.format == _HEIF and image.mode == "RGB" and need.of(image)[1] != (1, 1)


def _formats(start: bytes) -> tuple[str, ...]:
    """The formats that Pillow may try on a file that begins with these bytes."""
    can_be_heif = formats.kind(start) == _HEIF and heif.is_available()
    return tuple(name for name in formats.FORMATS if name != _HEIF or can_be_heif)


def _opened(source: bytes | Path) -> BinaryIO:
    """The content as a seekable file. Raises OSError."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        file = source.open("rb")
    except ValueError as error:
        raise InputError(f"There can be no such file: {error}.") from None
    if file.seekable():
        return file
    with file:  # a pipe
        return io.BytesIO(file.read(MAX_MEGABYTES * 10**6 + 1))


def _require_reasonable_file(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not size:
        raise InputError("The file is empty.")
    if problem := problem_of_size(size):
        raise InputError(problem)


def problem_of_size(size: int) -> str | None:
    """Why a file of so many bytes is not read; None if it is."""
    return f"The file has {size / 1e6:,.0f} MB; at most {MAX_MEGABYTES} are read. Save it as JPEG." if size > MAX_MEGABYTES * 1e6 else None


def _require_reasonable(image: Image.Image, need: _Need) -> None:
    width, height = image.size
    if image.format == _TIFF and (problem := tiff.problem(image)):
        raise InputError(problem)
    quickly = _MOST_OF_SLOW if any(decoder in _SLOW for decoder, *_ in image.tile) else MAX_MEGAPIXELS
    megapixels, most = width * height / 1e6, min(quickly, int(_MEMORY / _bytes_per_pixel(image, need) / 1e6))
    if max(width, height) > MAX_SIDE:
        raise InputError(f"{width} x {height} px: a side of at most {MAX_SIDE} px is read.")
    if megapixels > most:
        kind = ". Make it smaller" if most == MAX_MEGAPIXELS else f" of such a file ({image.format}). Make it smaller, or save it as JPEG"
        raise InputError(f"{width} x {height} px are {megapixels:.0f} megapixels; at most {most} are read{kind}.")


def _bytes_per_pixel(image: Image.Image, need: _Need) -> float:
    """The memory that decoding takes per pixel of the size in the file; for a JPEG, the coefficients that a progressive one keeps."""
    has_less_colour = image.info.get("chroma") in (None, 420)
    if image.format == _AVIF and has_less_colour and image.mode != "RGBA" and image.info.get("bit_depth") == 8:
        return _PLAIN_AVIF
    if image.format == _HEIF and has_less_colour:
        return _REDUCED_HEIF if _is_reduced_first(image, need) and image.info.get("bit_depth") == 8 else _PHONES_HEIF
    if image.format not in _JPEG:
        return _BYTES.get(image.format, 4)
    samplings = [across * down for _, across, down, _ in image.layer]
    return 2 * sum(samplings) / max(samplings) if "progressive" in image.info else 0.1


def _cost(image: Image.Image, size: tuple[int, int], need: _Need) -> float:
    """Bytes for decoding the image, which has that size in px in the file, and for converting it."""
    pixels = image.width * image.height
    own = 4 * pixels if image.format in _JPEG else 0  # the pixels themselves, at the size of the draft
    return _bytes_per_pixel(image, need) * size[0] * size[1] + own + 8 * min(pixels, _LARGE)


_memory = Memory(_MEMORY)
Image.core.set_block_size(64 * 2**20)  # above 32 MiB, the C library returns memory to the system instead of keeping it for each thread


def _to_rgb(image: Image.Image, box: aspect_ratio.Box, factors: tuple[int, int]) -> Image.Image:
    """The part of the image within the box, flattened strip by strip and reduced, so that a large image is in memory only once."""
    (left, above, right, below), (across, down) = box, factors
    if image.mode == "RGB" and factors == (1, 1) and not image.has_transparency_data:
        return image.crop(box)
    rows = down * max(1, _STRIP // (image.width * down))
    flatten = colours.flattener(image, (strip for _, strip in _strips(image, (0, 0, *image.size), rows)))
    converted = Image.new("RGB", (math.ceil((right - left) / across), math.ceil((below - above) / down)))
    for top, strip in _strips(image, box, rows):
        converted.paste(flatten(strip).reduce(factors), (0, top // down))
    return converted


def _to_grey(image: Image.Image, box: aspect_ratio.Box, factors: tuple[int, int]) -> Image.Image:
    """The same in grey."""
    if image.mode == "L" and factors == (1, 1) and not image.has_transparency_data:
        return image.crop(box)
    return _to_rgb(image, box, factors).convert("L")


def _strips(image: Image.Image, box: aspect_ratio.Box, rows: int) -> Iterator[tuple[int, Image.Image]]:
    """Strips of that many rows of the part within the box, each with the row at which it begins in that part."""
    left, above, right, below = box
    for top in range(above, below, rows):
        yield top - above, image.crop((left, top, right, min(top + rows, below)))


def _failure(start: bytes, file: BinaryIO, error: Exception) -> InputError:
    """The error to raise if decoding fails; `start` are the first bytes of the file."""
    if isinstance(error, MemoryError):
        return Unready("There was too little memory to decode the image, or it is damaged.")
    if isinstance(error, OSError) and error.errno not in _OF_THE_FILE:
        return Unready(f"The file can't be read ({error.strerror}).")
    if isinstance(error, Image.UnidentifiedImageError) and formats.kind(start) == _HEIF and not heif.is_available():
        return Unready("To read HEIC, the package pillow-heif is needed: pip install pillow-heif, or save the photograph as JPEG.")
    return InputError(_reason(start, file, error))


def _reason(start: bytes, file: BinaryIO, error: Exception) -> str:
    """Why the image can't be used."""
    if isinstance(error, Image.UnidentifiedImageError):
        if formats.kind(start) in (_HEIF, _AVIF):  # these have no rare kinds that can't be read
            return f"{_DAMAGED}."
        if formats.kind(start) == _TIFF and (problem := tiff.problem_of_kind(file)):
            return problem
        if formats.has_signature(start):
            return f"{_DAMAGED}, {_OR_RARE}"
        return f"This is not an image that can be read ({formats.NAMES} can)."
    if isinstance(error, Image.DecompressionBombError):
        found = re.search(r"\d+", str(error))  # Pillow's sentence has the pixels first
        size = f"has {int(found[0]) / 1e6:,.0f}" if found else "has too many"
        return f"The image {size} megapixels; at most {MAX_MEGAPIXELS} are read. Make it smaller."
    if str(error).startswith("Unsupported BMP"):
        return "This kind of BMP can't be read. Save it as PNG or JPEG."
    return f"{_DAMAGED}, {_OR_RARE}" if formats.kind(start) == _TIFF else f"{_DAMAGED}."  # which has many ways to pack its pixels
