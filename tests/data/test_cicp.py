"""HDR photographs, of phones and cameras, look like the same in sRGB."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from catsdogs.data import cicp, images
from tests.images import encoded

PQ, HLG = 16, 18
BT_2020 = {  # linear sRGB -> linear BT.2020 (ITU-R BT.2087)
    "matrix": ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956)),
    "brightness": (0.2627, 0.6780, 0.0593),
}
COLOURS = [(255, 255, 255), (128, 128, 128), (0, 0, 0), (200, 60, 40), (40, 140, 60), (30, 60, 180), (230, 190, 150), (24, 20, 16)]


def hdr(rgb: np.ndarray, curve: int, white: float = 203) -> np.ndarray:
    """Values from 0 to 1 in PQ or HLG and BT.2020 for those of sRGB; `white` in cd/m²."""
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4) @ np.array(BT_2020["matrix"]).T * white
    if curve == PQ:
        power = (linear / 10_000) ** (2610 / 16384)
        return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    shown = linear / 1000
    brightness = np.maximum(shown @ np.array(BT_2020["brightness"]), 1e-9)
    scene = shown * (brightness ** (1 / 1.2 - 1))[..., None]
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073)


def stripes() -> np.ndarray:
    """Each colour 16 px wide."""
    return np.repeat(np.tile(np.array(COLOURS, np.uint8), (64, 1, 1)), 16, axis=1)


def stored(values: np.ndarray, kind: str, curve: int) -> bytes:
    """A file with these values, from 0 to 1, and the numbers of BT.2020 and of the curve: PNG and AVIF of 8 bits, HEIC of 10."""
    if kind == "PNG":
        return png(values, bytes((9, curve, 0, 1)))
    if kind == "AVIF":
        content = encoded(Image.fromarray(np.rint(values * 255).astype(np.uint8)), kind, quality=100, subsampling="4:4:4")
    else:
        file, deep = io.BytesIO(), np.rint(values * 65535).astype("<u2")
        pillow_heif.encode("RGB;16", deep.shape[1::-1], deep.tobytes(), file, quality=100, chroma=444)
        content = file.getvalue()
    numbers = b"colrnclx" + struct.pack(">HH", 1, 13)
    assert content.count(numbers) == 1
    return content.replace(numbers, b"colrnclx" + struct.pack(">HH", 9, curve))


def png(values: np.ndarray, numbers: bytes) -> bytes:
    content = encoded(Image.fromarray(np.rint(values * 255).astype(np.uint8)), "PNG")
    chunk = b"cICP" + numbers
    return content[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[33:]


@pytest.mark.parametrize("curve", [PQ, HLG])
@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
def test_hdr_looks_like_the_same_photograph_in_srgb(kind, curve):
    seen = np.asarray(images.open_rgb(stored(hdr(stripes(), curve), kind, curve)), int)
    middles = np.s_[8:56, 8::16]  # 8 bits of PQ are as much as 4 of 255 apart, and compression moves them
    differences = np.abs(seen[middles] - stripes()[middles])
    assert differences.mean() <= 3 and differences.max() <= 16


@pytest.mark.parametrize("curve", [PQ, HLG])
def test_what_is_brighter_than_white_is_white(curve):
    grey = np.full((32, 32, 3), 200, np.uint8)
    assert np.all(images.load(stored(hdr(grey, curve, white=900), "PNG", curve), 32) == 255)


def test_a_tall_photograph_is_converted_strip_by_strip():
    values = np.arange(256, dtype=np.uint8).repeat(3 * 700).reshape(256, 700, 3)
    tall = Image.fromarray(np.concatenate([values, values]))
    made = np.asarray(cicp.to_srgb(tall, 9, PQ))
    assert np.array_equal(made[:256], made[256:]) and np.all(np.diff(made[:256, 0, 0].astype(int)) >= 0) and made[0].max() == 0


@pytest.mark.parametrize(("primaries", "curve"), [(1, 13), (1, 1), (1, 2), (2, 2), (22, 13), (9, 8), (0, 0)])
def test_numbers_of_srgb_and_unknown_ones_leave_the_colours_as_they_are(primaries, curve):
    assert not cicp.is_convertible(primaries, curve)
