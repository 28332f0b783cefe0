"""Bytes -> a safe RGB array of the target size: the only way in for images, for training and classifying alike.

A corrupt or unsafe file is recognised here. Rescaling is the model's first layer.
"""

import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from catsdogs.errors import InputError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm")
MAX_MEGAPIXELS = 64  # a decoded one takes 192 MB; phones take 12 to 50

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


def load(source: bytes | Path, target_size: int, interpolation: str = "bilinear") -> np.ndarray:
    """An image as uint8 pixels of shape (target_size, target_size, 3), stretched to the square as `flow_from_directory` does.

    A JPEG of four times the target size or more is decoded at a fraction of its size, which is several times faster.
    Raises InputError with the reason where it is not an image, is damaged, or has more than MAX_MEGAPIXELS.
    """
    image = open_rgb(source, draft=2 * target_size)
    return np.asarray(image.resize((target_size, target_size), _RESAMPLING[interpolation]))


def open_rgb(source: bytes | Path, draft: int | None = None) -> Image.Image:
    """The whole image, upright, in RGB, on white where it is transparent. `draft`: a side in px that is enough.

    Raises InputError as `load` does.
    """
    content = source.read_bytes() if isinstance(source, Path) else source
    if not content:
        raise InputError("The file is empty.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _require_reasonable(image.size)
            if draft:
                image.draft("RGB", (draft, draft))
            image.load()
            return _to_rgb(ImageOps.exif_transpose(image))
    except _UNREADABLE as error:
        raise InputError(_reason(content, error)) from error


def _require_reasonable(size: tuple[int, int]) -> None:
    megapixels = size[0] * size[1] / 1e6
    if megapixels > MAX_MEGAPIXELS:
        raise InputError(f"{size[0]} x {size[1]} px are {megapixels:.0f} megapixels; at most {MAX_MEGAPIXELS} are read.")


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_eight_bits(np.asarray(image, dtype=np.float64))).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        background = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(background, layer).convert("RGB")
    return image.convert("RGB")


def _to_eight_bits(values: np.ndarray) -> np.ndarray:
    """Grey values scaled to 0 to 255, from 0 to 1, 8 bits, 16 bits or a larger range, whichever the highest value suggests."""
    highest = values.max()
    top = next((top for top in (1.0, 255.0, 65535.0) if highest <= top), highest)
    return np.clip(values * (255.0 / top), 0, 255).astype(np.uint8)


def _reason(content: bytes, error: Exception) -> str:
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "HEIC photographs can't be read here; save or export it as JPEG."
    if isinstance(error, Image.UnidentifiedImageError):
        return "This is not an image that can be read (JPEG, PNG, WebP, BMP, GIF and TIFF can)."
    if isinstance(error, Image.DecompressionBombError):
        return f"The image has too many pixels; at most {MAX_MEGAPIXELS} megapixels are read."
    return f"The image is damaged or cut off ({error})."
