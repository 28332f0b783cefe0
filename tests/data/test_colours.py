"""Colours come out as they were meant: profiles, inks and more than 8 bits, in files of all formats that have them."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from catsdogs.data import heif, images
from catsdogs.errors import InputError
from tests import profiles
from tests.browsing import PROJECT
from tests.images import encoded, noise

SRGB_RED_IN_P3, SRGB_GREEN_IN_ADOBE = (234, 51, 35), (144, 255, 60)
WHAT_IS_LOADED = """
import sys
from catsdogs.data import images
images.load(sys.stdin.buffer.read(), 32)
print([name for name in ("PIL.ImageCms", "pillow_heif") if name in sys.modules])
"""


def colour_of(content: bytes) -> np.ndarray:
    """The colour of a picture that has only one."""
    pixels = images.load(content, 32).astype(int)
    assert np.ptp(pixels, axis=(0, 1)).max() <= 1
    return pixels[16, 16]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_colours_of_a_phones_screen_become_srgb(kind):
    content = encoded(Image.new("RGB", (64, 64), SRGB_RED_IN_P3), kind, icc_profile=profiles.display_p3(), quality=95)
    assert np.abs(colour_of(content) - (255, 0, 0)).max() <= 6


@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
def test_display_p3_may_be_told_by_numbers_alone(kind):
    for primaries, expected in ((12, (255, 0, 0)), (1, SRGB_RED_IN_P3)):
        assert np.abs(colour_of(numbered(kind, primaries)) - expected).max() <= 6


def test_in_a_png_numbers_come_before_a_profile():
    numbers, profile = (b"cICP", bytes((12, 13, 0, 1))), (b"iCCP", b"x\0\0" + zlib.compress(profiles.adobe_rgb()))
    by_both, by_profile = (colour_of(png(8, 2, bytes(SRGB_RED_IN_P3), *chunks)) for chunks in ((numbers, profile), (profile,)))
    assert np.abs(by_both - (255, 0, 0)).max() <= 3 and np.abs(by_profile - (255, 0, 0)).max() > 10


def numbered(kind: str, primaries: int) -> bytes:
    """A red picture, told by the number of its primaries and that of the curve of sRGB."""
    if kind == "PNG":
        return png(8, 2, bytes(SRGB_RED_IN_P3), (b"cICP", bytes((primaries, 13, 0, 1))))
    content, numbers = encoded(Image.new("RGB", (64, 64), SRGB_RED_IN_P3), kind, quality=95), b"colrnclx" + struct.pack(">HH", 1, 13)
    assert content.count(numbers) == 1
    return content.replace(numbers, b"colrnclx" + struct.pack(">HH", primaries, 13))


def test_of_a_file_that_only_pillow_can_read_nothing_else_is_known():
    assert heif.info_of(io.BytesIO(encoded(noise(1), "AVIF")[:200])) == {}


def test_a_cameras_adobe_rgb_becomes_srgb():
    content = encoded(Image.new("RGB", (64, 64), SRGB_GREEN_IN_ADOBE), "PNG", icc_profile=profiles.adobe_rgb())
    assert np.abs(colour_of(content) - (0, 255, 0)).max() <= 3


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_a_profile_holds_for_palettes_and_beside_transparency(mode):
    image = Image.new("RGB", (64, 64), SRGB_RED_IN_P3).convert(mode, palette=Image.Palette.ADAPTIVE)
    assert np.abs(colour_of(encoded(image, "PNG", icc_profile=profiles.display_p3())) - (255, 0, 0)).max() <= 3


def test_a_large_picture_with_a_profile_is_converted_after_it_is_reduced():
    content = encoded(Image.new("RGB", (2500, 2000), SRGB_RED_IN_P3), "PNG", icc_profile=profiles.display_p3())
    assert np.abs(colour_of(content) - (255, 0, 0)).max() <= 3


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_values_of_a_profile_become_those_of_srgb(mode):
    image = Image.new("L", (64, 64), 64)
    image.putpixel((0, 0), 255)
    image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257) if mode == "I;16" else image.convert(mode)
    pixels = images.load(encoded(image, "PNG", icc_profile=profiles.grey(1.0)), 64).astype(int)
    assert np.abs(pixels[32, 32] - 137).max() <= 2 and np.all(pixels[0, 0] == 255)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_with_a_profile_are_printed_as_it_says(kind):
    profile = profiles.inks(paper=255, cyan=137)
    cyan, paper = (encoded(Image.new("CMYK", (64, 64), ink), kind, icc_profile=profile) for ink in ((255, 0, 0, 0), (0, 0, 0, 0)))
    assert np.abs(colour_of(cyan) - 128).max() <= 3 and np.abs(colour_of(paper) - 255).max() <= 1


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize(("ink", "colour"), [((0, 255, 255, 0), (255, 0, 0)), ((0, 0, 0, 255), (0, 0, 0)), ((0, 0, 0, 0), (255, 255, 255))])
def test_inks_without_a_profile_keep_their_polarity(kind, ink, colour):
    content = encoded(Image.new("CMYK", (64, 64), ink), kind)
    assert (b"Adobe" in content) == (kind == "JPEG")
    assert np.abs(colour_of(content) - colour).max() <= 4


BROKEN = {
    "nothing of the kind": b"no profile at all" * 20,
    "cut off": profiles.display_p3()[:300],
    "without its curves": profiles.display_p3().replace(b"TRC", b"XXX"),
    "of grey values": profiles.grey(1.0),
    "of inks": profiles.inks(255, 137),
    "too large": profiles.display_p3().ljust(5_000_000, b"\0"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_profile_that_is_broken_or_of_something_else_changes_nothing(name):
    image = noise(1, (60, 40))
    plain, odd = (encoded(image, "TIFF", **options) for options in ({}, {"icc_profile": BROKEN[name]}))
    assert np.array_equal(images.load(odd, 32), images.load(plain, 32))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_whatever_is_changed_in_a_profile_is_its_own_fault_only(mode):
    random = np.random.default_rng(5)
    profile = {"RGB": profiles.adobe_rgb(), "L": profiles.grey(2.0), "CMYK": profiles.inks(255, 137)}[mode]
    image, changed = noise(1, (30, 20)).convert(mode), 0
    plain = images.load(encoded(image, "TIFF"), 24)
    for _ in range(60):
        damaged = np.frombuffer(profile, np.uint8).copy()
        damaged[random.integers(0, min(len(profile), 400), 3)] = random.integers(0, 256, 3)
        pixels = images.load(encoded(image, "TIFF", icc_profile=damaged.tobytes()), 24)
        changed += not np.array_equal(pixels, plain)
    assert changed


def test_srgb_itself_leaves_every_pixel_as_it_is():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = noise(1, (32, 32))
    assert np.array_equal(images.load(encoded(image, "PNG", icc_profile=profile), 32), np.asarray(image))


@pytest.mark.parametrize(
    ("kind", "options", "loaded"), [("JPEG", {}, []), ("JPEG", {"icc_profile": profiles.adobe_rgb()}, ["PIL.ImageCms"])]
)
def test_nothing_is_imported_for_a_picture_without_a_profile(kind, options, loaded):
    command = [sys.executable, "-c", WHAT_IS_LOADED]
    ended = subprocess.run(command, cwd=PROJECT, input=encoded(noise(1), "JPEG", **options), capture_output=True, check=True)
    assert ended.stdout.decode().strip() == str(loaded)


@pytest.mark.parametrize("colour", [(0x8000, 0x4000, 0xC000), (0xFFFF, 0, 0x0100)])
def test_ten_bits_of_a_phone_become_eight(colour):
    path_colour = np.tile(np.array(colour, "<u2"), (64 * 64, 1))
    assert np.abs(colour_of(ten_bits("RGB;16", path_colour)) - np.array(colour) / 257).max() <= 4
    assert np.abs(colour_of(ten_bits("L;16", path_colour[:, 0])) - colour[0] / 257).max() <= 2


def ten_bits(mode: str, values: np.ndarray) -> bytes:
    """A photograph of 64 x 64 px with 10 bits."""
    content = io.BytesIO()
    pillow_heif.encode(mode, (64, 64), values.tobytes(), content, quality=95, chroma=444)
    return content.getvalue()


def twelve_bits(*values: int) -> bytes:
    """Packed as a camera's TIFF has them, three bytes for two values."""
    pairs = zip(values[::2], values[1::2], strict=True)
    return b"".join(bytes((one >> 4, (one & 15) << 4 | other >> 8, other & 255)) for one, other in pairs)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("meaning", [0, 1])
