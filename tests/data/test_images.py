import re
import struct
import subprocess
import sys
import zlib
from functools import cache

import numpy as np
import pytest
from PIL import Image

from catsdogs.data import formats, images
from catsdogs.errors import InputError
from tests.browsing import PROJECT
from tests.images import encoded, noise, picture

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_becomes_a_square_of_rgb_bytes(tmp_path, name):
    path = picture(tmp_path / f"cat{formats.FORMATS[name][0]}", (61, 40))
    pixels = images.load(path, 32)
    assert pixels.shape == (32, 32, 3) and pixels.dtype == np.uint8
    assert pixels.std() > 10
    assert np.array_equal(images.load(path.read_bytes(), 32), pixels)


def test_a_picture_of_the_target_size_keeps_its_pixels(tmp_path):
    path = picture(tmp_path / "cat.png", (32, 32))
    assert np.array_equal(images.load(path, 32), np.asarray(Image.open(path)))


def test_the_picture_is_stretched_not_cropped():
    stripes = np.zeros((20, 80, 3), np.uint8)
    stripes[:, :40] = RED
    stripes[:, 40:] = BLUE
    pixels = images.load(encoded(Image.fromarray(stripes), "PNG"), 32)
    assert np.all(pixels[:, :12] == RED) and np.all(pixels[:, 20:] == BLUE)


def test_the_interpolation_matters():
    content = encoded(noise(1, (90, 70)), "PNG")
    nearest = images.load(content, 32, "nearest")
    assert set(map(tuple, nearest.reshape(-1, 3))) <= set(map(tuple, np.asarray(noise(1, (90, 70))).reshape(-1, 3)))
    loaded = [images.load(content, 32, name) for name in ("nearest", "bilinear", "bicubic", "lanczos")]
    assert len({pixels.tobytes() for pixels in loaded}) == 4


def test_a_text_file_named_jpg_is_no_picture(tmp_path):
    path = tmp_path / "cat.jpg"
    path.write_text("I am a cat, honestly.")
    with pytest.raises(InputError, match="not an image that can be read"):
        images.load(path, 32)


