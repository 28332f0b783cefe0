"""Photographs that people bring become data sets, whole or not at all."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from catsdogs.data import dataset, known_folders, layout
from catsdogs.errors import InputError
from catsdogs.sources import intake, library
from tests.data.test_pixels import on_a_small_disk
from tests.images import photographs, picture
from tests.paths import NO_UTF8
from tests.sources.test_archive import good, jpeg, write

TIMES = 6
IMPORT = f"""
import os, sys, time
from pathlib import Path
from catsdogs.sources import intake
print("ready", flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.001)
for _ in range({TIMES}):
    print(intake.add_archive(Path(sys.argv[1])).folder, flush=True)
"""


FULL_IN_THE_END = """
import sys
from pathlib import Path
from catsdogs.errors import InputError
from catsdogs.sources import intake
from catsdogs.system import home

def fill_in_the_end(done, total):
    if done == total:
        with (home.folder() / "ballast").open("wb", buffering=0) as file:
            while file.write(bytes(100)) == 100:
                pass

try:
    intake.add_folder(Path(sys.argv[1]), report=fill_in_the_end)
except InputError as error:
    print(error)
(home.folder() / "ballast").unlink()
print([path.name for path in (home.folder() / "data").iterdir()])
"""


def left(home):
    """What lies in the home folder's data sets and is none."""
    return [path.name for path in (home / "data").iterdir() if path.name.startswith(".")]


def test_a_zip_file_becomes_a_data_set_that_can_be_trained_on(tmp_path, home):
    added = intake.add_archive(good(tmp_path / "My Pets (2).zip"))
    assert (added.folder, added.images, added.left_out) == (home / "data/my-pets-2", 6, ())
    assert library.name_of(added.folder) == "My Pets (2)"
    assert dataset.check(added.folder).counts == {"cats": 3, "dogs": 3}
    assert left(home) == []


def test_a_second_one_of_the_same_name_gets_a_folder_of_its_own(tmp_path, home):
    path = good(tmp_path / "pets.zip")
    folders = [intake.add_archive(path).folder.name for _ in range(3)]
    assert folders == ["pets", "pets-2", "pets-3"]


def test_many_at_once_do_not_meet(tmp_path, home):
    path = good(tmp_path / "pets.zip")
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda number: intake.add_archive(path), range(8)))
    assert len({each.folder for each in added}) == 8 and left(home) == []
    assert all(len(list(each.folder.rglob("*.jpg"))) == 6 for each in added)


def test_importing_processes_do_not_meet_even_where_one_is_killed(tmp_path, home):
    path, go = good(tmp_path / "pets.zip"), tmp_path / "go"
    words = [sys.executable, "-c", IMPORT, str(path), str(go)]
    importing = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in importing:
        assert process.stdout.readline() == "ready\n"
    go.touch()
    victim, *others = importing
    victim.stdout.readline()
    victim.kill()
    told = [line.strip() for process in others for line in process.communicate()[0].splitlines()]
    victim.communicate()
    assert [process.returncode for process in others] == [0, 0, 0] and len(set(told)) == len(told) == 3 * TIMES
    intake.add_archive(path)  # which sweeps what the killed one left
    folders = [folder for folder in (home / "data").iterdir() if folder.is_dir() and any(folder.iterdir())]
    assert not any(folder.name.startswith(".") for folder in folders) and all(len(list(folder.rglob("*.jpg"))) == 6 for folder in folders)
    assert {*map(Path, told)} <= {*folders} and {library.name_of(Path(folder)) for folder in told} == {"pets"}


def test_the_lock_of_one_that_was_killed_before_it_had_its_folder_is_swept_when_it_is_old(tmp_path, home):
    data = home / "data"
    data.mkdir(parents=True)
    for name, age in (("old", 7200), ("fresh", 0)):
        lock = data / f".incoming-{name}.lock"
        lock.touch()
        os.utime(lock, (time.time() - age,) * 2)
    intake.sweep()
    assert left(home) == [".incoming-fresh.lock"]