def test_twelve_bits_are_scaled_as_twelve(meaning, order):
    """Packed; and in 16 bits, of which the highest four are not used."""
    dark, bright = 0x400, 0xFFF
    for bits, data in ((12, twelve_bits(dark, bright)), (16, struct.pack(f"{order}HH", dark, bright))):
        pixels = images.load(tiff(bits, meaning, data * (32 * 16), order=order), 32).astype(int)
        pixels = pixels if meaning else 255 - pixels
        assert np.abs(pixels[:, ::2] - 64).max() <= 1 and np.all(pixels[:, 1::2] == 255)


def test_twelve_packed_bits_are_twelve_however_dark():
    assert np.abs(colour_of(tiff(12, 1, twelve_bits(0xC0, 0xC0) * (32 * 16))) - 12).max() <= 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_colours_of_twelve_bits_are_refused_rather_than_read_as_nearly_black(order):
    packed = tiff((12, 12, 12), 2, twelve_bits(0xFFF, 0x800, 0x400, 0xFFF, 0x800, 0x400) * (32 * 16), order=order)
    with pytest.raises(InputError, match="This kind of TIFF, with 3 x 12 bits for a pixel, can't be read. Save it as PNG or JPEG"):
        images.load(packed, 32)
    for size, reader in ((3, images.load), (4, images.examine)):
        values = struct.pack(f"{order}{size}H", *(0xFFF, 0x800, 0x400, 0xFFFF)[:size])
        with pytest.raises(InputError, match="The colours of this TIFF take 12 of its 16 bits at most"):
            reader(tiff((16,) * size, 2, values * 1024, order=order), 32)
    assert np.all(colour_of(tiff((16, 16, 16), 2, bytes(6) * 1024, order=order)) == 0)


