import pytest

from catsdogs.analysis import comparison, repetitions, significance
from catsdogs.analysis.comparison import Comparison
from catsdogs.analysis.repetitions import Group
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests.storing import finished

SGD, ADAM = {"optimizer": "sgd"}, {"optimizer": "adam"}


def group(settings: dict, rights: list[float], seeds: list[int] | None = None, count: int = 1000, data: str = "/photos") -> Group:
    """Runs that are right on so many of 100 photographs."""
    configs = [Config(data=data, seed=seed, **settings) for seed in seeds or range(len(rights))]
    members = [finished(config, round(right * count / 100), count) for config, right in zip(configs, rights, strict=True)]
    return repetitions.group({"sgd": "SGD", "adam": "Adam"}[settings["optimizer"]], members)


def compare(before: Group, after: Group) -> Comparison:
    """As the only comparison."""
    return comparison.compare([(before, after)])[0]


def test_the_same_seeds_are_paired():
    found = compare(group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81]))
    assert (found.difference.test, found.difference.mean) == (significance.PAIRED, pytest.approx(0.11))
    assert found.sentence == "Adam beat SGD by 11.0 ± 5.1 points (3 seeds)." and found.left_out == ""
    turned = compare(group(ADAM, [80, 85, 81]), group(SGD, [70, 72, 71]))
    assert turned.sentence == "Adam beat SGD by 11.0 ± 5.1 points (3 seeds)."


@pytest.mark.parametrize("order", [1, -1])
def test_runs_that_can_not_be_paired_are_not_compared_by_chance(order):
    """Of seeds 0 and 0, only one used to be paired with seed 0, and the same runs the other way round were judged by another test."""
    sides = [group(SGD, [61, 61], seeds=[0, 0]), group(ADAM, [80, 80], seeds=[0, 1])]
    found = compare(*sides[::order])
    assert found.difference is None and found.outcome == significance.OPEN
    assert "SGD with seed 0 (2 runs)" in found.left_out and "Adam with seeds 0 and 1" in found.left_out
    assert "can't be told apart yet: that takes three seeds or more on each side" in found.sentence


def test_pairs_count_and_the_runs_that_are_left_out_are_named():
    found = compare(group(SGD, [70, 72, 71, 10, 10], seeds=[0, 1, 2, 3, 3]), group(ADAM, [80, 85, 81]))
    assert (found.difference.count, found.difference.mean) == (3, pytest.approx(0.11)) and "SGD with seed 3 (2 runs)" in found.left_out


def test_the_same_seeds_are_paired_where_a_folder_dictates_the_subsets():
    """Three seeds on each side used to be told that it takes three seeds or more on each side."""
    sides = group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81])
    for run in (*sides[0].runs, *sides[1].runs):
        store.write_environment(run, {**store.environment(run), "split": "the folder's"})
    found = compare(*sides)
    assert (found.difference.test, found.difference.count, found.left_out) == (significance.PAIRED, 3, "")
    assert found.difference.half_width > compare(group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81])).difference.half_width


def test_different_seeds_are_judged_as_groups():
    found = compare(group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81], seeds=[5, 6, 7]))
    assert (found.difference.test, found.difference.mean) == (significance.WELCH, pytest.approx(0.11)) and found.left_out


def test_one_run_on_each_side_is_judged_by_its_photographs():
    found = compare(group(SGD, [60], count=100), group(ADAM, [80], count=100))
    assert (found.difference.test, found.difference.mean, found.difference.count) == (significance.MCNEMAR, pytest.approx(0.2), 100)
    assert "; 100 photographs, 1 seed)" in found.sentence


def test_one_run_on_each_side_is_said_to_be_about_these_two():
    """It used to be said of the settings, although two runs that differ in their seed alone are told apart as well."""
    found = compare(group(SGD, [60], count=100), group(ADAM, [80], count=100))
    assert found.outcome == significance.DIFFERENT and found.needed.startswith("These are two networks, one of each: other seeds")
    assert compare(group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81])).needed == ""


def test_what_an_exact_test_can_not_tell_has_an_interval_that_says_so():
    """All four photographs that only one got right are in favour of Adam: this used to be +33.3 ± 27.5 points, with p = 0.125."""
    found = compare(group(SGD, [50], count=12), group(ADAM, [500 / 6], count=12))
    assert found.difference.p == pytest.approx(0.125) and found.difference.low < 0 < found.difference.high
    assert found.finding.startswith("Adam and SGD can't be told apart yet: +33.3 points (95% interval −6.8 to +5")
    turned = compare(group(ADAM, [80], count=100), group(SGD, [60], count=100))
    assert turned.finding.startswith("Adam beat SGD by 20.0 points (95% interval +") and "−" not in turned.finding


def test_one_run_whose_answers_are_lost_proves_nothing():
    before, after = group(SGD, [60]), group(ADAM, [80])
    (before.runs[0].folder / "predictions.csv").unlink()
    assert compare(before, after).difference is None


@pytest.mark.parametrize(("rights", "seeds"), [([80], [1]), ([80, 81], [0, 1])])
def test_one_run_against_others_proves_nothing(rights, seeds):
    found = compare(group(SGD, [70], count=5000), group(ADAM, rights, seeds, count=5000))
    assert found.difference is None and "at least" in found.sentence


