import pytest

from catsdogs.analysis import repetitions, significance
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests.storing import finished

SGD, ADAM = {"optimizer": "sgd"}, {"optimizer": "adam"}


def group(settings: dict, rights: list[int], first_seed: int = 0) -> repetitions.Group:
    members = [finished(Config(data="/photos", seed=seed, **settings), right) for seed, right in enumerate(rights, start=first_seed)]
    return repetitions.group(settings["optimizer"], members)


def test_a_group_has_the_mean_and_the_spread_of_its_runs():
    found = group(ADAM, [80, 84, 82])
    assert found.test.mean == pytest.approx(0.82) and found.test.deviation == pytest.approx(0.02)
    assert found.minutes.mean == pytest.approx(1.0) and len(found.runs) == 3


def test_a_run_that_was_not_evaluated_is_not_in_its_group():
    evaluated, queued = finished(Config()), store.create(Config())
    assert repetitions.group("both", [queued, evaluated]).runs == (evaluated,)
    assert repetitions.group("none", [queued]) is None


def test_the_same_seeds_are_paired():
    found = repetitions.difference(group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81]))
    assert found.test == significance.PAIRED and found.mean == pytest.approx(0.11)


def test_different_seeds_are_judged_by_welch():
    found = repetitions.difference(group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81], first_seed=5))
    assert found.test == significance.WELCH and found.mean == pytest.approx(0.11)


def test_one_run_on_each_side_is_judged_by_its_photographs():
    found = repetitions.difference(group(SGD, [60]), group(ADAM, [80]))
    assert found.test == significance.MCNEMAR and found.mean == pytest.approx(0.2) and found.count == 100


@pytest.mark.parametrize(("rights", "first_seed"), [([80], 1), ([80, 81], 0)])
def test_one_run_against_others_that_hold_out_others_says_nothing(rights, first_seed):
    assert repetitions.difference(group(SGD, [70]), group(ADAM, rights, first_seed)) is None


def test_other_photographs_under_the_same_seed_are_not_paired():
    one = repetitions.group("here", [finished(Config(data="/here", seed=seed), 70 + seed) for seed in (0, 1)])
    other = repetitions.group("there", [finished(Config(data="/there", seed=seed), 80 + seed) for seed in (0, 1)])
    assert repetitions.difference(one, other).test == significance.WELCH


def test_what_a_difference_says():
    found = repetitions.difference(group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81]))
    assert repetitions.sentence("SGD", "Adam", found) == "Adam beat SGD by 11.0 ± 4.3 points (3 seeds)."
    turned = repetitions.difference(group(ADAM, [80, 85, 81]), group(SGD, [70, 72, 71]))
    assert repetitions.sentence("Adam", "SGD", turned) == "Adam beat SGD by 11.0 ± 4.3 points (3 seeds)."


def test_what_noise_says():
    found = repetitions.difference(group(SGD, [70, 72]), group(ADAM, [75, 71]))
    assert "can't be told apart from noise: +2.0 ±" in repetitions.sentence("SGD", "Adam", found)
    assert "train each with two seeds" in repetitions.sentence("SGD", "Adam", None)


def test_runs_are_grouped_by_any_setting():
    made = [finished(Config(target_size=size)) for size in (96, 64, 96)]
    assert repetitions.by_setting(made, "target_size") == {96: [made[0], made[2]], 64: [made[1]]}
