"""What was found in folders is kept while it is used, and while a run needs it."""

import json
import os
import shutil
import time

import pytest

from catsdogs.data import dataset, decoding, listings
from tests.images import photographs

DAYS = 24 * 3600


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "pets", {"cats": 3, "dogs": 3})


def kept(home, suffix=".json"):
    return {path for path in (home / "listings").iterdir() if path.suffix == suffix}


def grow_old(home, days):
    for path in (home / "listings").iterdir():
        os.utime(path, (time.time() - days * DAYS,) * 2)


def test_what_was_not_used_for_three_months_is_forgotten_and_found_again(folder, home):
    listing = dataset.check(folder)
    grow_old(home, 80)
    listings.sweep(set)
    assert len(kept(home)) == len(kept(home, ".npz")) == 1
    grow_old(home, 100)
    listings.sweep(set)
    assert kept(home) == kept(home, ".npz") == set()
    assert dataset.check(folder) == listing


def test_a_check_uses_it_and_a_run_needs_it(folder, tmp_path, home):
    listing = dataset.check(folder)
    other = dataset.check(photographs(tmp_path / "other", {"cats": 3, "dogs": 3}))
    gone = dataset.check(photographs(tmp_path / "gone", {"cats": 3, "dogs": 3}))
    shutil.rmtree(tmp_path / "gone")
    grow_old(home, 100)
    dataset.check(folder)
    listings.sweep(lambda: {gone.fingerprint})
    assert dataset.find(listing.fingerprint) == listing and dataset.find(gone.fingerprint) == gone
    assert dataset.find(other.fingerprint) is None and kept(home, ".npz") == {decoding.place(folder)}


def test_with_a_folder_goes_all_that_was_found_in_it_and_nothing_else(folder, tmp_path, home):
    near = dataset.check(photographs(tmp_path / "pets more", {"cats": 3, "dogs": 3}))
    first = dataset.check(folder)
    (folder / "cats" / "cats.0.jpg").unlink()
    second = dataset.check(folder)
    assert len(kept(home)) == 3
    listings.forget(folder, lambda: {second.fingerprint})
    assert dataset.find(first.fingerprint) is None and dataset.find(second.fingerprint) == second
    assert dataset.find(near.fingerprint) == near and kept(home, ".npz") == {decoding.place(tmp_path / "pets more")}


@pytest.mark.parametrize("content", ["", "[]", '{"folder": 1}', None])
def test_what_can_not_be_read_goes_as_well(content, folder, home):
    dataset.check(folder)
    (path,) = kept(home)
    path.unlink()
    path.write_text(content) if content is not None else path.mkdir()
    (home / "listings" / "other.json").write_text(json.dumps({"fingerprint": "a"}))
    grow_old(home, 100)
    listings.sweep(lambda: {"a"})
    assert {path.name for path in kept(home)} == {"other.json"}