def test_white_may_be_zero_in_16_bits():
    assert np.abs(colour_of(tiff(16, 0, struct.pack("<H", 0xC000) * 1024)) - 63).max() <= 1


def test_16_bits_in_separate_planes_are_refused_rather_than_read_as_noise():
    with pytest.raises(InputError, match="more than 8 bits in a plane for each colour"):
        images.load(tiff((16, 16, 16), 2, struct.pack("<H", 0x8000) * 3 * 1024, planes=2), 32)


@pytest.mark.parametrize(("kind", "colour"), [(0, (0x4000,)), (2, (0x8000, 0x4000, 0xC000))])
def test_the_transparent_colour_of_16_bits_is_white(kind, colour):
    value = struct.pack(f">{len(colour)}H", *colour)
    assert np.all(colour_of(png(16, kind, value, (b"tRNS", value))) == 255)
    assert np.abs(colour_of(png(16, kind, value)) - np.array(colour) / 257).max() <= 1


def test_a_png_is_as_bright_as_its_gamma_says():
    grey, gamma = bytes((100, 100, 100)), lambda value: (b"gAMA", struct.pack(">I", value))
    assert np.abs(colour_of(png(8, 2, grey, gamma(100000))) - 167).max() <= 2  # linear
    assert np.abs(colour_of(png(8, 0, grey[:1], gamma(55556))) - 119).max() <= 2  # an old Mac's
    for usual in ([gamma(45455)], [gamma(100000), (b"sRGB", b"\0")], [gamma(0)]):
        assert np.all(colour_of(png(8, 2, grey, *usual)) == 100)


def png(bits: int, kind: int, pixel: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of 32 x 32 such pixels."""
    rows = zlib.compress((b"\0" + pixel * 32) * 32)
    written = [(b"IHDR", struct.pack(">IIBBBBB", 32, 32, bits, kind, 0, 0, 0)), *chunks, (b"IDAT", rows), (b"IEND", b"")]
    frames = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in written)
    return b"\x89PNG\r\n\x1a\n" + b"".join(frames)


def tiff(bits: int | tuple, meaning: int, data: bytes, planes: int = 1, order: str = "<") -> bytes:
    """A TIFF of 32 x 32 pixels without compression. `meaning`: 0, white is zero; 1, black is zero; 2, RGB. `order`: that of bytes."""
    bits = bits if isinstance(bits, tuple) else (bits,)
    parts = len(bits) if planes == 2 else 1
    size = len(data) // parts
    entries = {256: (32,), 257: (32,), 258: bits, 259: (1,), 262: (meaning,), 277: (len(bits),), 278: (32,), 284: (planes,)}
    start = 8 + 2 + 12 * (len(entries) + 2) + 4
    entries |= {273: tuple(1000 + number * size for number in range(parts)), 279: (size,) * parts}
    directory, values = struct.pack(f"{order}H", len(entries)), b""
    for tag in sorted(entries):
        value = struct.pack(f"{order}{len(entries[tag])}I", *entries[tag])
        value, kind = (value, 4) if tag != 258 else (struct.pack(f"{order}{len(bits)}H", *bits), 3)
        directory += struct.pack(f"{order}HHI", tag, kind, len(entries[tag]))
        directory += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", start + len(values))
        values += value if len(value) > 4 else b""
    return ({"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 8) + directory + bytes(4) + values).ljust(1000, b"\0") + data