@pytest.mark.parametrize("gain", [1, 8])
def test_two_seeds_are_too_few_even_where_both_gain_the_same(gain):
    found = compare(group(SGD, [80, 81], count=5000), group(ADAM, [80 + gain, 81 + gain], count=5000))
    assert found.difference is None and found.outcome == significance.OPEN
    assert f"two seeds (+{gain}.0 points) are too few for an interval. At a rough guess, it would take " in found.sentence
    assert found.sentence.endswith(" seeds to see a difference of 2 points.") and "± 0.0" not in found.sentence


def test_three_seeds_with_the_same_gain_are_no_surer_than_their_photographs():
    found = compare(group(SGD, [80, 81, 82]), group(ADAM, [81, 82, 83]))
    assert found.difference.mean == pytest.approx(0.01) and found.difference.half_width > 0.005 and found.difference.p > 0


def test_an_interval_that_ends_where_accuracies_do_is_written_with_its_ends():
    """It used to be written as +23.3 ± 104.3 points."""
    found = compare(group(SGD, [30, 70, 50], count=100), group(ADAM, [90, 60, 70], count=100))
    assert "+23.3 points (95% interval −80" in found.finding and "to +100.0; 3 seeds)" in found.finding and "±" not in found.finding


def test_groups_that_are_alike_are_said_to_be():
    found = compare(group(SGD, [80, 81, 82], count=10_000), group(ADAM, [80.1, 81.2, 81.9], count=10_000))
    assert found.outcome == significance.NO_DIFFERENCE
    assert found.sentence == "There is no difference larger than 2 points between Adam and SGD: +0.1 ± 0.5 points (3 seeds)."


def test_no_difference_at_all_has_no_sign():
    found = compare(group(SGD, [80, 81, 82]), group(ADAM, [80, 81, 82]))
    assert ": 0.0 ± " in found.finding and comparison.interval(found.difference).startswith("95% interval −")


def test_what_is_not_known_is_not_called_noise():
    found = compare(group(SGD, [70, 72, 71], count=5000), group(ADAM, [72, 71, 74], count=5000))
    assert found.outcome == significance.OPEN and "Adam and SGD can't be told apart yet: +1.3 ± " in found.sentence
    assert "noise" not in found.sentence and "it would take" in found.sentence and "to see a difference of" in found.sentence


def test_other_data_sets_are_not_compared():
    found = compare(group(SGD, [70, 71, 72], data="/here"), group(ADAM, [80, 81, 82], data="/there"))
    assert found.difference is None and "on photographs of the same data set only" in found.sentence


def test_two_pairs_on_two_data_sets_are_too_few_as_well():
    sides = ([group(settings, [right], data=data) for data in ("/here", "/there")] for settings, right in ((SGD, 70), (ADAM, 80)))
    found = compare(*(repetitions.group(side[0].name, [run for each in side for run in each.runs]) for side in sides))
    assert "two seeds (+10.0 points) are too few for an interval." in found.sentence and "it would take" in found.sentence


def test_runs_that_had_seen_what_they_hold_out_are_not_compared():
    before, after = group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81])
    for run in after.runs[:2]:
        origin = {"run": "before", "head": "kept", "seen": {"validation": 0, "test": 9}}
        store.write_environment(run, {**store.environment(run), "start_from": origin})
    found = compare(before, after)
    assert found.difference is None and found.needed == ""
    assert "can't be compared: 2 runs started from one that was trained on photographs which they hold out" in found.sentence


def test_several_comparisons_are_corrected_for_one_another():
    sgd, adam = group(SGD, [70, 72, 71]), group(ADAM, [78, 83.5, 79])
    alone, (together, _, _) = compare(sgd, adam).difference, [one.difference for one in comparison.compare([(sgd, adam)] * 3)]
    assert together.p == pytest.approx(3 * alone.p) and together.half_width > alone.half_width
    assert (alone.outcome, together.outcome) == (significance.DIFFERENT, significance.OPEN)


def test_a_comparison_without_a_difference_leaves_the_others_in_their_places():
    sgd, adam, single = group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81]), group(ADAM, [80], seeds=[9])
    assert [one.difference is None for one in comparison.compare([(sgd, single), (sgd, adam)])] == [True, False]


def test_each_test_and_the_correction_are_explained_once():
    sgd, adam, later = group(SGD, [70, 72, 71]), group(ADAM, [80, 85, 81]), group(ADAM, [80, 85, 81], seeds=[5, 6, 7])
    lines = comparison.explanations(comparison.compare([(sgd, adam), (sgd, adam), (sgd, later)]))
    order = [word for line in lines for word in ("Paired", "Welch", "Holm", "A pair") if word in line]
    assert order == ["Welch", "Paired", "Holm", "A pair"]
    assert "Holm" not in "".join(comparison.explanations([compare(sgd, adam)])) and comparison.explanations([]) == []


def test_a_group_without_an_interval_says_what_one_would_take():
    found = comparison.too_few(group(SGD, [80, 80.1], count=10_000))
    assert found.startswith("SGD: 2 seeds are too few for an interval. At a rough guess, it would take ")
    assert "SGD: one seed is too few" in comparison.too_few(group(SGD, [80, 80.1], seeds=[0, 0]))
