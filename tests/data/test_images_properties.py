"""Whatever picture there can be: it has the shape that was asked for, or is refused in a sentence."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from catsdogs.data import formats, images
from catsdogs.errors import InputError
from tests.images import encoded, noise, with_exif

MODES = {"JPEG": ("L", "RGB", "CMYK"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "WEBP": ("RGB", "RGBA"), "TIFF": ("L", "F")}
pictures = st.sampled_from([(name, mode) for name, modes in MODES.items() for mode in modes])
sides = st.integers(1, 40)


def of_mode(mode: str, size: tuple[int, int]) -> Image.Image:
    """Pillow turns RGB into 16 bits only by way of grey."""
    picture = noise(0, size)
    return picture.convert("L").convert(mode) if mode in ("I;16", "F") else picture.convert(mode)


@given(pictures, sides, sides, st.integers(1, 50), st.sampled_from(["stretch", "crop", "pad"]))
def test_a_picture_of_any_kind_and_size_has_the_shape_that_was_asked_for(picture, width, height, side, proportions):
    name, mode = picture
    content = encoded(of_mode(mode, (width, height)), name)
    pixels = images.load(content, side, proportions=proportions)
    assert (pixels.shape, pixels.dtype) == ((side, side, 3), np.uint8)
    assert images.examine(content, 9)[:2] == (width, height)
    assert images.open_rgb(content).size == (width, height)


@given(st.integers(0, 65535), sides, sides)
def test_whatever_orientation_is_written_it_keeps_all_its_pixels(orientation, width, height):
    content = with_exif(noise(0, (width, height)), "JPEG", (0x0112, 3, 1, orientation.to_bytes(2, "little") + b"\0\0"))
    assert sorted(images.open_rgb(content).size) == sorted((width, height))


@given(st.sampled_from([b"", b"\xff\xd8\xff", formats.PNG, b"GIF89a", b"II*\0", b"BM", b"P6 1 1 255\n", b"RIFF\0\0\0\0WEBP"]), st.binary())
def test_bytes_that_only_begin_like_a_picture_are_refused_in_a_sentence(start, rest):
    try:
        image = images.open_rgb(start + rest)
    except InputError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
    else:
        assert image.mode == "RGB"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", MODES)
@given(share=st.floats(0, 0.9))
def test_a_picture_that_is_cut_off_is_refused_or_has_its_shape(name, share):
    whole = encoded(noise(0, (64, 48)), name) if name != "TIFF" else tiff()
    try:
        assert images.load(whole[: int(share * len(whole))], 8).shape == (8, 8, 3)
    except InputError as error:
        assert str(error).endswith(".")


def tiff() -> bytes:
    content = io.BytesIO()
    noise(0, (64, 48)).save(content, "TIFF", compression="tiff_lzw")
    return content.getvalue()
