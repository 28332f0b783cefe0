import numpy as np
import pytest
from scipy import stats

from catsdogs.analysis import significance

BEFORE, AFTER = [0.70, 0.72, 0.71], [0.80, 0.85, 0.81]


def test_the_interval_of_a_mean_is_students():
    found = significance.spread(AFTER)
    low, high = stats.t.interval(0.95, 2, loc=np.mean(AFTER), scale=stats.sem(AFTER))
    assert (found.mean, found.low, found.high) == pytest.approx((np.mean(AFTER), low, high))
    assert found.deviation == pytest.approx(np.std(AFTER, ddof=1)) and found.count == 3


def test_one_value_has_no_interval():
    assert significance.spread([0.7]) == significance.Spread(0.7, None, None, None, 1)


def test_pairs_are_judged_by_what_each_gained():
    found = significance.paired(BEFORE, AFTER)
    gains = [0.10, 0.13, 0.10]  # by hand: mean 0.11, deviation 0.01732, t(0.975, 2) = 4.303
    assert found.mean == pytest.approx(np.mean(gains))
    assert found.half_width == pytest.approx(4.3027 * 0.0173205 / 3**0.5, rel=1e-4)
    assert found.is_more_than_noise and (found.test, found.count) == (significance.PAIRED, 3)


def test_the_same_gain_that_swings_with_the_seed_is_noise():
    assert not significance.paired([0.70, 0.72, 0.71], [0.90, 0.70, 0.86]).is_more_than_noise


def test_runs_that_all_end_alike_differ_by_nothing():
    for found in (significance.paired([0.5] * 3, [0.5] * 3), significance.welch([0.5] * 3, [0.5] * 2)):
        assert (found.mean, found.low, found.high, found.is_more_than_noise) == (0, 0, 0, False)


def test_a_gain_without_any_spread_is_more_than_noise():
    assert significance.paired([0.5, 0.5], [0.75, 0.75]).is_more_than_noise


def test_groups_of_different_counts_are_judged_by_welch():
    found = significance.welch(BEFORE, [*AFTER, 0.79])
    assert found.p == pytest.approx(stats.ttest_ind([*AFTER, 0.79], BEFORE, equal_var=False).pvalue)
    assert found.low < found.mean < found.high and found.test == significance.WELCH


def test_two_runs_are_compared_by_the_images_only_one_got_right():
    before, after = np.ones(100, bool), np.ones(100, bool)
    before[:20], after[20:24] = False, False  # 20 won, 4 lost, 76 the same
    found = significance.mcnemar(before, after)
    assert found.mean == pytest.approx(0.16) and found.count == 100
    assert found.p == pytest.approx(stats.binomtest(4, 24).pvalue)
    assert found.low == pytest.approx((20 - 4) / 102 - 1.96 * (25 - 16**2 / 102) ** 0.5 / 102, abs=1e-5)


def test_two_runs_with_the_same_answers_do_not_differ():
    answers = np.arange(100) % 3 == 0
    found = significance.mcnemar(answers, answers)
    assert (found.mean, found.p) == (0, 1) and found.low < 0 < found.high


@pytest.mark.parametrize("test", [significance.PAIRED, significance.WELCH, significance.MCNEMAR])
def test_every_test_has_a_source_with_its_year(test):
    assert any(year in significance.SOURCES[test] for year in ("1908", "1947"))


def test_no_true_difference_is_noise_19_times_in_20():
    generator = np.random.default_rng(0)
    found = [significance.paired(*generator.normal(0.8, 0.02, (2, 3))).is_more_than_noise for _ in range(1000)]
    assert 0.03 < np.mean(found) < 0.07
