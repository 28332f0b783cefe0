"""What a network found is kept, and only as long as it is worth anything."""

import os
from pathlib import Path

import pytest

from catsdogs.analysis import looks
from catsdogs.analysis.doubts import Doubts
from catsdogs.data import corrections, dataset
from catsdogs.settings.config import Config
from tests import storing
from tests.images import photographs

FOUND = Doubts((5, 1), (0.125, 0.25), (0,), 0.9)


@pytest.fixture
def listing(tmp_path):
    return dataset.check(photographs(tmp_path / "photos", {"cats": 3, "dogs": 3}))


@pytest.fixture
def run(listing):
    stored = storing.finished(Config(data=listing.folder))
    stored.model_path.write_text("a model")
    return stored


def test_a_look_is_kept_by_the_contents_of_the_photographs(listing, run):
    look = looks.save(listing, run, range(6), FOUND)
    assert looks.load(listing, run) == look
    digests = [photo.digest for photo in listing.photos]
    assert [(doubt.digest, doubt.label, doubt.probability) for doubt in look.doubtful] == [(digests[5], 1, 0.125), (digests[1], 0, 0.25)]
    assert (look.odd, look.looked_at) == ((digests[0],), frozenset(digests))
    corrected = corrections.change(Path(listing.folder), images={"cats/cats.0.jpg": corrections.LEFT_OUT})
    assert looks.load(dataset.amended(listing, corrected), run) == look, "whatever is left out since"


def test_a_look_at_some_of_the_photographs_has_its_rows_among_these(listing, run):
    look = looks.save(listing, run, (2, 4, 5), Doubts((1,), (0.25,)), is_of_labels=True)
    assert [doubt.digest for doubt in looks.load(listing, run).doubtful] == [listing.photos[4].digest]
    assert look.odd is None and len(look.looked_at) == 3


def test_a_look_by_another_model_or_at_other_classes_is_worth_nothing(listing, run, tmp_path):
    other = storing.finished(Config(data=listing.folder, seed=1))
    looks.save(listing, run, range(6), FOUND)
    assert looks.load(listing, other) is None
    os.rename(tmp_path / "photos" / "cats", tmp_path / "photos" / "Cat")
    assert looks.load(dataset.check(tmp_path / "photos"), run) is None
    run.model_path.write_text("a better model")
    assert looks.load(listing, run) is None


def test_a_damaged_look_is_none(listing, run, home):
    looks.save(listing, run, range(6), FOUND)
    (kept,) = (home / "looks").iterdir()
    for content in (kept.read_bytes()[:-20], b"", b'{"run": 7}'):
        kept.write_bytes(content)
        assert looks.load(listing, run) is None


def test_the_looks_at_a_data_set_are_deleted_and_no_others(listing, run, home, tmp_path):
    other = dataset.check(photographs(tmp_path / "others", {"cats": 1, "dogs": 1}))
    for each in (listing, other):
        looks.save(each, run, (0,), Doubts())
    looks.delete(Path(listing.folder))
    assert looks.load(listing, run) is None and looks.load(other, run)
    assert len(list((home / "looks").iterdir())) == 1
