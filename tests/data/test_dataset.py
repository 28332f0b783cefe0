import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from catsdogs.data import dataset, known_folders
from catsdogs.errors import InputError
from catsdogs.system import notices
from tests import breaking
from tests.breaking import say
from tests.images import photographs, picture


def test_a_folder_becomes_a_listing(tmp_path):
    listing = dataset.check(photographs(tmp_path, {"dogs": 3, "cats": 2}, size=(48, 36)))
    assert listing.class_names == ("cats", "dogs")
    assert [photo.path for photo in listing.photos] == ["cats/cats.0.jpg", "cats/cats.1.jpg", *(f"dogs/dogs.{n}.jpg" for n in range(3))]
    assert listing.counts == {"cats": 2, "dogs": 3}
    assert (listing.set_aside, listing.duplicates) == ((), 0)
    assert {(photo.width, photo.height) for photo in listing.photos} == {(48, 36)}
    assert listing.path(2) == tmp_path / "dogs" / "dogs.0.jpg"


def test_the_part_that_the_folder_decides_is_kept(tmp_path):
    photographs(tmp_path / "train", {"cats": 1, "dogs": 1})
    photographs(tmp_path / "val", {"cats": 1, "dogs": 1})
    assert [photo.subset for photo in dataset.check(tmp_path).photos] == ["training"] * 2 + ["validation"] * 2


