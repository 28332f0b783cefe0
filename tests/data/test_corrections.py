"""What people correct counts, can be taken back, and touches no file."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from catsdogs.data import corrections, dataset, layout
from catsdogs.errors import InputError
from catsdogs.system import home
from tests.images import photographs, picture
from tests.running import create, train


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "pets", {"cats": 4, "dogs": 4})


def subsets(folder):
    return {photo.path.rpartition("/")[0]: photo.subset for photo in dataset.check(folder).photos}


class Counted(dict):
    """A dictionary that counts how often it is gone through."""

    times = 0

    def items(self):
        self.times += 1
        return super().items()


def test_corrections_are_gone_through_once_however_many_images_there_are(folder):
    images = Counted({"cats/cats.1.jpg": corrections.LEFT_OUT, "dogs/dogs.1.jpg": "cats"})
    assert dataset.read(folder, corrections.Corrections(images=images)).counts == {"cats": 4, "dogs": 3}
    assert images.times == 1


def test_an_image_is_left_out_and_taken_back(folder):
    before = dataset.check(folder)
    files = sorted(path.stat().st_mtime_ns for path in folder.rglob("*"))
    corrections.change(folder, images={"cats/cats.1.jpg": corrections.LEFT_OUT})
    listing = dataset.check(folder)
    assert listing.counts == {"cats": 3, "dogs": 4} and listing.fingerprint != before.fingerprint
    assert [(each.path, each.reason) for each in listing.set_aside] == [("cats/cats.1.jpg", "Left out by you.")]
    corrections.change(folder, images={"cats/cats.1.jpg": None})
    assert dataset.check(folder) == before
    assert files == sorted(path.stat().st_mtime_ns for path in folder.rglob("*"))


def test_an_image_is_moved_to_the_other_class_and_back(folder):
    before = dataset.check(folder)
    corrections.change(folder, images={"cats/cats.1.jpg": "dogs", "cats/cats.2.jpg": "wolves"})
    listing = dataset.check(folder)
    assert listing.counts == {"cats": 3, "dogs": 5}, "a class that there is none of changes nothing"
    assert {photo.label for photo in listing.photos if photo.path == "cats/cats.1.jpg"} == {"dogs"}
    corrections.change(folder, images={"cats/cats.1.jpg": corrections.FINE, "cats/cats.2.jpg": None})
    assert dataset.check(folder).fingerprint == before.fingerprint


def test_a_folder_is_given_a_subset_a_class_or_is_left_out(tmp_path):
    for name in ("train", "more", "old"):
        photographs(tmp_path / name, {"cats": 2, "dogs": 2})
    picture(tmp_path / "train" / "Minka" / "1.jpg")
    assert set(subsets(tmp_path)) == {"train/cats", "train/dogs"}
    corrections.change(tmp_path, folders={"more": "validation", "old": "left out", "train/Minka": "class cats"})
    assert subsets(tmp_path) == {
        "train/cats": "training",
        "train/dogs": "training",
        "train/Minka": "training",
        "more/cats": "validation",
        "more/dogs": "validation",
    }
    assert dataset.check(tmp_path).counts == {"cats": 5, "dogs": 4}
    assert [(each.path, each.images, each.reason) for each in dataset.check(tmp_path).left_out] == [("old", 4, "Left out by you.")]


def test_what_was_refused_can_be_corrected(tmp_path):
    photographs(tmp_path / "train", {"cats": 2, "dogs": 2})
    photographs(tmp_path / "validation", {"cats": 2})
    with pytest.raises(InputError, match="the validation photographs are all of class cats; .* leave that folder out"):
        dataset.check(tmp_path)
    corrections.change(tmp_path, folders={"validation": "left out"})
    assert dataset.check(tmp_path).counts == {"cats": 2, "dogs": 2}
    photographs(tmp_path / "x", {"A": 2, "B": 2, "C": 2})
    assert "holds 3 classes (A, B, C)" in layout.read(tmp_path / "x").problem
    corrections.change(tmp_path / "x", folders={"C": "class A"})
    assert dataset.check(tmp_path / "x").counts == {"A": 4, "B": 2}


def test_a_folder_that_only_sounds_like_a_subset_can_be_a_class(tmp_path):
    """Its neighbours can't be split into subsets, so its photographs are not those of one."""
    photographs(tmp_path, {"dev": 3, "persian": 3, "both": 3})
    corrections.change(tmp_path, folders={"dev": "class dev", "persian": "class persian", "both": corrections.LEFT_OUT})
    reading = layout.read(tmp_path, corrections.load(tmp_path).folders)
    assert not reading.problem and {(each.label, each.subset) for each in reading.candidates} == {("dev", None), ("persian", None)}


def test_a_folder_that_is_a_subset_stays_one_when_it_is_called_a_class(tmp_path):
    photographs(tmp_path / "train", {"cats": 3, "dogs": 3})
    photographs(tmp_path, {"test": 3})
    reading = layout.read(tmp_path, {"test": "class cats"})
    assert {each.subset for each in reading.candidates if each.path.startswith("test/")} == {"test"}