def test_an_empty_file_is_told_to_be_empty(tmp_path):
    (tmp_path / "cat.jpg").touch()
    with pytest.raises(InputError, match="The file is empty"):
        images.load(tmp_path / "cat.jpg", 32)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_picture_that_is_cut_off_is_refused_with_the_reason(name):
    content = encoded(noise(1, (200, 150)), name)
    with pytest.raises(InputError, match="damaged or cut off|not an image that can be read"):
        images.load(content[: len(content) // 2], 32)


def test_a_truncated_jpeg_is_told_to_be_damaged():
    content = encoded(noise(1, (200, 150)), "JPEG")
    with pytest.raises(InputError, match="The image is damaged or cut off"):
        images.load(content[: len(content) // 2], 32)


@cache
def damaged() -> dict[str, bytes]:
    """Files that Pillow refuses, each in words of its own."""
    jpeg, png = (encoded(noise(1, (200, 150)), name) for name in ("JPEG", "PNG"))
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 255
    made = {f"half a {name}": content[: len(content) // 2] for name in formats.FORMATS for content in [encoded(noise(1, (200, 150)), name)]}
    return {**made, "the head of a JPEG": jpeg[:40], "the head of a PNG": png[:20], "a PNG with another bit": bytes(flipped)}


@pytest.mark.parametrize("name", damaged())
def test_why_an_image_can_t_be_read_is_told_in_words_of_our_own(name):
    with pytest.raises(InputError) as refused:
        images.load(damaged()[name], 32)
    begins = r"The image is damaged or cut off(, or of a rare kind that can't be read\. If it can be opened elsewhere, save it as JPEG)?\."
    assert re.fullmatch(begins, str(refused.value))


def test_a_rare_kind_of_bmp_is_not_called_damaged():
    content = bytearray(encoded(noise(1, (20, 15)), "BMP"))
    content[28] = 13  # bits of a pixel
    with pytest.raises(InputError, match=r"^This kind of BMP can't be read\. Save it as PNG or JPEG\.$"):
        images.load(bytes(content), 32)


@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_are_refused_or_read_but_never_anything_else():
    random = np.random.default_rng(3)
    for name in formats.FORMATS:
        content = np.frombuffer(encoded(noise(1, (40, 30)), name), np.uint8)
        for _ in range(60):
            damaged = content.copy()
            damaged[random.integers(0, min(len(content), 400), 4)] = random.integers(0, 256, 4)
            try:
                assert images.load(damaged.tobytes(), 32).shape == (32, 32, 3)
            except InputError as refused:
                assert str(refused).endswith(".")


def test_a_grey_picture_of_16_bits_keeps_its_greys():
    ramp = np.tile(np.linspace(0, 65535, 64, dtype=np.uint16), (64, 1))
    pixels = images.load(encoded(Image.fromarray(ramp), "PNG"), 64)
    assert np.abs(pixels[:, :, 0].astype(int) - np.linspace(0, 255, 64)).max() < 2
    assert np.array_equal(pixels[:, :, 0], pixels[:, :, 2])


def test_a_grey_jpeg_has_three_equal_channels():
    pixels = images.load(encoded(Image.new("L", (50, 40), 77), "JPEG"), 32)
    assert pixels.shape == (32, 32, 3) and np.all(pixels == 77)


def test_black_and_white_becomes_0_and_255():
    assert np.all(images.load(encoded(Image.new("1", (50, 40), 1), "PNG"), 32) == 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_white(mode):
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 32, 64))
    content = encoded(image.convert("P" if mode == "PA" else mode), "PNG")
    pixels = images.load(content, 64)
    assert np.all(pixels[:, :31] == 0) and np.all(pixels[:, 33:] == 255)


def test_half_transparent_red_is_pink():
    pixels = images.load(encoded(Image.new("RGBA", (40, 40), (255, 0, 0, 128)), "PNG"), 32)
    assert np.abs(pixels[0, 0].astype(int) - (255, 127, 127)).max() <= 1


@pytest.mark.parametrize("name", ["GIF", "PNG"])
def test_the_transparent_colour_of_a_palette_is_white(name):
    image = Image.new("P", (64, 64), 1)
    image.putpalette([0, 0, 0, *RED, *GREEN])
    image.paste(2, (32, 0, 64, 64))
    opaque = images.load(encoded(image, name), 64)
    assert np.all(opaque[:, :31] == RED) and np.all(opaque[:, 33:] == GREEN)
    with_hole = images.load(encoded(image, name, transparency=2), 64)
    assert np.all(with_hole[:, :31] == RED) and np.all(with_hole[:, 33:] == WHITE)


def test_a_moving_gif_is_its_first_frame():
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    pixels = images.load(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), 32)
    assert np.all(pixels == RED)


def test_a_phones_jpeg_with_two_images_is_the_first():
    pictures = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    pixels = images.load(encoded(pictures[0], "MPO", save_all=True, append_images=pictures[1:]), 32)
    assert np.abs(pixels.astype(int) - RED).max() < 4


def test_a_cmyk_jpeg_has_its_colours():
    pixels = images.load(encoded(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG"), 32)
    assert np.abs(pixels.astype(int) - RED).max() < 8


@pytest.mark.parametrize("size", [(60, 40), (600, 400)])
def test_a_photograph_taken_sideways_is_upright(size):
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    content = encoded(image, "JPEG", exif=turned())
    assert images.open_rgb(content).size == (size[1], size[0])
    pixels = images.load(content, 32).astype(int)
    assert np.abs(pixels[:13] - RED).max() < 8 and np.abs(pixels[19:] - BLUE).max() < 8


@pytest.mark.parametrize(("width", "height"), [(9000, 8000), (50000, 50000)])
def test_too_many_pixels_are_refused_before_decoding(width, height):
    with pytest.raises(InputError, match="at most 64 (megapixels )?are read"):
        images.load(png_that_claims(width, height), 32)


def test_the_megapixels_of_a_picture_that_is_too_large_are_named():
    with pytest.raises(InputError, match=r"9000 x 8000 px are 72 megapixels; at most 64 are read\. Make it smaller\."):
        images.load(png_that_claims(9000, 8000), 32)


def test_a_heic_photograph_is_read_from_any_brand():
    content = encoded(Image.new("RGB", (64, 48), RED), "HEIF", quality=95)
    assert content[8:12] == b"heic"
    for brand in (b"heic", b"mif1", b"heix"):
        assert np.abs(images.load(content[:8] + brand + content[12:], 32).astype(int) - RED).max() < 6
        assert images.examine(content, 8)[:2] == (64, 48)


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_phones_photograph_is_upright(name, orientation):
    """Both formats turn by boxes of their own, beside EXIF: that must not happen twice."""
    quarters = Image.fromarray(np.uint8([[RED, GREEN], [BLUE, WHITE]])).resize((96, 64), Image.Resampling.NEAREST)
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = images.open_rgb(encoded(quarters, "PNG", exif=exif))
    content = encoded(quarters, name, exif=exif.tobytes(), quality=95)
    assert images.examine(content, 8)[:2] == expected.size == ((96, 64) if orientation < 5 else (64, 96))
    assert np.abs(images.load(content, 32).astype(int)[4::8, 4::8] - images.load(encoded(expected, "PNG"), 32)[4::8, 4::8]).max() < 12


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
def test_a_phones_photograph_is_on_white_where_it_is_transparent(name):
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 32, 64))
    pixels = images.load(encoded(image, name, quality=95), 64).astype(int)
    assert pixels[:, :28].max() < 10 and pixels[:, 36:].min() > 245


def test_a_photograph_with_a_thumbnail_is_read_itself():
    content = encoded(noise(1, (16, 12)).resize((640, 480)), "HEIF", thumbnails=[160])
    assert images.open_rgb(content, draft=64).size == (640, 480)


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
def test_half_a_photograph_of_a_phone_is_told_to_be_damaged(name):
    content = encoded(noise(1, (200, 150)), name)
    for part in (content[:40], content[: len(content) // 2]):
        with pytest.raises(InputError, match="damaged or cut off"):
            images.examine(part, 8)


@pytest.mark.parametrize("brand", [b"isom", b"qt  ", b"crx "])
def test_a_film_or_a_raw_file_beside_the_photographs_is_none(brand):
    with pytest.raises(InputError, match="not an image that can be read .*AVIF and HEIC can"):
        images.load(b"\0\0\0\x18ftyp" + brand + bytes(100), 32)


def test_without_its_package_heic_is_set_aside_with_what_to_do(tmp_path):
    path = picture(tmp_path / "cat.heic")
    code = "import sys; sys.modules['pillow_heif'] = None; from catsdogs.data import images; images.load(sys.stdin.buffer.read(), 32)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, input=path.read_bytes(), capture_output=True)
    assert ended.stderr.rstrip().endswith(b"pip install pillow-heif, or save the photograph as JPEG.")


@pytest.mark.parametrize("name", ["WEBP", "BMP", "PNG"])
def test_the_content_counts_and_not_the_suffix(tmp_path, name):
    path = tmp_path / "cat.jpg"
    path.write_bytes(encoded(Image.new("RGB", (40, 40), GREEN), name, **({"lossless": True} if name == "WEBP" else {})))
    assert np.all(images.load(path, 32) == GREEN)


def test_formats_that_are_not_listed_are_not_opened():
    with pytest.raises(InputError, match="not an image that can be read"):
        images.load(encoded(noise(1), "TGA"), 32)


@pytest.mark.parametrize("size", [(400, 400), (1200, 900), (1000, 2000)])
def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size(size):
    content = encoded(noise(1, (16, 12)).resize(size, Image.Resampling.BICUBIC), "JPEG", quality=90)
    target = 100
    drafted = images.open_rgb(content, draft=2 * target)
    assert 2 * target <= min(drafted.size) < min(size)
    whole = images.open_rgb(content)
    assert whole.size == size
    expected = np.asarray(whole.resize((target, target), Image.Resampling.BILINEAR)).astype(int)
    differences = np.abs(images.load(content, target).astype(int) - expected)
    assert differences.mean() < 2 and differences.max() < 20


def test_a_jpeg_below_four_times_the_target_is_decoded_whole():
    content = encoded(noise(1, (399, 399)), "JPEG")
    assert images.open_rgb(content, draft=200).size == (399, 399)


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6  # stored with its top at the left
    return exif


def png_that_claims(width, height):
    """A PNG whose header names that size, with hardly any pixels behind it."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@pytest.mark.parametrize(
    ("mode", "name", "how"),
    [
        ("RGB", "JPEG", {}),
        ("RGB", "JPEG", {"keep_rgb": True}),
        ("RGB", "JPEG", {"progressive": True}),
        ("L", "JPEG", {}),
        ("CMYK", "JPEG", {}),
        ("L", "PNG", {}),
        ("L", "PNG", {"transparency": 40}),
        ("RGBA", "PNG", {}),
        ("P", "PNG", {}),
    ],
)
def test_a_thumbnail_is_the_picture_in_grey_however_it_is_stored(mode, name, how):
    blocks = noise(3, (8, 8), 0, 200).resize((512, 512), Image.Resampling.NEAREST).convert(mode)
    if how.get("transparency"):
        blocks.paste(40, (0, 0, 256, 256))
    content = encoded(blocks, name, **how)
    expected = np.asarray(images.open_rgb(content).convert("L").resize((32, 32), Image.Resampling.BOX), int)
    assert expected.std() > 10 and (not how.get("transparency") or (expected[:16, :16] == 255).all())
    assert abs(images.examine(content, 32)[2] - expected).max() <= 4
