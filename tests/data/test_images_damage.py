"""Image files that are damaged, odd or malicious: each is read, or refused with a reason of its own, and ends nothing else."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from catsdogs.data import dataset, images
from catsdogs.errors import InputError
from tests.images import encoded, noise, photographs, with_exif

SIDEWAYS = (0x0112, 3, 1, struct.pack("<H", 6))
ODD = {
    "resolution of type UNDEFINED": (0x011A, 7, 8, bytes(8)),
    "resolution of type ASCII": (0x011A, 2, 5, b"72/1\0"),
    "resolution of 0/0": (0x011A, 5, 1, bytes(8)),
    "resolution unit of type ASCII": (0x0128, 2, 2, b"2\0"),
    "date of type RATIONAL": (0x0132, 5, 1, struct.pack("<II", 1, 1)),
    "date of type DOUBLE": (0x0132, 12, 1, bytes(8)),
    "an unknown type": (0x010F, 99, 1, b"?"),
    "a value behind the end": (0x010F, 2, 4000, struct.pack("<I", 10**6)),
    "a directory that is itself": (0x8769, 4, 1, struct.pack("<I", 8)),
}
MODES = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "RGBA", "P", "L", "I;16"),
    "GIF": ("RGB", "RGBA", "P", "L"),
    "WEBP": ("RGB", "RGBA"),
    "BMP": ("RGB", "RGBA", "P", "L"),
    "TIFF": ("RGB", "RGBA", "P", "L", "I;16", "F", "CMYK"),
    "MPO": ("RGB", "L", "CMYK"),
    "PPM": ("RGB", "L", "I;16"),
    "AVIF": ("RGB", "RGBA", "L"),
    "HEIF": ("RGB", "RGBA", "L"),
}
WITH_EXIF = ("JPEG", "PNG", "WEBP", "TIFF", "MPO", "AVIF", "HEIF")
OPTIONS = {"TIFF": {"compression": "tiff_lzw"}, "MPO": {"save_all": True}}

pytestmark = pytest.mark.filterwarnings("ignore")  # Pillow's, on what is odd


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_exif_only_the_orientation_is_read(kind, name):
    content = with_exif(noise(1, (60, 40)), kind, SIDEWAYS, ODD[name])
    assert images.examine(content, 32)[:2] == (40, 60)
    assert images.open_rgb(content).size == (40, 60)
    upright = np.rot90(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")), -1)
    assert np.array_equal(images.open_rgb(content), upright)


@pytest.mark.parametrize("entry", [(0x0112, 7, 4, b"6666"), (0x0112, 2, 2, b"6\0"), (0x0112, 3, 1, struct.pack("<H", 77))])
def test_an_orientation_that_makes_no_sense_turns_nothing(entry):
    assert images.examine(with_exif(noise(1, (60, 40)), "JPEG", entry), 32)[:2] == (60, 40)


def test_exif_that_is_no_exif_turns_nothing():
    assert images.examine(encoded(noise(1, (60, 40)), "JPEG", exif=b"Exif\0\0nothing of the kind"), 32)[:2] == (60, 40)


def test_one_odd_photograph_does_not_end_a_check(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 3, "dogs": 3})
    (folder / "cats" / "odd.jpg").write_bytes(with_exif(noise(1, (60, 40)), "JPEG", SIDEWAYS, ODD["date of type RATIONAL"]))
    listing = dataset.check(folder)
    assert (listing.counts, listing.set_aside) == ({"cats": 4, "dogs": 3}, ())


def test_the_preview_in_a_cameras_raw_file_is_not_taken_for_the_photograph():
    preview = encoded(noise(1, (60, 40)), "TIFF", tiffinfo={254: 1})
    for reader in (images.load, images.examine):
        with pytest.raises(InputError, match="This is a camera's raw file, of which only a small preview can be read. Save the photo"):
            reader(preview, 32)


def test_a_tiff_that_is_packed_in_a_rare_way_is_not_called_damaged():
    content = encoded(noise(1, (60, 40)), "TIFF", compression="tiff_lzw")
    compression = struct.pack("<HHIH", 259, 3, 1, 5)
    assert content.count(compression) == 1
    with pytest.raises(InputError, match="or of a rare kind that can't be read. If it can be opened elsewhere, save it as JPEG"):
        images.load(content.replace(compression, struct.pack("<HHIH", 259, 3, 1, 50001)), 32)  # WebP


def rle(width: int, height: int) -> bytes:
    """A black BMP, packed by run lengths."""
    rows = (b"\xff\0" * (width // 255) + bytes((width % 255, 0)) + b"\0\0") * height + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(rows), 2835, 2835, 1, 1)
    return b"BM" + struct.pack("<IHHI", 58 + len(rows), 0, 0, 58) + header + bytes(4) + rows


SLOW = {
    "16 bits": (lambda width, height: b"P6\n%d %d\n65535\n" % (width, height) + bytes(6 * width * height), "PPM"),
    "as text": (lambda width, height: b"P2\n%d %d\n255\n" % (width, height) + b"0 " * (width * height), "PPM"),
    "run lengths": (rle, "BMP"),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_would_take_minutes_is_refused_where_it_is_large(name):
    write, kind = SLOW[name]
    assert np.all(images.load(write(60, 40), 32) == 0)
    with pytest.raises(InputError, match=rf"are 10 megapixels; at most 4 are read of such a file \({kind}\)"):
        images.load(write(4000, 2500), 32)


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
def test_whatever_is_changed_in_a_file_is_its_own_fault_only(kind, mode):
    content = _with_everything(kind, mode)
    random = np.random.default_rng([len(kind), len(mode), ord(kind[0]), ord(mode[0])])
    refused = 0
    for damaged in _damaged(content, 40, random):
        try:
            width, height, _ = images.examine(damaged, 32)
            assert images.load(damaged, 24).shape == (24, 24, 3)
            assert width * height <= 64e6
        except InputError as error:
            refused += 1
            assert str(error).endswith(".") and "\n" not in str(error)
    assert refused


def _with_everything(kind: str, mode: str) -> bytes:
    """A small file of that format with EXIF, as far as it has any."""
    image = noise(3, (30, 24)).convert("L" if mode in ("I;16", "F") else mode)
    if mode in ("I;16", "F"):
        image = Image.fromarray(np.asarray(image).astype(np.uint16 if mode == "I;16" else np.float32) * 200)
    exif = Image.Exif()
    exif.update({0x0112: 6, 0x010F: "maker", 0x011A: 72.0, 0x011B: 72.0, 0x0128: 2, 0x0132: "2026:01:01 10:00:00"})
    carried = {"exif": exif.tobytes()} if kind in WITH_EXIF else {}
    return encoded(image, kind, **carried, **OPTIONS.get(kind, {}))


def _damaged(content: bytes, count: int, random: np.random.Generator):
    """The content, each time changed in one of several ways: bytes of the header or anywhere, cut off, something put in or left out."""
    for way in range(count):
        damaged = bytearray(content)
        reach = min(len(content), 250) if way % 2 else len(content)
        at = int(random.integers(0, reach))
        match way % 8:
            case 0 | 1 | 2 | 3:
                for place in random.integers(0, reach, int(random.integers(1, 6))):
                    damaged[place] = random.integers(0, 256)
            case 4:
                del damaged[at:]
            case 5:
                damaged[at:at] = random.bytes(int(random.integers(1, 20)))
            case 6:
                del damaged[at : at + int(random.integers(1, 20))]
            case 7:
                damaged[at : at + 4] = random.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
        yield bytes(damaged)


def test_a_jpeg_of_hundreds_of_scans_is_refused_rather_than_decoded_for_minutes(tmp_path):
    content = io.BytesIO()
    Image.new("L", (64, 64), 90).save(content, "JPEG", progressive=True)
    whole = content.getvalue()
    last = whole[whole.rindex(b"\xff\xda") : -2]
    for name, times in (("few", 20), ("many", 200)):
        (tmp_path / f"{name}.jpg").write_bytes(whole[:-2] + times * last + whole[-2:])
    images.load(tmp_path / "few.jpg", 32)
    with pytest.raises(InputError, match="has more than 100 scans"):
        images.load(tmp_path / "many.jpg", 32)


@pytest.mark.parametrize("is_progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_as_programs_write_it_is_read_whatever_its_metadata_hold(mode, is_progressive):
    content = encoded(noise(1).convert(mode), "JPEG", progressive=is_progressive, comment=b"\xff\xda" * 5000)
    assert images.load(content, 32).shape == (32, 32, 3)
