"""Data sets are named, renamed and deleted."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from catsdogs.data import corrections, dataset
from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.sources import intake, library
from catsdogs.system import access, files, notices
from tests.images import photographs
from tests.sources.test_archive import good
from tests.storing import finished


@pytest.fixture
def folder(tmp_path, home):
    return intake.add_archive(good(tmp_path / "pets.zip")).folder


def test_a_name_changes_and_the_folder_stays(folder):
    library.rename(folder, "  Our cats and dogs ")
    assert library.name_of(folder) == "Our cats and dogs" and folder.is_dir()
    with pytest.raises(InputError, match="can't be the name of a data set"):
        library.rename(folder, "")
    assert library.name_of(folder) == "Our cats and dogs"


def test_a_folder_elsewhere_has_a_name_but_is_not_deleted(tmp_path, home):
    elsewhere = photographs(tmp_path / "pets", {"cats": 1, "dogs": 1})
    assert library.name_of(elsewhere) is None
    library.rename(elsewhere, "Pets")
    assert library.name_of(elsewhere) == "Pets" and not library.is_own(elsewhere)
    with pytest.raises(InputError, match="is not a data set of this application; delete it where it came from"):
        library.delete(elsewhere)
    assert elsewhere.is_dir()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b'{"name"', b'{"name": " "}', b'{"name": 7}'])
def test_a_damaged_name_is_set_aside_and_told(content, folder, home):
    (path,) = (home / "names").iterdir()
    path.write_bytes(content)
    assert library.name_of(folder) is None
    (told,) = notices.take()
    assert path.name in told and "set aside" in told and library.name_of(folder) is None and notices.take() == []
    library.rename(folder, "Pets")
    assert library.name_of(folder) == "Pets"


def test_deleting_frees_its_space_and_keeps_the_runs(folder, home):
    run = finished(Config(data=str(folder)))
    other = finished(Config(data=str(folder.parent / "pets-2")))
    assert [each.id for each in library.runs_on(folder)] == [run.id]
    assert files.space(folder) > sum(path.stat().st_size for path in folder.rglob("*.jpg")) / 2
    dataset.check(folder)
    assert len(list((home / "listings").glob("*.npz"))) == 1
    library.delete(folder)
    assert list((home / "data").iterdir()) == [] and list((home / "names").iterdir()) == []
    assert list((home / "listings").glob("*.npz")) == [], "20 MB of thumbnails, where there are 20,000 photographs"
    assert {each.id for each in store.list_all()} == {run.id, other.id}


def test_a_data_set_in_use_is_not_deleted(folder, nothing_starts):
    (run,) = jobs.create([Config(data=str(folder))])
    with pytest.raises(InputError, match=f"pets is in use by {run.id}. Stop that run first."):
        library.delete(folder)
    assert folder.is_dir()


def test_a_new_data_set_in_the_place_of_a_deleted_one_begins_without_corrections(folder, tmp_path):
    corrections.change(folder, folders={"dogs": "left out"}, images={"cats/0.jpg": corrections.LEFT_OUT, "cats/1.jpg": "dogs"})
    library.delete(folder)
    added = intake.add_archive(good(tmp_path / "pets.zip"))
    listing = dataset.check(added.folder)
    assert added.folder == folder and listing.corrections == corrections.Corrections()
    assert listing.counts == {"cats": 3, "dogs": 3} and not listing.set_aside


def test_deleting_what_another_tab_has_deleted_changes_nothing(folder, home):
    library.delete(folder)
    library.delete(folder)
    assert list((home / "data").iterdir()) == [] and list((home / "names").iterdir()) == []


def test_what_came_in_place_of_a_data_set_since_it_was_asked_whether_to_delete_it_is_kept(folder, tmp_path):
    asked = files.version(folder)
    library.delete(folder)
    assert intake.add_archive(tmp_path / "pets.zip").folder == folder
    with pytest.raises(InputError, match=f"{folder} has changed since you were asked. Look at it again before you delete it."):
        library.delete(folder, asked)
    assert folder.is_dir() and library.name_of(folder) == "pets"
    library.delete(folder, files.version(folder))
    library.delete(folder, asked)  # gone
    assert not folder.exists()


def test_what_another_tab_has_deleted_is_not_renamed_nor_what_comes_in_its_place(folder, tmp_path):
    library.delete(folder)
    with pytest.raises(InputError, match=f"There is no folder {folder} any more, so it can't be renamed"):
        library.rename(folder, "Wolves")
    photographs(folder, {"cats": 2, "dogs": 2})
    assert library.name_of(folder) is None


def test_of_a_data_set_whose_folder_was_removed_by_hand_nothing_stays(folder, home):
    corrections.change(folder, images={"cats/0.jpg": corrections.LEFT_OUT})
    shutil.rmtree(folder)
    library.delete(folder)
    assert list((home / "names").iterdir()) == [] and corrections.load(folder) == corrections.Corrections()


def test_a_deletion_that_was_cut_off_is_finished_before_the_next_data_set_is_made(folder, tmp_path, home):
    code = """
