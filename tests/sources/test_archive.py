"""Archives as people send them, and as enemies make them: unpacked safely or refused with a sentence, and nothing else is touched."""

import io
import os
import stat
import struct
import tarfile
import zipfile

import pytest

from catsdogs.errors import InputError
from catsdogs.sources import archive
from tests import memory
from tests.images import noise
from tests.zips import listing_many

MB = 10**6


def jpeg(seed: int = 0) -> bytes:
    file = io.BytesIO()
    noise(seed).save(file, "JPEG")
    return file.getvalue()


def entry(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    made.flag_bits |= flags
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def write(path, *members, **options):
    """A ZIP file of (name or entry, content)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name, content in members:
            made.writestr(name, content)
    return path


def good(path):
    return write(path, *((f"{kind}/{number}.jpg", jpeg(number + 3 * (kind == "dogs"))) for kind in ("cats", "dogs") for number in range(3)))


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


@pytest.fixture
def target(tmp_path):
    """The folder to unpack into, with a file beside it that nothing may touch."""
    (tmp_path / "beside.txt").write_text("mine")
    (tmp_path / "target").mkdir()
    yield tmp_path / "target"
    assert (tmp_path / "beside.txt").read_text() == "mine"
    assert not [path for path in (tmp_path / "target").rglob("*") if path.is_symlink() or not (path.is_dir() or path.is_file())]


def test_its_images_come_out_as_they_went_in(tmp_path, target):
    seen = []
    unpacked = archive.unpack(good(tmp_path / "a.zip"), target, lambda done, total: seen.append((done, total)))
    assert files(target) == [f"{kind}/{number}.jpg" for kind in ("cats", "dogs") for number in range(3)]
    assert (target / "cats/2.jpg").read_bytes() == jpeg(2)
    assert (unpacked.images, unpacked.left_out, seen[-1]) == (6, (), (6, 6))
    assert unpacked.bytes == sum(path.stat().st_size for path in target.rglob("*.jpg"))


def test_what_is_left_out_is_named_with_its_reason(tmp_path, target):
    inner = good(tmp_path / "inner.zip").read_bytes()
    path = write(
        tmp_path / "a.zip",
        ("cats/1.jpg", jpeg()),
        ("cats/no suffix", jpeg(1)),
        ("cats/1.jpg?w=300", jpeg(2)),
        ("README.txt", "read me"),
        ("more.zip", inner),
        (entry("cats/link.jpg", stat.S_IFLNK | 0o777), "/etc/passwd"),
        (entry("cats/pipe.jpg", stat.S_IFIFO | 0o644), ""),
        (entry("cats/device.jpg", stat.S_IFBLK | 0o644), ""),
        ("__MACOSX/cats/._1.jpg", jpeg(3)),
        ("cats/Thumbs.db", b"\0"),
        ("cats/.DS_Store", b"\0"),
        ("cats/._1.jpg", jpeg(4)),
        (".trash/cats/2.jpg", jpeg(5)),
    )
    unpacked = archive.unpack(path, target)
    assert files(target) == ["cats/1.jpg", "cats/1.jpg?w=300", "cats/no suffix"] and unpacked.images == 3
    assert {each.name: each.reason for each in unpacked.left_out} == {
        "README.txt": "Not an image.",
        "more.zip": "An archive. Unpack it first, and bring all photographs together, in one folder or ZIP file.",
        "cats/link.jpg": "A link.",
        "cats/pipe.jpg": "Not a regular file.",
        "cats/device.jpg": "Not a regular file.",
    }


def without_flag(path, name: str, raw: bytes):
    """An entry whose name is stored as these bytes, without saying in which encoding."""
    write(path, ("x" * len(raw), jpeg()))
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    return path


@pytest.mark.parametrize(
    "raw",
    [
        "Kätzchen/süß.jpg".encode(),
        "Kätzchen/süß.jpg".encode("cp437"),
        "Ka\u0308tzchen/su\u0308ß.jpg".encode(),
        "K\u00e4tzchen\\s\u00fc\u00df.jpg".encode(),
    ],
    ids=["utf-8", "cp437", "decomposed", "backslash"],
)
def test_names_come_out_right_whatever_made_the_archive(raw, tmp_path, target):
    archive.unpack(without_flag(tmp_path / "a.zip", "", raw), target)
    assert files(target) == ["Kätzchen/süß.jpg"]


OUTSIDE = [
    "../beside.txt",
    "cats/../../beside.txt",
    "/beside.jpg",
    "..\\beside.txt",
    "C:\\beside.jpg",
    "C:/beside.jpg",
    "cats/..",
    "//host/x.jpg",
]


@pytest.mark.parametrize(
    "name, why",
    [(name, "does not stay inside the archive's folder") for name in OUTSIDE]
    + [(name, "a line break or another control character in its name") for name in ("cats/\x01.jpg", "cats/a\nb.jpg", "my\tcats/1.jpg")],
)
def test_a_path_that_leads_elsewhere_or_can_t_be_one_is_refused(name, why, tmp_path, target):
    path = write(tmp_path / "a.zip", ("cats/1.jpg", jpeg()), (name, jpeg()))
    with pytest.raises(InputError, match=why):
        archive.unpack(path, target)
    assert files(target) == []


@pytest.mark.parametrize("name", ["Icon\r", "Pets/cats/Icon\r", "Pets/._Icon\r", "__MACOSX/Pets/._Icon\r"])
def test_the_icon_of_a_folder_on_a_mac_is_left_out_without_a_word(name, tmp_path, target):
    unpacked = archive.unpack(write(tmp_path / "a.zip", ("cats/1.jpg", jpeg()), (name, jpeg(1))), target)
    assert files(target) == ["cats/1.jpg"] and unpacked.left_out == ()


@pytest.mark.parametrize(
    ("name", "why"),
    [(name, "does not stay inside the archive's folder") for name in ("../Icon\r", "/Icon\r")]
    + [(name, "a line break or another control character in its name") for name in ("Icon\r/1.jpg", "a\r/Icon\r", "Icon\r\r", "Icon\n")],
)
def test_what_is_only_called_like_it_is_refused(name, why, tmp_path, target):
    with pytest.raises(InputError, match=why):
        archive.unpack(write(tmp_path / "a.zip", ("cats/1.jpg", jpeg()), (name, jpeg(1))), target)
    assert files(target) == []


def test_an_entry_without_a_name_is_refused(tmp_path):
    path = write(tmp_path / "a.zip", ("cats/1.jpg", jpeg()), ("x", jpeg()))
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02")  # of the last entry in the list; its name becomes its comment
    content[place + 28 : place + 34] = struct.pack("<HHH", 0, 0, 1)
    path.write_bytes(content)
    with pytest.raises(InputError, match="its entry '' does not stay inside"):
        archive.unpack(path, tmp_path)


@pytest.mark.parametrize("name", ["x" * 256 + ".jpg", "é" * 130 + ".jpg", "a/" * 30 + "1.jpg", ("b" * 200 + "/") * 15 + "1.jpg"])
def test_a_path_that_is_too_long_is_refused(name, tmp_path, target):
    with pytest.raises(InputError, match="too long a path"):
        archive.unpack(write(tmp_path / "a.zip", (name, jpeg())), target)
    assert files(target) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("a/1.jpg", "a/1.jpg"), "a/1.jpg"),
        (("a.jpg", "a.jpg/b.jpg"), "a.jpg"),
        (("a.jpg/b.jpg", "a.jpg"), "a.jpg/b.jpg"),
        (("é/1.jpg", "e\u0301/1.jpg"), "é/1.jpg"),
        (("a/./1.jpg", "a//1.jpg"), "a/1.jpg"),
    ],
)
def test_of_two_entries_at_one_place_the_first_stays(names, kept, tmp_path, target):
    path = write(tmp_path / "a.zip", *((name, jpeg(number)) for number, name in enumerate(names)))
    unpacked = archive.unpack(path, target)
    assert files(target) == [kept] and (target / kept).read_bytes() == jpeg(0)
    assert [each.reason for each in unpacked.left_out] == ["Another entry has the same name."]


def test_a_link_is_never_written_through(tmp_path, target):
    path = write(
        tmp_path / "a.zip", (entry("cats", stat.S_IFLNK | 0o777), str(tmp_path)), ("cats/beside.txt", jpeg()), ("cats/1.jpg", jpeg())
    )
    assert archive.unpack(path, target).images == 2
    assert files(target) == ["cats/1.jpg", "cats/beside.txt"]


def test_a_damaged_image_does_not_keep_the_others_out(tmp_path, target):
    path = good(tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    content[80:120] = bytes(40)  # inside of the first image
    path.write_bytes(content)
    unpacked = archive.unpack(path, target)
    assert unpacked.images == 5 and "cats/0.jpg" not in files(target)
    assert [each.name for each in unpacked.left_out] == ["cats/0.jpg"] and "Damaged in the archive" in unpacked.left_out[0].reason


@pytest.mark.parametrize("kept", [0, 4, 30, 0.1, 0.5, 0.9, 0.99, -1, -10])
def test_a_cut_archive_is_refused(kept, tmp_path, target):
    content = good(tmp_path / "a.zip").read_bytes()
    end = round(kept * len(content)) if isinstance(kept, float) else kept
    (tmp_path / "a.zip").write_bytes(content[:end])
    with pytest.raises(InputError, match="damaged or cut off"):
        archive.unpack(tmp_path / "a.zip", target)
    assert files(target) == []


@pytest.mark.parametrize("kind", ["text", "tar", "rar", "jpeg", "zeros", "end only", "two ends"])
def test_what_is_no_archive_is_refused(kind, tmp_path, target):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as made:
        made.addfile(tarfile.TarInfo("../beside.txt"))
    content = {
        "text": b"Dear cat,",
        "tar": tar.getvalue(),
        "rar": b"Rar!\x1a\x07\x01\0" + bytes(100),
        "jpeg": jpeg(),
        "zeros": bytes(10_000),
        "end only": struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 500, 7, 0),
        "two ends": struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 22, 0, 0) * 2,
    }[kind]
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(InputError, match="a.zip "):
        archive.unpack(tmp_path / "a.zip", target)
    assert files(target) == []


def test_folders_are_not_named_as_left_out_whatever_made_the_archive(tmp_path, target):
    path = write(tmp_path / "a.zip", ("pets\\", ""), ("pets\\cats\\", ""), ("pets\\cats\\1.jpg", jpeg()), ("dogs/", ""))
    assert archive.unpack(path, target).left_out == () and files(target) == ["pets/cats/1.jpg"]


@pytest.mark.parametrize("members", [(), (("README.txt", "no picture"),), (("cats/", ""),)])
def test_an_archive_without_images_is_refused(members, tmp_path, target):
    with pytest.raises(InputError, match="a.zip holds no images"):
        archive.unpack(write(tmp_path / "a.zip", *members), target)


def test_of_an_archive_without_images_the_archives_inside_are_named(tmp_path, target):
    inner = good(tmp_path / "inner.zip").read_bytes()
    path = write(tmp_path / "dogs-vs-cats.zip", ("sampleSubmission.csv", "id,label"), ("test1.zip", inner), ("train.zip", inner))
    with pytest.raises(InputError, match=r"holds no images .* But there is test1.zip: An archive\. Unpack it first"):
        archive.unpack(path, target)


def test_an_encrypted_archive_is_refused(tmp_path, target):
    path = write(tmp_path / "a.zip", ("cats/1.jpg", jpeg()))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="a.zip is encrypted. Unpack it with its password"):
        archive.unpack(path, target)


@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 98, 99])
def test_other_methods_of_compression_are_left_out(method, tmp_path, target):
    path = write(tmp_path / "a.zip", ("cats/1.jpg", jpeg()))
    content = bytearray(path.read_bytes())
    for place in (8, content.rindex(b"PK\1\2") + 10):
        struct.pack_into("<H", content, place, method)
    path.write_bytes(content)
    with pytest.raises(InputError, match="holds no images.*Compressed by a method that is not read here"):
        archive.unpack(path, target)
    assert files(target) == []


BOMB = """
import sys
from pathlib import Path
from catsdogs.errors import InputError
from catsdogs.sources import archive
try:
    print(archive.unpack(Path(sys.argv[1]), Path(sys.argv[2])).images)
except InputError as error:
    print(error)
"""


def bomb(path, kind: str):
    start = jpeg()
    if kind == "one large image":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, made.open("cats/1.jpg", "w") as member:
            member.write(start)
            for _ in range(300):
                member.write(bytes(MB))
    elif kind == "many images":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for number in range(30):
                made.writestr(f"cats/{number}.jpg", start + bytes(20 * MB))
    elif kind == "many entries":
        with zipfile.ZipFile(path, "w") as made:
            for number in range(100_000):
                made.writestr(f"cats/{number}.jpg", b"")
    elif kind == "a huge list of entries":
        content = write(path, ("cats/1.jpg", start)).read_bytes()
        end = content.rindex(b"PK\5\6")
        with path.open("wb") as file:
            file.write(content[:end] + bytes(400 * MB))
            file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 400 * MB, end, 0))
    elif kind == "bytes promised":
        content = bytearray(write(path, ("cats/1.jpg", start)).read_bytes())
        struct.pack_into("<L", content, content.rindex(b"PK\1\2") + 24, 0xFFFFFFF0)
        path.write_bytes(content * 1)
        with zipfile.ZipFile(path, "a") as made:
            for number in range(5):
                made.writestr(f"{number}.jpg", start)
    elif kind == "bzip2":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as made:
            made.writestr("cats/1.jpg", start + bytes(100 * MB))
    elif kind == "lzma":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
            made.writestr("cats/1.jpg", start + bytes(100 * MB))
    return path


@pytest.mark.parametrize(
    "kind", ["one large image", "many images", "many entries", "a huge list of entries", "bytes promised", "bzip2", "lzma"]
)
def test_a_bomb_takes_neither_memory_nor_disk(kind, tmp_path, target):
    path = bomb(tmp_path / "a.zip", kind)
    said, most = memory.run(BOMB, str(path), str(target))
    assert said.startswith("a.zip ") if kind != "bytes promised" else said, said
    assert most < 200
    assert sum(os.stat(target / name).st_size for name in files(target)) < 100 * MB


def test_an_archive_larger_than_all_that_is_read_is_refused_before_it_is_unpacked(tmp_path, target, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 3000)
    with pytest.raises(InputError, match="a.zip unpacks to 11 kB; up to 3 kB are read"):
        archive.unpack(good(tmp_path / "a.zip"), target)
    assert files(target) == []


def test_a_full_disk_is_told_before(tmp_path, target, monkeypatch):
    monkeypatch.setattr(archive, "SPARE", 10**18)
    with pytest.raises(InputError, match=r"free, what a\.zip unpacks to needs 11 kB, and 1000000000\.0 GB must stay free\."):
        archive.unpack(good(tmp_path / "a.zip"), target)
    assert files(target) == []


def test_a_disk_that_fills_up_while_it_is_unpacked_is_told(tmp_path, target, monkeypatch):
    def fill(done, total):
        if done == 3:
            monkeypatch.setattr(archive, "SPARE", 10**18)  # as if others had written so much

    with pytest.raises(InputError, match=r"Not enough disk space: .* free, and .* must stay free\."):
        archive.unpack(good(tmp_path / "a.zip"), target, fill)
    assert len(files(target)) == 4


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_changed_in_it_only_a_sentence_comes_out(seed, tmp_path, target):
    import random

    chance = random.Random(seed)
    content = bytearray(good(tmp_path / "a.zip").read_bytes())
    directory = content.index(b"PK\1\2")
    for _ in range(chance.randint(1, 12)):  # half of the changes to what describes the entries
        content[chance.randrange(directory if chance.random() < 0.5 else 0, len(content))] = chance.randrange(256)
    (tmp_path / "a.zip").write_bytes(content)
    try:
        archive.unpack(tmp_path / "a.zip", target)
    except InputError as error:
        assert "a.zip " in str(error)


def test_a_list_that_is_said_to_be_short_beside_its_true_length_is_not_read(tmp_path):
    path = listing_many(tmp_path / "pets.zip", 400_000, 100)
    with pytest.raises(InputError, match="pets.zip has too many files"):
        archive.unpack(path, tmp_path)
