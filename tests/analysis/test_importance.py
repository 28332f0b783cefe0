"""Which setting of a sweep matters."""

import numpy as np
import pytest

from catsdogs.analysis import importance, summaries
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


def test_a_setting_without_an_effect_has_the_share_that_chance_is_said_to_give_it():
    """On average over all ways in which six accuracies can fall to three optimizers and two batch sizes."""
    combinations = [(optimizer, size) for optimizer in ("sgd", "adam", "rmsprop") for size in (16, 32)]
    runs = [made(60 + 5 * index, optimizer=optimizer, batch_size=size) for index, (optimizer, size) in enumerate(combinations)]
    shares: dict[str, list[float]] = {"optimizer": [], "batch_size": []}
    random, scores = np.random.default_rng(0), [summaries.make(run)["val_accuracy"] for run in runs]
    for _ in range(2000):
        shuffled = random.permutation(scores)
        for name, several in shares.items():
            several.append(importance._importance(name, runs, shuffled).share)
    found = importance.rank(runs)
    for each in found:
        assert np.mean(shares[each.setting]) == pytest.approx(each.by_chance, abs=0.02)
    assert "a share of about 20 to 40%." in importance.rest(found)
    assert "about 33%." in importance.rest(importance.rank(runs[:4]))


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
    runs = [made(right, optimizer=optimizer) for optimizer, right in (("sgd", 60), ("adam", 80))]
    assert importance.rank(runs)
    assert importance.rank([*runs, storing.had_seen(made(99, optimizer="muon"), validation=5)]) == importance.rank(runs)
    storing.had_seen(runs[1], validation=5)
    assert importance.rank(runs) == []
