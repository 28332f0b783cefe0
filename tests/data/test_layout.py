import os
import re
import shutil
from contextlib import chdir
from cProfile import Profile
from itertools import product
from pathlib import Path

import pytest

from catsdogs.data import dataset, layout, tree
from catsdogs.data.tree import LeftOutFolder
from catsdogs.errors import InputError
from tests.images import photographs, picture
from tests.paths import unreadable


def test_class_folders_give_the_class(tmp_path):
    photographs(tmp_path, {"cats": 2, "dogs": 1})
    assert found(tmp_path) == [("cats/cats.0.jpg", "cats", None), ("cats/cats.1.jpg", "cats", None), ("dogs/dogs.0.jpg", "dogs", None)]


@pytest.mark.parametrize("names", [("Katze", "Hund"), ("Minka in training", "Bello in training")])
def test_any_two_class_names_will_do(names, tmp_path):
    photographs(tmp_path, dict.fromkeys(names, 1))
    assert {(label, subset) for _, label, subset in found(tmp_path)} == {(name, None) for name in names}


def test_images_deep_below_a_class_folder_belong_to_it(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    picture(tmp_path / "cats" / "indoors" / "night" / "tom.jpg")
    assert ("cats/indoors/night/tom.jpg", "cats", None) in found(tmp_path)
    assert labels(tmp_path) == {"cats", "dogs"}


@pytest.mark.parametrize(
    "names",
    [
        ("train", "validation", "test"),
        ("Training", "val", "testing"),
        ("training_set", "valid", "test_set"),
        ("cats_and_dogs_train", "cats_and_dogs_dev", "cats_and_dogs_test"),
    ],
)
def test_train_validation_and_test_folders_decide_the_part(tmp_path, names):
    for name in names:
        photographs(tmp_path / name, {"cats": 1, "dogs": 1})
    parts = {path.partition("/")[0]: subset for path, _, subset in found(tmp_path)}
    assert parts == dict(zip(names, ("training", "validation", "test"), strict=True))
    assert labels(tmp_path) == {"cats", "dogs"}


def test_train_and_validation_alone_are_enough(tmp_path):
    photographs(tmp_path / "train", {"cats": 1, "dogs": 1})
    photographs(tmp_path / "validation", {"cats": 1, "dogs": 1})
    assert {subset for _, _, subset in found(tmp_path)} == {"training", "validation"}


def test_one_folder_around_class_folders_is_gone_through(tmp_path):
    photographs(tmp_path / "PetImages", {"Cat": 1, "Dog": 1})
    (tmp_path / "readme.txt").write_text("from Microsoft")
    assert found(tmp_path) == [("PetImages/Cat/Cat.0.jpg", "Cat", None), ("PetImages/Dog/Dog.0.jpg", "Dog", None)]


def test_one_folder_around_train_and_validation_is_gone_through(tmp_path):
    photographs(tmp_path / "filtered" / "train", {"cats": 1, "dogs": 1})
    photographs(tmp_path / "filtered" / "validation", {"cats": 1, "dogs": 1})
    assert ("filtered/validation/cats/cats.0.jpg", "cats", "validation") in found(tmp_path)
    assert labels(tmp_path) == {"cats", "dogs"}


def test_a_second_folder_inside_of_train_and_test_is_gone_through(tmp_path):
    """Kaggle's cat-and-dog has training_set/training_set/cats."""
    for subset in ("training_set", "test_set"):
        photographs(tmp_path / subset / subset, {"cats": 1, "dogs": 1})
    assert labels(tmp_path) == {"cats", "dogs"}
    assert ("test_set/test_set/dogs/dogs.0.jpg", "dogs", "test") in found(tmp_path)


@pytest.mark.parametrize("around", [".", "train", "dogs-vs-cats/train"])
def test_kaggle_s_flat_names_give_the_class(tmp_path, around):
    for name in ("cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "Dog_7.JPG", "cats-12.jpg"):
        picture(tmp_path / around / name)
    found_labels = {path.rpartition("/")[2]: label for path, label, _ in found(tmp_path)}
    assert found_labels == {"cat.0.jpg": "cat", "cat.1.jpg": "cat", "dog.0.jpg": "dog", "Dog_7.JPG": "dog", "cats-12.jpg": "cat"}
    assert {subset for _, _, subset in found(tmp_path)} == {"training" if around.endswith("train") else None}


@pytest.mark.parametrize("name", ["IMG_1234.jpg", "category.jpg", "dogma.jpg", "cat and dog.jpg"])
def test_a_name_that_tells_no_class_is_found_without_one(tmp_path, name):
    for each in ("cat.0.jpg", "dog.0.jpg", name):
        picture(tmp_path / each)
    assert (name, None, None) in found(tmp_path)


@pytest.mark.parametrize("classes", [("cats", "dogs"), ("Luna", "Bello")])
def test_an_image_beside_class_folders_has_no_class(classes, tmp_path):
    photographs(tmp_path, dict.fromkeys(classes, 1))
    picture(tmp_path / "cat.0.jpg")
    assert ("cat.0.jpg", None, None) in found(tmp_path)


def test_hidden_files_and_other_suffixes_are_ignored(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    expected = found(tmp_path)
    for name in ("cats/._cats.0.jpg", "cats/Thumbs.db", "dogs/notes.txt", ".DS_Store", "cats/cat", "dogs/video.mp4"):
        (tmp_path / name).write_text("not a picture")
    photographs(tmp_path, {".hidden": 1})
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "cats" / "pipe.jpg")
    assert found(tmp_path) == expected


def test_a_link_to_nothing_is_found_to_be_set_aside_later(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    (tmp_path / "cats" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert ("cats/gone.jpg", "cats", None) in found(tmp_path)


@pytest.mark.parametrize("where", ["", "cats/"])
def test_a_link_that_leads_nowhere_but_to_itself_is_all_that_is_left_out(where, tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    expected = found(tmp_path)
    (tmp_path / f"{where}loop").symlink_to("loop")
    (tmp_path / f"{where}to").symlink_to("fro")
    (tmp_path / f"{where}fro").symlink_to("to")
    (tmp_path / "cats" / "loop.jpg").symlink_to("loop.jpg")
    reading, reason = layout.read(tmp_path), "It can't be read (Too many levels of symbolic links)."
    assert reading.left_out == tuple(LeftOutFolder(f"{where}{name}", 0, reason) for name in ("fro", "loop", "to"))
    assert found(tmp_path) == sorted([*expected, ("cats/loop.jpg", "cats", None)])
    (entry,) = dataset.check(tmp_path).set_aside
    assert (entry.path, entry.reason) == ("cats/loop.jpg", "The file can't be read: too many levels of symbolic links.")


def test_a_folder_is_read_where_it_lies_whatever_links_lead_to_it(tmp_path):
    for name in ("train", "validation"):
        photographs(tmp_path / name, {"cats": 1, "dogs": 1})
    expected = found(tmp_path)
    (tmp_path / "archive" / "old").mkdir(parents=True)
    (tmp_path / "archive" / "latest").symlink_to("../train")
    (tmp_path / "archive" / "old" / "cats").symlink_to(tmp_path / "train" / "cats")
    assert found(tmp_path) == expected and {subset for _, _, subset in expected} == {"training", "validation"}
    again = "A link to a folder that is read already."
    assert layout.read(tmp_path).left_out == (LeftOutFolder("archive/latest", 0, again), LeftOutFolder("archive/old/cats", 0, again))


def test_a_folder_elsewhere_is_read_by_the_uppermost_link_to_it(tmp_path):
    photographs(tmp_path / "elsewhere" / "all", {"cats": 1, "dogs": 1})
    photographs(tmp_path / "set" / "validation", {"cats": 1, "dogs": 1})
    (tmp_path / "set" / "archive").mkdir()
    (tmp_path / "set" / "archive" / "latest").symlink_to(tmp_path / "elsewhere" / "all")
    (tmp_path / "set" / "train").symlink_to(tmp_path / "elsewhere" / "all")
    assert ("train/cats/cats.0.jpg", "cats", "training") in found(tmp_path / "set") and len(found(tmp_path / "set")) == 4


def test_hidden_folders_within_a_class_folder_are_ignored(tmp_path):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    picture(tmp_path / "cats" / ".thumbnails" / "small.jpg")
    assert len(found(tmp_path)) == 2


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".webp", ".bmp", ".gif", ".tif", ".TIFF", ".ppm", ".pgm", ".mpo"])
def test_pictures_are_known_by_their_suffix(tmp_path, suffix):
    photographs(tmp_path, {"cats": 1, "dogs": 1})
    picture(tmp_path / "cats" / f"tom{suffix}")
    assert (f"cats/tom{suffix}", "cats", None) in found(tmp_path)


def test_a_folder_that_is_missing_or_a_file_is_refused(tmp_path):
    (tmp_path / "pets.zip").touch()
    for name, reason in (
        ("missing", f"There is no folder {tmp_path}/missing on this machine"),
        ("pets.zip", "pets.zip is a file. Give a folder"),
    ):
        with pytest.raises(InputError, match=reason):
            layout.read(tmp_path / name).usable()


def test_a_folder_that_may_not_be_read_says_so(tmp_path):
    photographs(tmp_path / "pets", {"cats": 1, "dogs": 1})
    tmp_path.chmod(0o755)
    refused = pytest.raises(InputError, match=r"The folder pets can't be read \(Permission denied\)\. Change its permissions")
    with chdir(tmp_path), unreadable(tmp_path / "pets"), refused:
        layout.read(Path("pets"))


def test_a_folder_of_archives_says_so(tmp_path):
    for name in ("dogs.ZIP", "cats.zip"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"holds no images .* cats\.zip is an archive: unpack it first\."):
        layout.read(tmp_path).usable()


def test_spaces_and_line_breaks_around_the_name_of_a_folder_are_none_of_its_class(tmp_path):
    photographs(tmp_path, {" my\ncats": 1, "dogs\n": 1})
    assert labels(tmp_path) == {"my cats", "dogs"}


def test_an_empty_folder_is_answered_with_what_is_expected(tmp_path):
    with pytest.raises(InputError, match=r"holds no images \(\.jpg, .*Two class folders are expected"):
        layout.read(tmp_path).usable()


def test_a_single_class_is_refused_by_name(tmp_path):
    photographs(tmp_path, {"cats": 2})
    with pytest.raises(InputError, match=r"holds only one class \(cats\); two are needed"):
        layout.read(tmp_path).usable()


def test_a_hidden_folder_is_no_class(tmp_path):
    picture(tmp_path / "cats" / "tom.jpg")
    picture(tmp_path / "cats" / ".thumbnails" / "tom.jpg")
    with pytest.raises(InputError, match=r"holds only one class \(cats\)"):
        layout.read(tmp_path).usable()


def test_three_classes_are_refused_by_name_unless_they_are_cats_and_dogs_and_others(tmp_path):
    photographs(tmp_path / "a", {"lynxes": 1, "dogs": 1, "horses": 1})
    with pytest.raises(InputError, match=r"holds 3 classes \(dogs, horses, lynxes\); exactly two are needed"):
        layout.read(tmp_path / "a").usable()
    photographs(tmp_path / "b", {"cats": 1, "dogs": 1, "horses": 1})
    assert labels(tmp_path / "b") == {"cats", "dogs"}
    assert layout.read(tmp_path / "b").left_out == (LeftOutFolder("horses", 1, "Its name is neither of the two classes beside it."),)


def test_of_more_classes_those_that_training_has_are_the_two(tmp_path):
    photographs(tmp_path / "train", {"Luna": 1, "Bello": 1})
    photographs(tmp_path / "test", {"Luna": 1, "Bello": 1, "Rex": 1})
    assert labels(tmp_path) == {"Luna", "Bello"}
    assert layout.read(tmp_path).left_out == (LeftOutFolder("test/Rex", 1, "Its class is neither of the two, Bello and Luna."),)


def test_images_beside_the_folders_that_hold_something_out_are_trained_on(tmp_path):
    photographs(tmp_path, {"test_cats": 1, "test_dogs": 1})
    for name in ("cat.1.jpg", "dog.1.jpg"):
        picture(tmp_path / name)
    assert {("cat.1.jpg", "cat", "training"), ("dog.1.jpg", "dog", "training")} < set(found(tmp_path))


def test_folders_of_a_class_that_decide_a_subset_have_their_rows(tmp_path):
    for name in ("cats", "dogs"):
        photographs(tmp_path / name, {"train": 1, "test": 1, "indoors": 1})
    paths = [row.path for row in layout.read(tmp_path).rows]
    assert paths == ["", "cats", "cats/test", "cats/train", "dogs", "dogs/test", "dogs/train"]


@pytest.mark.parametrize(
    ("corrections", "reason"), [(None, "Its name is neither of the two classes beside it."), ({"old": layout.LEFT_OUT}, "Left out by you.")]
)
def test_folders_in_one_that_is_left_out_are_left_out_with_it(corrections, reason, tmp_path):
    for folder in (tmp_path, tmp_path / "old" / "train", tmp_path / "old" / "test"):
        photographs(folder, {"cats": 1, "dogs": 1})
    reading = layout.read(tmp_path, corrections)
    assert [each.path for each in reading.candidates] == ["cats/cats.0.jpg", "dogs/dogs.0.jpg"]
    assert reading.left_out == (LeftOutFolder("old", 4, reason),)


def test_what_to_do_about_more_than_two_classes_is_told(tmp_path):
    problem = layout.read(photographs(tmp_path, {"Luna": 1, "Minka": 1, "Bello": 1})).problem
    assert problem.endswith(
        "Move the others elsewhere; or leave them out, or say which are of one class, under “How the folder was read” on the Data page."
    )


def test_a_folder_that_a_camera_named_is_no_class(tmp_path):
    for folder, name in product(("100APPLE", "101_PANA"), ("IMG_1.jpg", "IMG_2.jpg")):
        picture(tmp_path / folder / name)
    reading = layout.read(tmp_path)
    assert "holds no class names" in reading.problem and [row.classes for row in reading.rows] == [0, 0, 0]
    assert reading.problem.endswith("Where each folder holds one class, say which under “How the folder was read” on the Data page.")
    picture(tmp_path / "100APPLE" / "cat.1.jpg")
    picture(tmp_path / "101_PANA" / "dog.1.jpg")
    assert [(row.path, row.classes) for row in layout.read(tmp_path).rows] == [("", 2), ("100APPLE", 1), ("101_PANA", 1)]


def test_of_a_single_class_the_empty_folder_beside_it_is_named(tmp_path):
    photographs(tmp_path, {"pets/dogs": 1})
    for name in ("pets/cats", "pets/.cache", "other"):
        (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=r"holds only one class \(dogs\), and no images in pets/cats/; two are needed"):
        layout.read(tmp_path).usable()


@pytest.mark.parametrize("classes", [{"cats": 1, "dogs": 1}, {"cats": 1}])
def test_a_folder_that_can_t_be_read_is_named_where_its_class_is_missing(classes, tmp_path):
    photographs(tmp_path, classes).chmod(0o755)
    with chdir(tmp_path), unreadable(tmp_path / "cats"):  # another user may not go through the folders around it
        problem = layout.read(Path()).problem if len(classes) > 1 else str(pytest.raises(InputError, layout.read, Path()).value)
    assert problem.endswith(" cats/: It can't be read (Permission denied).") and "no images in" not in problem


@pytest.mark.parametrize(
    "first, second",
    [("Luna ", "Bello "), ("Katze (", "Hund ("), ("قطة ", "كلب "), ("बिल्ली ", "कुत्ता "), ("my nice pet Luna ", "my nice pet Bello ")],
)
def test_the_two_words_that_files_begin_with_are_their_classes(first, second, tmp_path):
    for each, number in product((first, second), (1, 2)):
        picture(tmp_path / f"{each}{number}.jpg")
    assert labels(tmp_path) == {each.removeprefix("my nice pet ").rstrip(" (") for each in (first, second)}


@pytest.mark.parametrize("names", [("Luna 1", "Luna 2", "Bello"), ("a1", "a2", "b3", "b4"), ("Luna 1", "Luna 2", *"12345678")])
def test_words_that_do_not_divide_the_files_are_no_classes(names, tmp_path):
    for name in names:
        picture(tmp_path / f"{name}.jpg")
    assert "holds no class names" in layout.read(tmp_path).problem


def test_a_single_file_named_after_an_animal_does_not_tell_what_its_folder_is(tmp_path):
    for name in ("1", "2", "3", "Anna with a cat", "Anna with a dog"):
        picture(tmp_path / "Anna" / f"{name}.jpg")
    photographs(tmp_path, {"Ben": 3})
    assert labels(tmp_path) == {"Anna", "Ben"}


def test_a_folder_is_said_to_be_of_the_class_that_its_images_get(tmp_path):
    photographs(tmp_path, {"cat": 1, "cats": 2, "dogs": 2})
    assert [row.role.label for row in layout.read(tmp_path).rows] == [None, "cats", "cats", "dogs"]


def test_of_many_classes_five_are_named(tmp_path):
    photographs(tmp_path, dict.fromkeys("abcdefg", 1))
    with pytest.raises(InputError, match=r"holds 7 classes \(a, b, c, d, e, \.\.\.\)"):
        layout.read(tmp_path).usable()


def test_pictures_without_any_class_are_refused(tmp_path):
    for name in ("IMG_1.jpg", "IMG_2.jpg"):
        picture(tmp_path / name)
    with pytest.raises(InputError, match="holds no class names\\. Two class .* Tables and annotations of classes are not read\\.$"):
        layout.read(tmp_path).usable()


def test_the_order_is_the_same_on_every_machine(tmp_path):
    photographs(tmp_path / "a", {"cats": 12, "dogs": 3})
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    paths = [path for path, _, _ in found(tmp_path / "a")]
    assert paths == sorted(paths) == [path for path, _, _ in found(tmp_path / "b")]


DOCUMENTED = re.findall(r"^\| `(.+?)` \| (.+?) \| (.*?) ?\|$", (Path(__file__).parents[2] / "docs" / "layouts.md").read_text(), re.M)


@pytest.mark.parametrize(("given", "expected", "left_out"), DOCUMENTED)
def test_a_layout_is_read_as_the_documentation_says(given, expected, left_out, tmp_path):
    for path in given.split():
        for each in expanded(path):
            for number in range(1 + each.endswith("/")):
                picture(tmp_path / (f"{each}{number}.jpg" if each.endswith("/") else each), format="JPEG")
    reading = layout.read(tmp_path)
    classes = {}
    for each in reading.candidates:
        classes.setdefault(each.subset or "to be split", set()).add(each.label or "set aside")
    subsets = [subset for subset in ("to be split", "training", "validation", "test") if subset in classes]
    read = "; ".join(f"{subset}: {', '.join(sorted(classes[subset]))}" for subset in subsets)
    assert (f"refused: {reading.problem}" if reading.problem else read).startswith(expected.replace("refused: ", f"refused: {tmp_path} "))
    assert sorted(each.path for each in reading.left_out) == re.findall(r"`(.+?)/?`", left_out)
    used = len(reading.candidates) + sum(each.images for each in reading.left_out)
    assert used == len([path for path in tmp_path.rglob("*") if path.is_file()]), "each is used, or named as left out"


def test_the_documentation_has_them_all():
    assert len(DOCUMENTED) >= 60


def expanded(path):
    """The paths that braces stand for, as in a shell."""
    parts = [part[1:-1].split(",") if part.startswith("{") else [part] for part in re.findall(r"\{.*?\}|[^{}]+", path)]
    return ["".join(choice) for choice in product(*parts)]


def found(folder):
    return [(candidate.path, candidate.label, candidate.subset) for candidate in layout.read(folder).usable()]


def labels(folder):
    return {candidate.label for candidate in layout.read(folder).usable()}


def test_folders_are_read_so_deep_and_the_rest_is_named(tmp_path):
    photographs(tmp_path, {"cats": 2, "dogs": 2})
    picture(tmp_path / "cats" / "/".join("a" * (tree.MAX_DEPTH - 1)) / "1.jpg")
    picture(
        tmp_path / "cats" / "/".join("a" * (tree.MAX_DEPTH + 10)) / "2.jpg"
    )  # of more than 900, functions would call themselves too often
    found = layout.read(tmp_path)
    assert len(found.candidates) == 5 and found.problem is None
    (left,) = found.left_out
    assert left.path.count("/") == tree.MAX_DEPTH and left.reason == f"It lies more than {tree.MAX_DEPTH} folders deep."


def test_more_files_than_any_data_set_has_are_not_read_to_the_end(tmp_path, monkeypatch):
    photographs(tmp_path, {"cats": 2, "dogs": 2})
    monkeypatch.setattr(tree, "MAX_NAMES", 6)
    assert len(layout.read(tmp_path).candidates) == 4
    (tmp_path / "dogs" / "notes.txt").touch()
    with pytest.raises(InputError, match=f"{tmp_path} holds more than 6 files and folders. Give the folder of the photographs alone"):
        layout.read(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "named", "correction"),
    [
        ("owner {}/{}s/1.jpg", (), None),
        ("owner {}/{}.1.jpg", ("test/cats/1.jpg", "test/dogs/1.jpg"), None),
        ("test {}/{}.1.jpg", ("owner/cat.1.jpg", "owner/dog.1.jpg"), None),
        ("test {}/1.jpg", (), layout.CLASS),
    ],
    ids=["that hold the classes", "beside one for test", "named after a subset", "called classes"],
)
def test_four_times_as_many_folders_take_four_times_as_long(pattern, named, correction, tmp_path):
    """It took sixteen times as long, minutes with some thousands. Calls are counted, as a busy machine changes every time."""

    def calls(count):
        root = tmp_path / str(count)
        folders = [(pattern.format(number, kind), kind) for number in range(count) for kind in ("cat", "dog")]
        for path in (*(path for path, _ in folders), *named):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()
        corrections = {path.partition("/")[0]: correction + kind for path, kind in folders} if correction else {}
        with Profile() as profile:
            layout.read(root, corrections)
        return sum(found.callcount for found in profile.getstats())

    assert calls(600) < 4.4 * calls(150)
