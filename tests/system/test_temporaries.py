"""Temporary files of killed processes, beside which another file is written."""

import os

import pytest

from catsdogs.data import dataset
from catsdogs.system import files
from tests.images import photographs

LEFT = ".new-01ab23cd.json"


def leave(folder, *names: str, age: float = 100) -> None:
    """Files that were written so many seconds ago."""
    now = folder.stat().st_mtime
    for name in names:
        (folder / name).write_text("half of it")
        os.utime(folder / name, (now - age,) * 2)


def test_an_old_one_goes_when_its_like_is_written(tmp_path):
    leave(tmp_path, LEFT)
    files.replace_json(tmp_path / "settings.json", {})
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("name", [".new-01ab23cd.npy", ".new-settings.json", "new-01ab23cd.json", "other.json"])
def test_others_stay(tmp_path, name):
    leave(tmp_path, name)
    files.replace_json(tmp_path / "settings.json", {})
    assert (tmp_path / name).exists()


def test_those_with_a_suffix_stay_when_a_file_without_one_is_written(tmp_path):
    leave(tmp_path, LEFT, ".new-01ab23cd")
    files.replace(tmp_path / "stop", lambda path: path.write_text("pruned"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [LEFT, "stop"]


def test_one_that_may_be_in_use_stays(tmp_path):
    leave(tmp_path, LEFT, age=0)
    files.replace_json(tmp_path / "settings.json", {})
    assert (tmp_path / LEFT).exists()


def test_one_of_a_listing_goes_with_the_next_check(tmp_path, home):
    for folder in (home, home / "listings"):
        folder.mkdir(exist_ok=True)
        leave(folder, LEFT)
    dataset.check(photographs(tmp_path, {"cats": 2, "dogs": 2}))
    assert list(home.rglob(".new-*")) == []