import os, shutil, signal, sys
from pathlib import Path
from catsdogs.sources import library
shutil.rmtree = lambda path, ignore_errors: os.kill(os.getpid(), signal.SIGKILL)
library.delete(Path(sys.argv[1]))
"""
    subprocess.run([sys.executable, "-c", code, folder])
    assert [path.name.startswith(".gone-") for path in (home / "data").iterdir()] == [True]
    intake.add_archive(good(tmp_path / "pets.zip"))
    assert list((home / "data").iterdir()) == [folder] and len(list(folder.rglob("*.jpg"))) == 6


def test_what_grows_is_known_to_whom_it_belongs(folder, home):
    mine, gone = (intake.create("Camera") for _ in range(2))
    intake.extend(mine, "cats", b"photo")
    library.rename(mine, "Pets")
    library.delete(gone)
    assert list(library.growing()) == [mine] and folder.is_dir()
    access.identify_by(lambda: access.Person("Ada"))
    try:
        assert list(library.growing()) == []
        hers = intake.create("Camera")
        assert list(library.growing()) == [hers]
    finally:
        access.identify_by(lambda: access.OWNER)


def test_what_the_camera_took_before_it_was_noted_that_it_grows_is_gone_on_with(home):
    made, other, added = (intake.create("Camera") for _ in range(3))
    for folder in (made, other, added):
        intake.extend(folder, "cats", b"photo")
        intake.extend(folder, "dogs", b"photo")
        (note,) = (path for path in (home / "names").glob("*.json") if json.loads(path.read_text())["folder"] == str(folder))
        noted = {key: value for key, value in json.loads(note.read_text()).items() if key != "grows"}
        note.write_text(json.dumps({key: value for key, value in noted.items() if key not in ("by", "bytes") or folder != made}))
    (other / "cats" / "IMG_1.jpg").write_bytes(b"photo")
    assert sorted(library.growing()) == [made, added]
    access.identify_by(lambda: access.Person("Ada"))
    try:
        assert list(library.growing()) == []
    finally:
        access.identify_by(lambda: access.OWNER)


def test_what_a_run_has_learned_from_stays_known_after_its_data_set_is_deleted(tmp_path, home):
    folder, other = (intake.add_folder(photographs(tmp_path / name, {"cats": 3, "dogs": 3})).folder for name in ("pets", "others"))
    learned, unused = dataset.check(folder), dataset.check(other)
    run = finished(Config(data=str(folder)))
    path = run.folder / "environment.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "data_fingerprint": learned.fingerprint}))
    for made in (folder, other):
        library.delete(made)
    assert dataset.find(learned.fingerprint) == learned and dataset.find(unused.fingerprint) is None
    for listing in (home / "listings").iterdir():
        os.utime(listing, (0, 0))
    library.sweep()
    assert dataset.find(learned.fingerprint) == learned
    run.folder.rename(tmp_path / "gone")
    library.sweep()
    assert dataset.find(learned.fingerprint) is None
