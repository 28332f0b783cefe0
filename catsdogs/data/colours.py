"""The colours of an opened image -> sRGB with 8 bits, on white where it is transparent.

Its colour profile is honoured, and so are the numbers (`cicp`) or the gamma that it may have instead; a profile that is broken, or for
another colour space than the image's, is ignored. Grey values of more than 8 bits, CMYK and transparency are dealt with here, too.
"""

import io
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops

from catsdogs.data import cicp, tiff

Convert = Callable[[Image.Image], Image.Image]

_TOPS = (1.0, 255.0, 65535.0)  # highest grey values: of fractions, of 8 and of 16 bits
_TIFF_TOPS = (1.0, 255.0, 4095.0, 65535.0)  # also of 12 bits, as cameras write them; other files have them scaled to 16
_TOPS_OF_12 = (4095.0,)  # of packed 12 bits, which are unambiguous
_GREYS = ("1", "L", "LA", "La")
_NO_RGB = ("CMYK", "LAB", "HSV")
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # by the colour space that a profile names
_LARGEST_PROFILE = 4_000_000  # bytes
_NOTICED = 2  # levels of 256; a profile that changes no colour by more is not applied
_USUAL_GAMMA = 0.45455  # 1 / 2.2, about the curve of sRGB
_NOTICED_GAMMA = 0.01  # a smaller difference is not corrected
_WHITE_IS_ZERO = (262, 0)  # TIFF tag PhotometricInterpretation and its value


def flattener(image: Image.Image, strips: Iterator[Image.Image]) -> Convert:
    """A function that makes a strip of the image opaque RGB, to be reduced and resized before it is converted to sRGB.

    `strips` cover the whole image; they are read only if its highest grey value matters.
    """
    transform = _transform(image)
    if transform and transform.input_mode == "CMYK":
        return transform.apply
    _shorten_transparency(image)
    return _grey_converter(image, strips) if _is_deep(image) else _on_white


def srgb_converter(image: Image.Image) -> Convert:
    """A function that converts opaque RGB, made of the image, to sRGB: by the image's numbers, gamma or profile."""
    if numbers := _numbers(image):
        return lambda flat: cicp.to_srgb(flat, *numbers)
    if gamma := _gamma(image):
        table = [round(255 * (value / 255) ** (_USUAL_GAMMA / gamma)) for value in range(256)]
        return lambda flat: flat.point(table * 3)
    transform = _transform(image)
    if transform is None or transform.input_mode == "CMYK":
        return lambda flat: flat
    return lambda flat: transform.apply(flat.convert(transform.input_mode))


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def _shorten_transparency(image: Image.Image) -> None:
    """Reduce a transparent colour of 16 bits to 8, as Pillow does with the pixels."""
    colour = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(colour, tuple) and max(colour) > 255:
        image.info["transparency"] = tuple(value >> 8 for value in colour)


def _on_white(strip: Image.Image) -> Image.Image:
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    layer = strip.convert("RGBA")
    background = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(background, layer).convert("RGB")


def _grey_converter(image: Image.Image, strips: Iterator[Image.Image]) -> Convert:
    """Scales grey values to 8 bits, from fractions, 8, 12 or 16 bits or a larger range, whichever the highest value suggests."""
    highest = max(_values(strip).max() for strip in strips)
    tops = _TOPS if image.format != "TIFF" else _TOPS_OF_12 if tiff.bits(image) == 12 else _TIFF_TOPS
    top = next((top for top in tops if highest <= top), highest)
    transparent = image.info.get("transparency")
    tag, zero = _WHITE_IS_ZERO
    is_inverted = image.format == "TIFF" and image.mode != "F" and image.tag_v2.get(tag) == zero  # Pillow inverts 8 bits only

    def convert(strip: Image.Image) -> Image.Image:
        values = _values(strip)
        scaled = np.clip(np.rint(values * (255.0 / top)), 0, 255).astype(np.uint8)
        if transparent is not None:
            scaled[values == transparent] = 255
        grey = Image.fromarray(scaled)
        return (ImageChops.invert(grey) if is_inverted else grey).convert("RGB")

    return convert


def _values(strip: Image.Image) -> np.ndarray:
    """As float64; NaN becomes 0, and infinity a large number."""
    return np.nan_to_num(np.asarray(strip, dtype=np.float64))


def _transform(image: Image.Image):
    """From the image's profile to sRGB; None if that would change nothing."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not 0 < len(profile) <= _LARGEST_PROFILE:
        return None
    transform = _to_srgb(profile)
    return transform if transform and transform.input_mode in _described(image) else None


def _numbers(image: Image.Image) -> tuple[int, int] | None:
    """The numbers of its primaries and its curve, if they apply: a PNG's override its profile, others replace a missing one."""
    numbers = image.info.get("cicp")
    if not image.info.get("icc_profile") and (nclx := image.info.get("nclx_profile")):
        numbers = nclx["color_primaries"], nclx["transfer_characteristics"]
    return numbers if numbers and cicp.is_convertible(*numbers) else None


def _gamma(image: Image.Image) -> float | None:
    """The gamma of a PNG, if it applies: it is unusual, and nothing else defines the colours."""
    gamma = image.info.get("gamma")
    is_overridden = any(image.info.get(name) is not None for name in ("icc_profile", "cicp", "srgb"))
    return None if not gamma or is_overridden or abs(gamma - _USUAL_GAMMA) < _NOTICED_GAMMA else gamma


def _described(image: Image.Image) -> tuple[str, ...]:
    """The modes that a profile may be for if it belongs to this image."""
    if image.mode in _NO_RGB:
        return ("CMYK",) if image.mode == "CMYK" else ()
    return ("RGB", "L") if image.mode in _GREYS or _is_deep(image) else ("RGB",)


@lru_cache(maxsize=8)
def _to_srgb(profile: bytes):
    """The transform to sRGB; None if the profile is broken, for other colour spaces, or sRGB itself, as most are."""
    from PIL import ImageCms  # here, as most images have no profile

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _MODES.get(source.profile.xcolor_space.strip())
        if mode is None:
            return None
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return transform if _is_noticed(transform) else None


def _is_noticed(transform) -> bool:
    """Whether it visibly changes any of 4,096 colours."""
    colours = np.moveaxis(np.indices((16, 16, 16), np.uint8) * np.uint8(17), 0, -1).reshape(64, 64, 3)
    given = Image.fromarray(colours).convert(transform.input_mode)
    before, after = (np.asarray(each, np.int16) for each in (given.convert("RGB"), transform.apply(given)))
    return np.abs(after - before).max() > _NOTICED
