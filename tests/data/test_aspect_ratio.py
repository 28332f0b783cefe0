"""Images that are no squares: stretched, cropped and padded, beside what Keras makes of them."""

import io

import keras
import numpy as np
import pytest
from PIL import Image

from catsdogs.data import aspect_ratio, images
from catsdogs.settings.choices import PROPORTIONS
from tests.images import encoded, noise

SIZES = [(96, 64), (63, 90), (91, 40), (33, 200), (64, 64), (31, 29)]
INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "lanczos"]


def resized(image, interpolation, **settings):
    """By Keras' layer; its antialiasing is what Pillow always does, but for nearest."""
    layer = keras.layers.Resizing(32, 32, interpolation, antialias=interpolation != "nearest", **settings)
    return np.asarray(layer(np.asarray(image, np.float32)))


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("size", SIZES)
def test_a_cropped_image_has_the_pixels_of_keras_load_img(size, interpolation):
    content = encoded(noise(1, size), "PNG")
    expected = keras.utils.load_img(io.BytesIO(content), target_size=(32, 32), interpolation=interpolation, keep_aspect_ratio=True)
    np.testing.assert_array_equal(images.load(content, 32, interpolation, "crop"), np.asarray(expected))


@pytest.mark.parametrize("size", [(80, 40), (40, 80), (60, 48)])
def test_a_cropped_image_is_that_of_keras_layer(size):
    """Pillow looks beyond the border of the crop, by less than a pixel of the result, and rounds twice."""
    image = noise(1, size)
    ours, theirs = images.load(encoded(image, "PNG"), 32, "bilinear", "crop"), resized(image, "bilinear", crop_to_aspect_ratio=True)
    assert np.abs(ours - theirs)[1:-1, 1:-1].max() <= 1.5


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(80, 40), (40, 80), (128, 32)])
def test_a_padded_image_is_that_of_keras_layer(size, interpolation):
    """But for the border, which Keras blurs."""
    image = noise(1, size)
    ours, theirs = images.load(encoded(image, "PNG"), 32, interpolation, "pad"), resized(image, interpolation, pad_to_aspect_ratio=True)
    margin = (32 - 32 * min(size) // max(size)) // 2
    inside, outside = slice(margin + 1, 32 - margin - 1), slice(0, margin - 1)
    if size[0] < size[1]:
        ours, theirs = ours.swapaxes(0, 1), theirs.swapaxes(0, 1)
    assert not ours[:margin].any() and not ours[32 - margin :].any() and not theirs[outside].any()
    assert np.abs(ours - theirs)[inside].max() <= (0 if interpolation == "nearest" else 1.5)
    assert ours[margin].std() > 10 and ours[31 - margin].std() > 10


@pytest.mark.parametrize("proportions", ["crop", "pad"])
def test_a_square_is_only_resized(proportions):
    content = encoded(noise(1, (77, 77)), "PNG")
    np.testing.assert_array_equal(images.load(content, 32, "bicubic", proportions), images.load(content, 32, "bicubic"))


def test_all_of_a_padded_image_is_there_and_undistorted():
    circle = Image.new("RGB", (300, 100), "white")
    circle.paste((255, 0, 0), (100, 0, 200, 100))
    pixels = images.load(encoded(circle, "PNG"), 60, "nearest", "pad")
    assert (pixels[:20] == 0).all() and (pixels[40:] == 0).all()
    assert (pixels[20:40, 20:40] == (255, 0, 0)).all() and (pixels[20:40, :20] == 255).all() and (pixels[20:40, 40:] == 255).all()


def test_a_transparent_image_is_on_white_and_beside_it_is_black():
    pixels = images.load(encoded(Image.new("RGBA", (80, 40), (0, 0, 0, 0)), "PNG"), 32, proportions="pad")
    assert (pixels[8:24] == 255).all() and not pixels[:8].any() and not pixels[24:].any()


@pytest.mark.parametrize("proportions", ["crop", "pad"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_taken_sideways_is_upright_before_it_is_squared(orientation, proportions):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(noise(1, (90, 47)), "PNG", exif=exif)
    upright = encoded(images.open_rgb(content), "PNG")
    np.testing.assert_array_equal(images.load(content, 32, "bilinear", proportions), images.load(upright, 32, "bilinear", proportions))


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (2000, 800)), ("BMP", (3001, 1400)), ("BMP", (1203, 3401))])
@pytest.mark.parametrize("proportions", ["crop", "pad"])
def test_a_large_image_is_reduced_without_distorting_it(kind, size, proportions):
    image = noise(1, (9, 7)).resize(size, Image.Resampling.BICUBIC)
    expected = np.asarray(aspect_ratio.pad(aspect_ratio.resize(image, 50, Image.Resampling.BILINEAR, proportions), 50)).astype(int)
    assert np.abs(images.load(encoded(image, kind), 50, "bilinear", proportions) - expected).mean() < 4


@pytest.mark.parametrize("mode", ["I;16", "L", "P", "1", "RGBA"])
def test_the_middle_of_a_large_image_of_any_mode_is_that_of_a_small_one(mode):
    """White, with a black square in the middle, in which there is a white one of half its side."""
    image = Image.new("L", (4000, 1100), 255)
    image.paste(0, (1400, 0, 2600, 1100))
    image.paste(255, (1725, 275, 2275, 825))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    pixels = images.load(encoded(image if mode == "I;16" else image.convert(mode), "PNG"), 40, proportions="crop")
    assert (pixels[11:29, 11:29] == 255).all() and not pixels[:9].any() and not pixels[31:].any() and not pixels[:, :9].any()


@pytest.mark.parametrize("size", [(500, 1), (1, 500), (1, 1)])
@pytest.mark.parametrize("proportions", PROPORTIONS)
def test_the_thinnest_image_becomes_a_square(size, proportions):
    pixels = images.load(encoded(Image.new("RGB", size, "white"), "PNG"), 32, proportions=proportions)
    assert pixels.shape == (32, 32, 3) and pixels.dtype == np.uint8 and pixels.max() == 255


def test_a_large_image_is_shown_in_its_own_proportions():
    wide = images.open_rgb(encoded(Image.new("RGB", (4000, 1600)), "BMP"), draft=300)
    assert wide.width >= 300 and wide.width / wide.height == pytest.approx(2.5, rel=0.02)