@pytest.mark.parametrize(
    ("name", "folder"), [("Kätzchen & Hündchen", "katzchen-hundchen"), ("猫", "photographs"), ("drawn-3-0", "my-drawn-3-0")]
)
def test_any_name_will_do(name, folder, tmp_path, home):
    added = intake.add_archive(good(tmp_path / "a.zip"), name)
    assert added.folder == home / "data" / folder and library.name_of(added.folder) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *((name, "can't be the name of a data set; use 1 to 80 characters in one line") for name in (" ", "a\nb", "\0")),
        ("x" * 81, "The name of a data set may have at most 80 characters; this one has 81."),
    ],
)
def test_a_name_that_is_none_is_refused(name, why, tmp_path, home):
    with pytest.raises(InputError, match=why):
        intake.add_archive(good(tmp_path / "a.zip"), name)


@pytest.mark.parametrize(
    ("file", "name"),
    [(f"{'Minka ' * 14}.zip", ("Minka " * 14)[:80].strip()), (" .zip", "Photographs"), ("Minka\nRex.zip", "MinkaRex")],
)
def test_of_a_file_s_name_as_much_is_taken_as_a_name_may_have(file, name, tmp_path, home):
    assert library.name_of(intake.add_archive(good(tmp_path / file)).folder) == name
    (tmp_path / "folders").mkdir()
    source = photographs(tmp_path / "folders" / file.removesuffix(".zip"), {"cats": 1, "dogs": 1})
    assert library.name_of(intake.add_folder(source).folder) == name


def test_a_refused_archive_leaves_nothing(tmp_path, home):
    with pytest.raises(InputError, match="does not stay inside"):
        intake.add_archive(write(tmp_path / "a.zip", ("cats/1.jpg", jpeg()), ("../x.jpg", jpeg())))
    assert list((home / "data").iterdir()) == []


def test_where_the_disk_is_full_before_its_name_is_written_nothing_is_left(tmp_path):
    """A data set that nobody is offered could not be deleted."""
    ended = on_a_small_disk(sys.executable, "-c", FULL_IN_THE_END, str(photographs(tmp_path / "pets", {"cats": 3, "dogs": 3})))
    told, others = ended.stdout.splitlines()
    assert told.startswith("The disk is full") and others == "[]"


def test_what_was_made_is_offered_even_if_its_maker_is_killed_then(tmp_path, home):
    assert known_folders.load() == []
    added = intake.add_archive(good(tmp_path / "pets.zip"))
    assert known_folders.load() == [added.folder]


def test_stopped_in_the_middle_it_leaves_nothing(tmp_path, home):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.add_archive(good(tmp_path / "a.zip"), report=stop)
    assert list((home / "data").iterdir()) == []


def test_what_a_killed_process_left_is_swept_but_not_what_another_makes(tmp_path, home):
    code = """
import os, signal, sys
from pathlib import Path
from catsdogs.sources import intake
intake.add_archive(Path(sys.argv[1]), report=lambda done, total: os.kill(os.getpid(), signal.SIGKILL))
"""
    path = good(tmp_path / "a.zip")
    subprocess.run([sys.executable, "-c", code, path])
    assert len(left(home)) == 2

    def make_another(done, total):
        if done == 1:
            intake.add_archive(path, "inner")

    assert intake.add_archive(path, "outer", make_another).images == 6
    assert left(home) == [] and sorted(each.name for each in (home / "data").iterdir()) == ["inner", "outer"]


def test_files_keep_their_folders(home):
    files = [
        ("cats/1.jpg", jpeg()),
        ("dogs/1.jpg", jpeg(1)),
        ("dogs/notes.txt", b"woof"),
        ("dogs/1.jpg", jpeg(2)),
        ("./cats//2.jpg", jpeg(3)),
    ]
    added = intake.add_files(files, "pets")
    assert sorted(path.relative_to(added.folder).as_posix() for path in added.folder.rglob("*.*")) == [
        "cats/1.jpg",
        "cats/2.jpg",
        "dogs/1 (2).jpg",
        "dogs/1.jpg",
    ]
    assert [(each.name, each.reason) for each in added.left_out] == [("dogs/notes.txt", "Not an image.")] and added.images == 4


