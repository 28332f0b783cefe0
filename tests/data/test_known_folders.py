"""The folders that pages offer: in real files, several processes at once, damaged ones among them."""

import json
import multiprocessing
import os
import shutil

import pytest

from catsdogs.data import dataset, known_folders
from catsdogs.system import notices
from tests import breaking
from tests.images import photographs


def test_known_folders_are_listed_the_last_used_one_first(tmp_path):
    assert known_folders.load() == []
    folders = [photographs(tmp_path / name, {"cats": 1, "dogs": 1}) for name in "abc"]
    for folder in (*folders, folders[0]):
        dataset.check(folder)
    assert known_folders.load() == [folders[0], folders[2], folders[1]]
    shutil.rmtree(folders[2])
    assert known_folders.load() == [folders[0], folders[1]]


def test_a_folder_that_comes_back_is_known_again(tmp_path):
    folders = [photographs(tmp_path / name, {"cats": 1, "dogs": 1}) for name in "ab"]
    dataset.check(folders[0])
    folders[0].rename(tmp_path / "elsewhere")
    dataset.check(folders[1])
    assert known_folders.load() == [folders[1]]
    (tmp_path / "elsewhere").rename(folders[0])
    assert known_folders.load() == folders[::-1]


def test_of_the_folders_that_several_processes_check_at_once_none_is_lost(tmp_path):
    folders = [photographs(tmp_path / f"{number}", {"cats": 1, "dogs": 1}, size=(8, 8)) for number in range(40)]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(dataset.check, folders, chunksize=1)
    assert sorted(known_folders.load()) == sorted(folders)


@pytest.mark.parametrize("kind", breaking.ALL)
def test_a_damaged_list_of_folders_is_begun_anew(kind, tmp_path, home):
    folders = [photographs(tmp_path / name, {"cats": 1, "dogs": 1}) for name in "ab"]
    dataset.check(folders[0])
    breaking.ALL[kind](home / "folders.json")
    assert known_folders.load() == []
    dataset.check(folders[1])
    assert known_folders.load() == [folders[1]]
    assert os.path.lexists(home / "folders.json.unreadable-1") and len(notices.take()) == 1


@pytest.mark.parametrize("name", ["\0", "x" * 5000, "", "nowhere", "/dev/null"])
def test_a_list_of_folders_that_names_none_is_read(name, home):
    (home / "folders.json").write_text(json.dumps([name]))
    assert known_folders.load() == []
