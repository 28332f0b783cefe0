"""How much memory images take, however many there are: small files of many pixels, in processes of their own."""

import struct

import numpy as np
import pytest
from PIL import Image

from catsdogs.data import images
from catsdogs.errors import InputError
from catsdogs.inference import loaded
from catsdogs.inference.companion import Companion
from catsdogs.runs import store
from tests.images import encoded, noise, photographs
from tests.memory import peak, peak_of

CHECK = "import sys\nfrom catsdogs.__main__ import main\nassert main(['data', sys.argv[1]]) == 0"
DECODE = "import sys\nfrom catsdogs.data import dataset, pixels\npixels.load(dataset.check(sys.argv[1]), 32, 'bilinear')"
LOAD = "import sys\nfrom pathlib import Path\nfrom catsdogs.data import images\nimages.load(Path(sys.argv[1]), 32)"
ALLOWED = 400  # MB; one image of the largest size takes 256, and the process itself 50
QUICKLY = {"HEIF": {"enc_params": {"preset": "ultrafast"}}, "AVIF": {"speed": 10}, "WEBP": {"method": 0}}  # to encode, which is not tested


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A data set of two files of 1 MB, each of which is 63 megapixels with transparency: at once they would be too much already."""
    folder = tmp_path_factory.mktemp("large")
    for number, name in enumerate(("cats", "dogs")):
        (folder / name).mkdir()
        Image.new("RGBA", (8000, 7900), (0, 0, 0, 100 * number)).save(folder / name / "0.png", compress_level=1)
    return folder


def test_checking_many_large_pictures_takes_the_memory_of_one_and_so_does_decoding_them(large):
    assert peak_of(CHECK, str(large)) < ALLOWED
    assert peak_of(DECODE, str(large)) < ALLOWED  # which finds them checked


def test_classifying_large_pictures_takes_less_than_a_gigabyte(large, shipped_run):
    companion = Companion()
    sources = [(path.name, path.read_bytes()) for path in sorted(large.rglob("*.png"))]
    answers = companion.call(loaded.classify, shipped_run.id, store.answer_version(shipped_run), sources)
    assert [answer.error for answer in answers] == [None] * 2
    assert peak(companion.pid) < 1000


def test_of_a_large_picture_only_the_middle_is_converted_where_that_is_all_that_is_needed(tmp_path):
    Image.new("RGBA", (64_000, 980), (0, 0, 0, 100)).save(tmp_path / "strip.png", compress_level=1)
    assert peak_of(LOAD.replace("32)", "256, proportions='crop')"), str(tmp_path / "strip.png")) < ALLOWED


@pytest.mark.parametrize(("kind", "allowed"), [("HEIF", 5.1), ("AVIF", 10)])
def test_a_phones_photograph_takes_no_more_memory_than_is_reckoned_for_it(kind, allowed, tmp_path):
    for name, size in (("small", (64, 48)), ("large", (3600, 2700))):
        (tmp_path / name).write_bytes(encoded(Image.new("RGB", size, "red"), kind))  # at full effort, which takes more memory to decode
    small, large = (peak_of(LOAD, str(tmp_path / name)) for name in ("small", "large"))
    assert large - small < (allowed + 1) * 3600 * 2700 / 1e6 < 200


@pytest.fixture
def shipped_run():
    return store.load(store.SHIPPED)


def test_a_large_picture_with_transparency_is_what_a_small_one_is():
    """Reduced before it is resized, and converted in strips: white and black halves, the black one transparent at its right."""
    image = Image.new("RGBA", (2500, 2000), "white")
    image.paste((0, 0, 0, 255), (0, 1000, 1250, 2000))
    image.paste((0, 0, 0, 0), (1250, 1000, 2500, 2000))
    small = images.load(encoded(image.resize((500, 400), Image.Resampling.BOX), "PNG"), 50).astype(int)
    assert abs(images.load(encoded(image, "PNG"), 50).astype(int) - small).max() <= 2


@pytest.mark.parametrize("mode", ["I;16", "L", "P", "1"])
def test_a_large_picture_of_any_mode_keeps_its_left_and_right(mode):
    image = Image.new("L", (2500, 2000), 255)
    image.paste(0, (0, 0, 1250, 2000))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    pixels = images.load(encoded(image if mode == "I;16" else image.convert(mode), "PNG"), 50)
    assert (pixels[:, :24] == 0).all() and (pixels[:, 26:] == 255).all()


def test_a_large_photograph_of_a_phone_is_what_it_is_as_png():
    """Made of tiles, as phones make them; its last strip and last columns are shorter."""
    image = noise(4, (25, 20)).resize((2510, 2010), Image.Resampling.NEAREST)
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(image, "HEIF", tile_size=512, exif=exif.tobytes(), **QUICKLY["HEIF"])
    expected = images.load(encoded(image.transpose(Image.Transpose.ROTATE_270), "PNG"), 50).astype(int)
    assert images.examine(content, 32)[:2] == (2010, 2510)
    assert abs(images.load(content, 50).astype(int) - expected).mean() < 8


@pytest.mark.parametrize(("size", "problem"), [((8160, 6120), "damaged or cut off"), ((9000, 6000), "54 megapixels; at most 50 are read")])
def test_a_phones_50_megapixels_are_not_refused_for_their_size(size, problem):
    with pytest.raises(InputError, match=problem):
        images.examine(said_to_be(size, "HEIF"), 32)


def said_to_be(size, kind, **options):
    """A HEIC or AVIF of 64 x 64 px that says that it is of this size."""
    content = encoded(Image.new("RGB", (64, 64), "red"), kind, **options)
    assert content.count(struct.pack(">II", 64, 64)) == 1
    return content.replace(struct.pack(">II", 64, 64), struct.pack(">II", *size))


@pytest.mark.parametrize(
    ("kind", "size", "reason"),
    [
        ("WEBP", (5000, 4000), "5000 x 4000 px are 20 megapixels; at most 16 are read of such a file \\(WEBP\\)"),
        ("AVIF", (7000, 4000), "7000 x 4000 px are 28 megapixels; at most 26 are read of such a file \\(AVIF\\)"),
        ("TIFF", (8000, 5000), "8000 x 5000 px are 40 megapixels; at most 32 are read of such a file \\(TIFF\\)"),
        ("BMP", (9000, 8000), "9000 x 8000 px are 72 megapixels; at most 64 are read"),
        ("PNG", (70_000, 10), "70000 x 10 px: a side of at most 65535 px is read"),
    ],
)
def test_a_picture_that_would_take_too_much_is_refused_with_size_and_limit(kind, size, reason):
    mode = "1" if kind in ("BMP", "PNG") else "RGB"
    content = said_to_be(size, kind) if kind == "AVIF" else encoded(Image.new(mode, size), kind, **QUICKLY.get(kind, {}))
    with pytest.raises(InputError, match=reason):
        images.examine(content, 32)


def test_an_avif_that_keeps_more_of_colour_may_have_fewer_pixels():
    image, whole = Image.new("RGB", (5000, 4000), "red"), (5000, 4000)
    with pytest.raises(InputError, match="20 megapixels; at most 16 are read of such a file \\(AVIF\\)"):
        images.examine(said_to_be(whole, "AVIF", subsampling="4:4:4"), 32)
    for mode, subsampling in (("RGB", "4:2:0"), ("L", "4:0:0")):  # decoded, too
        assert images.examine(encoded(image.convert(mode), "AVIF", subsampling=subsampling, **QUICKLY["AVIF"]), 32)[:2] == whole


def test_more_pixels_than_pillow_opens_are_counted(tmp_path):
    path = photographs(tmp_path, {"cats": 1}) / "cats" / "cats.0.jpg"
    path.write_bytes(b"P5 30000 20000 255\n")
    with pytest.raises(InputError, match="The image has 600 megapixels; at most 64 are read"):
        images.load(path, 32)


def test_a_file_that_is_too_large_is_refused_with_its_size(tmp_path):
    with (tmp_path / "cat.bmp").open("wb") as file:
        file.truncate(300_000_000)
    with pytest.raises(InputError, match="The file has 300 MB; at most 256 are read"):
        images.load(tmp_path / "cat.bmp", 32)