def test_folders_of_a_subset_and_a_class_keep_the_subset_when_the_class_is_corrected(tmp_path):
    folders = [f"{subset}_{animal}s" for subset in ("train", "test") for animal in ("cat", "dog")]
    photographs(tmp_path, dict.fromkeys(folders, 1))
    reading = layout.read(tmp_path, {name: f"class {name[-4:-1]}" for name in folders})
    assert {(each.label, each.subset) for each in reading.candidates} == {
        (label, subset) for label in ("cat", "dog") for subset in ("training", "test")
    }


@pytest.mark.parametrize("role", ["", "class ", "exam", "Training"])
def test_a_role_that_is_none_is_refused(role, folder):
    with pytest.raises(InputError, match="is not a role of a folder; allowed are training, validation, test, left out and class NAME"):
        corrections.change(folder, folders={"cats": role})


CONTENTLESS = '{"folders": {}, "images": {}, "contents": {"a": [1]}}'


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"folders": {}}',
        '{"folders": {}, "images": {"a": 1}}',
        '{"folders": {}, "images": {"../a": "fine"}}',
        CONTENTLESS,
        "[" * 100_000,
    ],
)
def test_corrections_that_can_not_be_read_are_told(content, folder):
    corrections.change(folder, images={"cats/cats.1.jpg": "dogs"})
    path = stored(folder)
    path.write_text(content)
    with pytest.raises(InputError, match=f"The corrections of {folder} can't be read. Delete {path} to begin anew"):
        dataset.check(folder)


def test_several_at_once_lose_nothing(folder):
    code = """
import sys
from pathlib import Path
from catsdogs.data import corrections
for number in range(20):
    corrections.change(Path(sys.argv[1]), images={f"{sys.argv[2]}/{number}.jpg": "left out"})
"""
    processes = [subprocess.Popen([sys.executable, "-c", code, folder, name]) for name in "abc"]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(corrections.load(folder).images) == 60


def test_another_file_of_the_same_name_inherits_no_correction_and_the_first_one_has_it_again(folder, tmp_path):
    said = {"cats/cats.0.jpg": corrections.LEFT_OUT, "cats/cats.1.jpg": "dogs", "dogs/dogs.0.jpg": corrections.FINE}
    assert corrections.change(folder, images=said).images == said and dataset.check(folder).counts == {"cats": 2, "dogs": 5}
    for number, name in enumerate(said):
        (folder / name).rename(tmp_path / f"{number}.jpg")
        picture(folder / name, (50 + number, 40))
    listing = dataset.check(folder)
    assert listing.counts == {"cats": 4, "dogs": 4} and listing.corrections.images == {} and not listing.set_aside
    corrections.change(folder, images={"dogs/dogs.1.jpg": "cats"})
    for number, name in enumerate(said):
        (tmp_path / f"{number}.jpg").replace(folder / name)
    assert corrections.load(folder).images == {**said, "dogs/dogs.1.jpg": "cats"}


def test_a_new_correction_is_that_of_the_file_that_is_there_now(folder):
    corrections.change(folder, images={"cats/cats.1.jpg": "dogs"})
    picture(folder / "cats/cats.1.jpg", (50, 40))
    assert corrections.change(folder, images={"cats/cats.1.jpg": corrections.LEFT_OUT}).images == {"cats/cats.1.jpg": "left out"}
    assert corrections.change(folder, images={"cats/cats.1.jpg": None}).images == {}
    assert "cats.1" not in stored(folder).read_text()


def test_a_file_that_was_copied_back_or_is_out_of_reach_for_a_while_stays_corrected(folder, tmp_path):
    said = {"cats/cats.1.jpg": corrections.LEFT_OUT}
    corrections.change(folder, images=said)
    path = folder / "cats/cats.1.jpg"
    shutil.copyfile(path, tmp_path / "copy.jpg")
    os.utime(tmp_path / "copy.jpg", (1, 1))
    path.unlink()
    assert corrections.load(folder).images == said
    (tmp_path / "copy.jpg").replace(path)
    assert corrections.load(folder).images == said and dataset.check(folder).counts == {"cats": 3, "dogs": 4}


@pytest.mark.parametrize("is_of_size", [True, False], ids=["size", "time"])
def test_a_file_of_the_same_size_or_time_and_another_content_is_another_file(is_of_size, folder):
    corrections.change(folder, images={"cats/cats.1.jpg": "dogs"})
    path = folder / "cats/cats.1.jpg"
    before = path.stat().st_mtime_ns
    path.write_bytes(path.read_bytes()[:-1] + (b"x" if is_of_size else b"xyz"))
    os.utime(path, ns=(1, 1) if is_of_size else (before, before))
    assert corrections.load(folder).images == {}