@pytest.mark.parametrize("path", ["../1.jpg", "/etc/1.jpg", "a/../../1.jpg", "", "..\\1.jpg", "cats/\0.jpg"])
def test_a_path_that_leads_elsewhere_is_refused(path, home):
    with pytest.raises(InputError, match="is not a path inside a data set"):
        intake.add_files([("cats/1.jpg", jpeg()), (path, jpeg())], "pets")
    assert list((home / "data").iterdir()) == []


@pytest.mark.parametrize("path", [f"{'x' * 252}.jpg", "/".join(["x" * 200] * 11)])
def test_a_path_that_no_system_takes_is_refused(path, home):
    with pytest.raises(InputError, match="is too long for a path. Give shorter names"):
        intake.add_files([("cats/1.jpg", jpeg()), (path, jpeg())], "pets")
    assert list((home / "data").iterdir()) == []


def test_what_lies_too_deep_to_be_found_later_is_not_taken(tmp_path, home):
    deep = "/".join(["a"] * 900)
    with pytest.raises(InputError, match="lies more than 100 folders deep, where it would not be found. Move it up"):
        intake.add_files([("cats/1.jpg", jpeg()), (f"cats/{deep}/1.jpg", jpeg())], "pets")
    assert list((home / "data").iterdir()) == []
    source = photographs(tmp_path / "pets", {"cats": 2, "dogs": 2})
    (source / "cats" / deep[:239]).mkdir(parents=True)
    (source / "cats" / deep[:239] / "3.jpg").write_bytes(jpeg())
    added = intake.add_folder(source)
    assert added.images == 4 and [entry.reason for entry in added.left_out] == ["It lies more than 100 folders deep."]
    assert dataset.check(added.folder).counts == {"cats": 2, "dogs": 2}


def test_half_a_character_in_a_name_which_windows_takes_is_replaced(home):
    added = intake.add_files([("cats/\ud83d.jpg", jpeg()), (f"cats/{NO_UTF8}.jpg", jpeg(1))], "my \ud83d pets")
    assert {path.name for path in (added.folder / "cats").iterdir()} == {"\ufffd.jpg", f"{NO_UTF8}.jpg"}
    assert library.name_of(added.folder) == "my \ufffd pets"


def test_two_files_of_the_same_longest_name_both_come(home):
    name = f"{'ä' * 125}.jpg"
    added = intake.add_files([(name, jpeg()), (f"./{name}", jpeg())], "pets")
    assert len(list(added.folder.iterdir())) == added.images == 2


def test_a_file_in_what_is_another_file_is_left_out(home):
    added = intake.add_files([("cats", jpeg()), ("cats/1.jpg", jpeg()), ("cats/a/2.jpg", jpeg())], "pets")
    assert [each.name for each in added.left_out] == ["cats/1.jpg", "cats/a/2.jpg"] and added.images == 1


def test_a_folder_is_copied_without_following_links(tmp_path, home):
    source = photographs(tmp_path / "pets", {"cats": 3, "dogs": 3})
    outside = picture(tmp_path / "outside.jpg")
    (source / "cats/link.jpg").symlink_to(outside)
    (source / "cats/.hidden.jpg").write_bytes(jpeg())
    added = intake.add_folder(source)
    assert added.images == 6 and library.name_of(added.folder) == "pets" and len(list(source.rglob("*.jpg"))) == 8
    assert [(each.name, each.reason) for each in added.left_out] == [("cats/link.jpg", "A link.")]