def test_sizes_are_those_of_the_upright_photograph(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(tmp_path / "cats" / "cats.0.jpg", (60, 40), exif=exif)
    assert (dataset.check(tmp_path).photos[0].width, dataset.check(tmp_path).photos[0].height) == (40, 60)


def test_broken_files_are_set_aside_and_never_deleted(tmp_path):
    photographs(tmp_path, {"cats": 3, "dogs": 3})
    (tmp_path / "cats" / "empty.jpg").touch()
    (tmp_path / "cats" / "text.jpg").write_text("meow")
    picture(tmp_path / "dogs" / "torn.jpg", (200, 200))
    tear(tmp_path / "dogs" / "torn.jpg")
    before = sorted(tmp_path.rglob("*"))
    listing = dataset.check(tmp_path)
    reasons = {entry.path: entry.reason for entry in listing.set_aside}
    assert list(reasons) == ["cats/empty.jpg", "cats/text.jpg", "dogs/torn.jpg"]
    assert "empty" in reasons["cats/empty.jpg"]
    assert "not an image" in reasons["cats/text.jpg"]
    assert "damaged or cut off" in reasons["dogs/torn.jpg"]
    assert listing.counts == {"cats": 3, "dogs": 3}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_picture_without_a_class_is_set_aside(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    picture(tmp_path / "IMG_1.jpg")
    (entry,) = dataset.check(tmp_path).set_aside
    assert entry.path == "IMG_1.jpg" and entry.reason == "Neither its folder nor its name tells its class."


def test_exact_copies_are_counted_and_kept(tmp_path):
    photographs(tmp_path, {"cats": 3, "dogs": 2})
    shutil.copy(tmp_path / "cats" / "cats.0.jpg", tmp_path / "cats" / "again.jpg")
    shutil.copy(tmp_path / "cats" / "cats.0.jpg", tmp_path / "cats" / "and again.jpg")
    listing = dataset.check(tmp_path)
    assert listing.duplicates == 2
    assert listing.counts == {"cats": 5, "dogs": 2}


def test_a_file_in_both_classes_is_set_aside_in_both(tmp_path):
    photographs(tmp_path, {"cats": 2, "dogs": 2})
    shutil.copy(tmp_path / "cats" / "cats.0.jpg", tmp_path / "dogs" / "cat in disguise.jpg")
    listing = dataset.check(tmp_path)
    assert {entry.path: entry.reason for entry in listing.set_aside} == {
        "cats/cats.0.jpg": "The same file as dogs/cat in disguise.jpg, which is filed under the other class.",
        "dogs/cat in disguise.jpg": "The same file as cats/cats.0.jpg, which is filed under the other class.",
    }
    assert listing.counts == {"cats": 1, "dogs": 2}
    assert listing.duplicates == 0


def test_a_class_without_a_usable_image_is_refused(tmp_path):
    photographs(tmp_path, {"cats": 2, "dogs": 2})
    (tmp_path / "cats" / "a.jpg").touch()
    for path in (tmp_path / "dogs").iterdir():
        path.write_text("woof")
    with pytest.raises(InputError, match="None of the images of class dogs in .* can be used.*not an image that can be read"):
        dataset.check(tmp_path)


def test_what_layout_refuses_is_refused(tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        dataset.check(tmp_path / "missing")
    with pytest.raises(InputError, match="holds no images"):
        dataset.check(tmp_path)


def test_the_second_time_nothing_is_decoded(tmp_path, home):
    photographs(tmp_path, {"cats": 2, "dogs": 2})
    first = dataset.check(tmp_path)
    assert dataset.check(tmp_path) == first
    (stored,) = (home / "listings").glob("*.json")
    content = json.loads(stored.read_text())
    content["photos"][0]["width"] = 12345
    stored.write_text(json.dumps(content))
    assert dataset.check(tmp_path).photos[0].width == 12345


def test_a_new_a_changed_and_a_removed_file_are_noticed(tmp_path):
    photographs(tmp_path, {"cats": 2, "dogs": 2})
    first = dataset.check(tmp_path)
    picture(tmp_path / "cats" / "new.jpg")
    second = dataset.check(tmp_path)
    assert second.counts == {"cats": 3, "dogs": 2}
    picture(tmp_path / "cats" / "new.jpg", (99, 77))
    third = dataset.check(tmp_path)
    assert third.photos[2].width == 99
    (tmp_path / "cats" / "new.jpg").unlink()
    fourth = dataset.check(tmp_path)
    assert fourth == first
    assert len({first.fingerprint, second.fingerprint, third.fingerprint}) == 3


def test_the_fingerprint_does_not_depend_on_where_the_folder_lies(tmp_path):
    photographs(tmp_path / "a", {"cats": 2, "dogs": 2})
    shutil.copytree(tmp_path / "a", tmp_path / "far" / "b")
    os.utime(tmp_path / "far" / "b" / "cats" / "cats.0.jpg", (0, 0))
    here, there = dataset.check(tmp_path / "a"), dataset.check(tmp_path / "far" / "b")
    assert here.fingerprint == there.fingerprint
    assert (here.folder, there.folder) == (str(tmp_path / "a"), str(tmp_path / "far" / "b"))


def test_a_copied_folder_is_a_listing_of_its_own(tmp_path):
    photographs(tmp_path / "a", {"cats": 2, "dogs": 2})
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert dataset.check(tmp_path / "a").folder == str(tmp_path / "a")
    assert dataset.check(tmp_path / "b").folder == str(tmp_path / "b")


def test_the_fingerprint_depends_on_names_and_classes(tmp_path):
    photographs(tmp_path / "a", {"cats": 2, "dogs": 2})
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    (tmp_path / "b" / "cats" / "cats.0.jpg").rename(tmp_path / "b" / "cats" / "tom.jpg")
    (tmp_path / "c" / "cats").rename(tmp_path / "c" / "kittens")
    assert len({dataset.check(tmp_path / name).fingerprint for name in "abc"}) == 3


def test_progress_is_reported_only_while_decoding(tmp_path):
    photographs(tmp_path, {"cats": 60, "dogs": 50}, size=(8, 8))
    reports = []
    dataset.check(tmp_path, lambda done, total: reports.append((done, total)))
    assert reports == sorted(reports) and len(reports) > 1
    assert reports[-1] == (110, 110)
    dataset.check(tmp_path, lambda done, total: pytest.fail("decoded again"))


def test_a_progress_that_raises_stops_and_no_part_of_a_listing_is_kept(tmp_path, home):
    photographs(tmp_path, {"cats": 60, "dogs": 2}, size=(8, 8))

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dataset.check(tmp_path, stop)
    assert list((home / "listings").glob("*.json")) == [] and known_folders.load() == []
    assert dataset.check(tmp_path).counts == {"cats": 60, "dogs": 2}


def test_names_with_umlauts_quotes_and_blanks_are_read_back(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    for name in ("Kätzchen 🐈.jpg", 'the "best", really.jpg', "line\nbreak.jpg"):
        picture(tmp_path / "cats" / name)
    assert len(dataset.check(tmp_path).photos) == 5
    assert all(dataset.check(tmp_path).path(index).is_file() for index in range(5))


def test_a_name_that_is_no_utf_8_does_not_keep_the_others_from_use(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    shutil.copy(tmp_path / "cats" / "cats.0.jpg", os.fsencode(tmp_path / "cats") + b"/K\xe4tzchen.jpg")
    listing = dataset.check(tmp_path)
    assert len(listing.photos) + len(listing.set_aside) == 3
    assert dataset.check(tmp_path) == listing


@pytest.mark.parametrize("given", ["~/photos", "photos", "./x/../photos"])
def test_the_folder_may_be_given_as_people_write_it(tmp_path, monkeypatch, given):
    photographs(tmp_path / "photos", {"cats": 1, "dogs": 1})
    (tmp_path / "x").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert dataset.check(given).folder == str(tmp_path / "photos")


LISTINGS = {
    **breaking.ALL,
    "without a photograph": say(photos=None),
    "of other photographs": say(photos__0__digest="0" * 64),
    "with another class": say(photos__0__label="birds"),
    "with a class too few": say(class_names=["cats"]),
    "with a size in words": say(photos__0__width="wide"),
    "of another version": say(fingerprint=None),
}


@pytest.mark.parametrize("kind", LISTINGS)
def test_a_damaged_listing_is_made_anew(kind, tmp_path, home):
    photographs(tmp_path, {"cats": 2, "dogs": 2})
    before = dataset.check(tmp_path)
    (stored,) = (home / "listings").glob("*.json")
    LISTINGS[kind](stored)
    assert dataset.check(tmp_path) == before
    assert dataset.check(tmp_path, lambda done, total: pytest.fail("decoded again")) == before
    assert len(notices.take()) == 1


def test_a_folder_that_was_refused_is_not_known(tmp_path):
    photographs(tmp_path, {"cats": 1})
    with pytest.raises(InputError):
        dataset.check(tmp_path)
    assert known_folders.load() == []


def tear(path: Path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_listing_is_found_by_its_fingerprint_when_its_folder_is_gone(tmp_path):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 2, "dogs": 2}))
    dataset.check(photographs(tmp_path / "others", {"cats": 3, "dogs": 3}))
    shutil.rmtree(tmp_path / "photos")
    assert dataset.find(listing.fingerprint) == listing
    assert dataset.find("0123456789abcdef") is None


@pytest.mark.parametrize("kind", ["a folder", "on a broken disk"])
def test_it_is_found_beside_one_that_cannot_be_read(kind, tmp_path, home):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 2, "dogs": 2}))
    for name in ("0.json", "z.json"):
        breaking.ALL[kind](home / "listings" / name)
    assert dataset.find(listing.fingerprint) == listing and dataset.find("0123456789abcdef") is None
