"""PNG files with more text than Pillow accepts: their pixels are read all the same."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import MAX_TEXT_CHUNK, MAX_TEXT_MEMORY

from catsdogs.data import images
from catsdogs.errors import InputError
from tests.images import encoded, noise
from tests.memory import peak_of

LONG = zlib.compress(bytes(MAX_TEXT_CHUNK + 1))
LOAD = "import sys\nfrom pathlib import Path\nfrom catsdogs.data import images\nimages.load(Path(sys.argv[1]), 32)"
TOO_LONG = {
    "zTXt": [(b"zTXt", b"Comment\0\0" + LONG)],
    "iTXt": [(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0title\0" + LONG)],
    "iCCP": [(b"iCCP", b"profile\0\0" + LONG)],
    "tEXt, a lot of it": [(b"tEXt", b"Comment\0" + b"a" * 8_000_000)] * (MAX_TEXT_MEMORY // 8_000_000 + 1),
    "zTXt, a lot of them": [(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * MAX_TEXT_CHUNK))] * (MAX_TEXT_MEMORY // MAX_TEXT_CHUNK + 1),
}


@pytest.mark.parametrize("is_behind", [False, True])
@pytest.mark.parametrize("name", TOO_LONG)
def test_a_text_that_is_too_long_keeps_no_picture_from_being_read(name, is_behind, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    image = noise(1, (60, 40))
    path = tmp_path / "cat.png"
    path.write_bytes(with_chunks(encoded(image, "PNG", exif=turned), TOO_LONG[name], is_behind))
    with pytest.raises(ValueError), Image.open(path) as refused:
        refused.load()
    assert images.examine(path, 8)[:2] == (40, 60)
    assert np.array_equal(images.open_rgb(path), np.rot90(np.asarray(image), -1))


@pytest.mark.parametrize("chunk", [(b"zTXt", b"Comment\0\0" + LONG[:20]), (b"zTXt", b"no end"), (b"iTXt", b"a\0\1"), (b"tEXt", b"")])
def test_a_text_that_is_short_or_broken_is_left_to_pillow(chunk):
    image = noise(1, (32, 32))
    assert np.array_equal(images.load(with_chunks(encoded(image, "PNG"), [chunk]), 32), np.asarray(image))


@pytest.mark.parametrize("is_behind", [False, True])
@pytest.mark.parametrize("chunk", [(b"tEXt", b"Comment\0a cat"), (b"pHYs", bytes(9)), (b"tIME", bytes(7)), (b"caTs", b"x" * 50)])
def test_what_is_damaged_beside_the_pixels_is_left_out(chunk, is_behind):
    image = noise(1, (32, 32))
    content = with_chunks(encoded(image, "PNG"), [chunk], is_behind)
    at = content.index(chunk[0]) + 4 + len(chunk[1])
    assert np.array_equal(images.load(content[:at] + bytes((content[at] ^ 255,)) + content[at + 1 :], 32), np.asarray(image))


def test_a_picture_that_is_cut_off_behind_its_text_is_refused():
    content = with_chunks(encoded(noise(1, (200, 150)), "PNG"), TOO_LONG["zTXt"])
    with pytest.raises(InputError, match="damaged or cut off"):
        images.load(content[: len(content) // 2], 32)


def test_texts_made_to_fill_the_memory_do_not(tmp_path):
    """5,000 of 1 MB each, in a file of 5 MB."""
    path = tmp_path / "cat.png"
    path.write_bytes(with_chunks(encoded(noise(1), "PNG"), [(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * MAX_TEXT_CHUNK))] * 5000))
    assert (
        peak_of("import sys\nfrom pathlib import Path\nfrom catsdogs.data import images\nimages.load(Path(sys.argv[1]), 32)", str(path))
        < 250
    )


def with_chunks(content: bytes, chunks: list[tuple[bytes, bytes]], is_behind: bool = False) -> bytes:
    """The PNG with these chunks before its pixels, or behind them."""
    at = content.index(b"IEND" if is_behind else b"IDAT") - 4
    frames = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    return content[:at] + b"".join(frames) + content[at:]
