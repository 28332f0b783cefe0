"""Which setting of a sweep matters."""

import numpy as np
import pytest

from catsdogs.analysis import importance
from catsdogs.settings.config import Config
from tests import storing


def made(right: int, **settings):
    return storing.finished(Config(**settings), right=right)


def test_a_setting_that_decides_everything_explains_everything_and_one_without_effect_nothing():
    runs = [
        made(60 if optimizer == "sgd" else 90, optimizer=optimizer, batch_size=size) for optimizer in ("sgd", "adam") for size in (16, 32)
    ]
    first, second = importance.rank(runs)
    assert (first.setting, first.share) == ("optimizer", pytest.approx(1)) and (second.setting, second.share) == ("batch_size", 0)
    assert first.means == {"sgd": pytest.approx(0.6), "adam": pytest.approx(0.9)}


def test_what_the_seed_does_is_no_share_of_a_setting():
    rights = {("sgd", 0): 60, ("sgd", 1): 80, ("adam", 0): 70, ("adam", 1): 90}  # 100 of 500 are between the optimizers
    (only,) = importance.rank([made(right, optimizer=optimizer, seed=seed) for (optimizer, seed), right in rights.items()])
    assert only.setting == "optimizer" and only.share == pytest.approx(0.2)


def test_a_setting_without_an_effect_hardly_ever_has_more_than_chance_is_said_to_give_it():
    """What was said before was the mean, which two of five settings without an effect exceed."""
    combinations = [(optimizer, size) for optimizer in ("sgd", "adam", "rmsprop") for size in (16, 32)]
    runs = [made(60 + 5 * index, optimizer=optimizer, batch_size=size) for index, (optimizer, size) in enumerate(combinations)]
    random, found = np.random.default_rng(0), importance.rank(runs)
    for each in found:
        shares = [importance._importance(each.setting, runs, scores).share for scores in random.normal(0.8, 0.05, (2000, len(runs)))]
        assert np.mean(np.array(shares) > each.by_chance) == pytest.approx(0.05, abs=0.015)
    assert "makes no difference gets up to 66% with 2 values or 86% with 3 values in 19 of 20 sweeps." in importance.rest(found)
    assert "makes no difference gets up to 90% in 19 of 20 sweeps." in importance.rest(importance.rank(runs[:4]))


def test_nothing_is_said_of_a_setting_that_is_another_one_in_every_run():
    """It was said to explain 100%."""
    assert importance.rank([made(80, batch_size=16), made(81, batch_size=32)]) == []
    assert importance.rank([made(80 + seed, batch_size=size, seed=seed) for size in (16, 32) for seed in (0, 1)])


def test_nothing_is_said_of_runs_that_have_not_finished_or_are_equally_good():
    assert importance.rank([]) == []
    assert importance.rank([storing.trained(storing.epoch(1)), made(80, optimizer="sgd"), made(80)]) == []


def test_nothing_is_said_before_every_combination_has_as_many_runs():
    some = [made(90, optimizer="adam", batch_size=16), made(60, optimizer="sgd", batch_size=16), made(70, optimizer="adam", batch_size=32)]
    assert importance.rank(some) == []
    whole = [*some, made(60, optimizer="sgd", batch_size=32)]
    assert len(importance.rank(whole)) == 2
    assert importance.rank([*whole, made(60, optimizer="sgd", batch_size=32, seed=1)]) == []


def test_a_run_that_had_seen_what_it_is_judged_by_has_no_say():
    runs = [made(right + seed, optimizer=optimizer, seed=seed) for optimizer, right in (("sgd", 60), ("adam", 80)) for seed in (0, 1)]
    assert importance.rank(runs)
    assert importance.rank([*runs, storing.had_seen(made(99, optimizer="muon"), validation=5)]) == importance.rank(runs)
    storing.had_seen(runs[1], validation=5)
    assert importance.rank(runs) == []
