"""What is neither of two classes: learned from rows of features, kept with the run."""

import json

import numpy as np
import pytest

from catsdogs.analysis import neither
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.system.files import Damaged


def rows(centre, seed):
    return np.random.default_rng(seed).normal(centre, 1, (200, 8)).astype(np.float32)


@pytest.fixture
def learned():
    return neither.fit(rows(2, 0), rows(0, 1), rows(2, 2))


def test_at_most_one_in_twenty_of_the_validation_photographs_is_turned_away(learned):
    scores = neither.score(rows(2, 2), learned["weights"])
    assert np.mean(scores > learned["limit"]) == learned["turned_away"] == neither.TURNED_AWAY
    assert abs(scores - learned["limit"]).min() > 1e-4, "rounding decides about a photograph"


def test_a_second_look_at_the_nearest_tenth_turns_as_few_away(learned):
    excesses = neither.score(rows(2, 2), learned["weights"]) - learned["limit"]
    pixels = np.repeat(np.arange(200, dtype=np.uint8), 300).reshape(200, 10, 10, 3)  # each its own colour, by which it is known
    again, asked = neither.score(rows(2, 4), learned["weights"]) - learned["limit"], []

    def ask(views):
        asked.extend(views[:, 0, 0, 0].tolist())
        return again[views[:, 0, 0, 0]]

    found = neither.fit_second_look(excesses, pixels, ask)
    assert set(asked) == set(np.argsort(excesses)[-20:]) and excesses[asked].min() > found["second_look"]["from"]
    assert found["turned_away"] <= neither.TURNED_AWAY
    assert found["second_look"]["from"] <= found["second_look"]["limit"] < 0, "the mean of two looks is less extreme"


def test_what_has_none_of_the_features_is_found(learned):
    assert np.mean(neither.score(rows(0, 3), learned["weights"]) > learned["limit"]) > 0.95


def test_a_feature_that_never_changes_does_no_harm():
    features = [np.c_[rows(centre, seed), np.ones(200)] for centre, seed in ((2, 0), (0, 1), (2, 2))]
    assert np.isfinite(neither.fit(*features)["weights"]).all()


def test_it_is_kept_with_the_run_and_earlier_runs_have_none(learned):
    run = store.create(Config())
    assert neither.load(run) is None
    neither.save(run, learned)
    assert neither.load(run) == learned and run.neither_path in store.lasting_files(run)


GOOD = '{"weights": [1], "limit": 0, "turned_away": 0, "second_look": '


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"weights": [], "limit": 0, "turned_away": 0}', '{"weights": ["a"]}', GOOD + "{}}", GOOD + '{"from": 0, "limit": "x"}}'],
    ids=range(6),
)
def test_a_damaged_file_is_named(content):
    run = store.create(Config())
    run.neither_path.write_text(content)
    with pytest.raises(Damaged, match=r"neither\.json"):
        neither.load(run)


def test_a_file_that_is_far_too_large_is_not_read():
    run = store.create(Config())
    run.neither_path.write_text(json.dumps({"weights": [0.1] * 10, "limit": 0, "turned_away": 0, "more": "x" * 6_000_000}))
    with pytest.raises(Damaged, match="larger than 5 MB"):
        neither.load(run)