def test_what_is_said_of_a_folder_that_was_deleted_is_not_left_to_the_next_one_in_its_place(folder):
    shutil.rmtree(folder)
    with pytest.raises(InputError, match=f"There is no folder {folder} any more, so nothing in it can be corrected"):
        corrections.change(folder, images={"cats/cats.1.jpg": corrections.LEFT_OUT})
    assert corrections.load(folder) == corrections.Corrections()


def test_what_is_said_of_a_folder_while_it_is_deleted_is_not_left_to_the_next_one_either(folder):
    class Deleting(dict):
        def items(self):  # which are looked at one by one
            shutil.rmtree(folder, ignore_errors=True)
            return super().items()

    with pytest.raises(InputError, match=f"There is no folder {folder} any more"):
        corrections.change(folder, images=Deleting({"cats/cats.1.jpg": corrections.LEFT_OUT}))
    assert corrections.load(folder) == corrections.Corrections()


def test_corrections_of_earlier_versions_go_by_their_paths(folder):
    stored(folder).parent.mkdir(exist_ok=True)
    said = {"cats/cats.1.jpg": "dogs"}
    stored(folder).write_text(json.dumps({"folder": str(folder), "folders": {}, "images": said}))
    picture(folder / "cats/cats.1.jpg", (50, 40))
    assert corrections.load(folder).images == said
    assert corrections.change(folder, images={"cats/cats.2.jpg": corrections.FINE}).images == {**said, "cats/cats.2.jpg": "fine"}
    assert dataset.check(folder).counts == {"cats": 3, "dogs": 5}


def stored(folder):
    """Where its corrections are."""
    return home.subfolder("corrections") / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]}.json"


def test_the_next_run_goes_by_them_and_says_so(tmp_path):
    folder = photographs(tmp_path / "pets", {"cats": 20, "dogs": 20})
    said = {"cats/cats.3.jpg": "dogs", "dogs/dogs.5.jpg": "left out", "dogs/dogs.6.jpg": "fine"}
    corrections.change(folder, images=said)
    run = create(folder, epochs=1)
    train(run)
    environment = json.loads((run.folder / "environment.json").read_text())
    assert environment["corrections"] == {"folders": {}, "images": {path: role for path, role in said.items() if role != "fine"}}
    assert sum(environment["photographs"].values()) == 39


@pytest.mark.parametrize(
    "roles",
    [
        {"cats/cats.1.jpg": corrections.LEFT_OUT},
        {"cats/cats.1.jpg": "dogs", "dogs/dogs.1.jpg": corrections.FINE, "cats/cats.2.jpg": "wolves"},
        {"cats/copy.jpg": "dogs"},  # an exact copy stays a cat
        {"cats/copy.jpg": corrections.LEFT_OUT, "dogs/small.jpg": "cats"},
    ],
)
def test_a_listing_is_amended_as_it_would_be_checked(roles, folder):
    shutil.copy(folder / "cats" / "cats.0.jpg", folder / "cats" / "copy.jpg")
    Image.open(folder / "dogs" / "dogs.0.jpg").save(folder / "dogs" / "small.jpg", quality=60)
    (folder / "dogs" / "letter.jpg").write_text("Dear dog,")
    before = dataset.check(folder)
    assert len(before.near_copies) == 2
    corrected = corrections.change(folder, images=roles)
    amended = dataset.amended(before, corrected)
    assert amended == dataset.check(folder) != before
    assert dataset.amended(before, corrections.change(folder, images=dict.fromkeys(roles))) == before


def test_what_has_to_be_read_for_it_is_not_amended(folder):
    empty = dict.fromkeys((photo.path for photo in dataset.check(folder).photos if photo.label == "cats"), corrections.LEFT_OUT)
    assert dataset.amended(dataset.check(folder), corrections.Corrections(images=empty)) is None
    corrections.change(folder, images={"cats/cats.1.jpg": corrections.LEFT_OUT, "cats/cats.2.jpg": "dogs"})
    listing = dataset.check(folder)
    for back in ("cats/cats.1.jpg", "cats/cats.2.jpg"):
        kept = {path: role for path, role in listing.corrections.images.items() if path != back}
        assert dataset.amended(listing, corrections.Corrections(images=kept)) is None
    assert dataset.amended(listing, corrections.Corrections({"cats": "left out"}, listing.corrections.images)) is None


@pytest.mark.parametrize("name", ["fine", "left out", "wolves"])
def test_an_image_can_belong_to_a_class_even_if_its_name_means_something_else(name, tmp_path):
    before = dataset.check(photographs(tmp_path, {"broken": 3, name: 3}))
    corrected = corrections.change(tmp_path, images={"broken/broken.0.jpg": corrections.role_of(name)})
    for listing in (dataset.check(tmp_path), dataset.amended(before, corrected)):
        assert listing.counts == {"broken": 2, name: 4} and not listing.set_aside
    corrected = corrections.change(tmp_path, images={"broken/broken.0.jpg": corrections.FINE, f"{name}/{name}.0.jpg": "broken"})
    assert dataset.amended(before, corrected).counts == dataset.check(tmp_path).counts == {"broken": 4, name: 2}