def test_what_a_folder_holds_beside_files_is_named(tmp_path, home):
    source = photographs(tmp_path / "pets", {"cats": 3, "dogs": 3})
    (source / "more").symlink_to(source / "cats")
    (source / "gone.jpg").symlink_to(tmp_path / "missing.jpg")
    (source / ".hidden").symlink_to(tmp_path)
    (source / "notes.txt").write_text("woof")
    os.mkfifo(source / "dogs/pipe.jpg")
    added = intake.add_folder(source)
    assert added.images == 6 and {each.name: each.reason for each in added.left_out} == {
        "more": "A link.",
        "gone.jpg": "A link.",
        "dogs/pipe.jpg": "Not a regular file.",
        "notes.txt": "Not an image.",
    }


def test_hidden_files_of_a_folder_from_a_browser_do_not_count_as_images(home):
    """Macs put such beside each file on a drive that others can read."""
    names = [f"pets/{label}/{name}.jpg" for label in "AB" for name in ("1", "._1", "2", "._2")]
    added = intake.add_files([(name, jpeg(number)) for number, name in enumerate(names)], "Pets")
    assert added.images == len(layout.read(added.folder).candidates) == 4
    assert intake.lines_of(added.left_out) == ["pets/A/._1.jpg and 3 more .jpg files: Hidden, or the system's own."]


def test_a_folder_of_links_says_so(tmp_path, home):
    stored, source = photographs(tmp_path / "stored", {"cats": 3, "dogs": 3}), tmp_path / "pets"
    for path in stored.rglob("*.jpg"):
        link = source / path.relative_to(stored)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    (source / "README").write_text("woof")
    with pytest.raises(InputError, match=r"None of the 7 files is an image .* 6 can't be taken; the first one, cats/cats.0.jpg: A link\."):
        intake.add_folder(source)
    assert list((home / "data").iterdir()) == []


def test_a_folder_that_can_not_be_read_is_named(tmp_path, home):
    source = photographs(tmp_path / "pets", {"cats": 3, "dogs": 3})
    with deep(source / "more") as unreadable:
        added = intake.add_folder(source)
    assert added.images == 6
    assert [(each.name, each.reason) for each in added.left_out] == [(unreadable, "It can't be read (File name too long).")]


def test_a_file_that_goes_while_its_folder_is_copied_is_left_out(tmp_path, home):
    source = photographs(tmp_path / "pets", {"cats": 3, "dogs": 3})
    added = intake.add_folder(source, report=lambda done, total: (source / "dogs/dogs.1.jpg").unlink(missing_ok=True))
    assert [(each.name, each.reason) for each in added.left_out] == [("dogs/dogs.1.jpg", "It can't be read (No such file or directory).")]
    assert added.images == len(list(added.folder.rglob("*.jpg"))) == 5


@contextmanager
def deep(folder):
    """Folders in folders, until the path is one that no system reads, whoever asks; the first such one relative to the parent's."""
    before = Path.cwd()
    folder.mkdir()
    try:
        os.chdir(folder)
        while len(str(folder)) < 4096:
            os.mkdir("x" * 200)
            os.chdir("x" * 200)
            folder /= "x" * 200
        yield "/".join(["more", *["x" * 200] * folder.parts.count("x" * 200)])
    finally:
        os.chdir(before)


def test_a_folder_of_archives_says_so(tmp_path, home):
    for name in ("cats.zip", "dogs.zip"):
        (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(InputError, match=r"None of the 2 files is an image .* the first one, cats.zip: An archive\. Unpack it first"):
        intake.add_folder(tmp_path)


def test_a_folder_without_images_is_refused(tmp_path, home):
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(InputError, match="None of the 1 files is an image"):
        intake.add_folder(tmp_path)
    with pytest.raises(InputError, match="There is no folder or ZIP file .*missing on this machine"):
        intake.add_folder(tmp_path / "missing")


def test_pictures_are_added_one_by_one(home):
    folder = intake.create("Camera")
    paths = [intake.extend(folder, label, jpeg(number)) for number, label in enumerate(("cats", "dogs") * 3)]
    assert len(set(paths)) == 6 and dataset.check(folder).counts == {"cats": 3, "dogs": 3}
