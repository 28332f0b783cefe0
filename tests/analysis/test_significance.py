from itertools import combinations_with_replacement

import numpy as np
import pytest
from scipy import stats
from sklearn.neural_network import MLPClassifier

from catsdogs.analysis import significance
from catsdogs.analysis.significance import DIFFERENT, NO_DIFFERENCE, OPEN, Estimate, Sample, Spread
from tests.analysis import splits

RATIO = 0.15 / 0.7
DATA_SETS = 4000


def judge(estimate: Estimate) -> significance.Difference:
    """As the only comparison."""
    return significance.judge([estimate])[0]


def paired(*gains: float, sampling: float = 1e-8, is_fixed: bool = False) -> significance.Difference:
    return judge(significance.paired(Sample(gains, RATIO, sampling, is_fixed)))


def accuracy(*values: float, photographs: int = 100) -> Spread:
    return significance.accuracy(significance.of_accuracies(values, RATIO, photographs), photographs)


@pytest.fixture(scope="module", params=[3, 10, 20])
def repeated(request):
    """Held-out accuracies of two networks that are equally good, over twice that many seeds, on each of many data sets."""
    return splits.accuracies(2 * request.param, DATA_SETS)


def halves(repeated) -> list[np.ndarray]:
    """Of each network the first and the second half of the seeds."""
    return [half for side in repeated for half in np.split(side, 2, axis=1)]


def test_equally_good_networks_are_told_apart_as_rarely_as_claimed(repeated):
    before, _, after, _ = halves(repeated)
    found = [significance.paired(Sample(gains, splits.RATIO, 1e-8)).p for gains in after - before]
    assert 0.01 < np.mean(np.array(found) < 0.05) <= 0.055


def test_a_plain_t_test_would_not_keep_what_it_claims(repeated):
    before, _, after, _ = halves(repeated)
    gains = after - before + np.random.default_rng(0).normal(0, 1e-6, before.shape)  # no two are equal, which SciPy warns of
    assert np.mean(stats.ttest_1samp(gains, 0, axis=1).pvalue < 0.05) > 0.055, "the simulation would not find the fault"


def test_with_different_seeds_too_they_are_told_apart_as_rarely_as_claimed(repeated):
    before, _, _, after = halves(repeated)
    sides = ([significance.of_accuracies(row, splits.RATIO, splits.HELD_OUT) for row in side] for side in (before, after))
    found = [significance.welch(*pair).p for pair in zip(*sides, strict=True)]
    assert np.mean(np.array(found) < 0.05) <= 0.055


def test_an_interval_misses_the_true_accuracy_as_rarely_as_claimed(repeated):
    values, truth = halves(repeated)[0], repeated[0].mean()
    samples = (significance.of_accuracies(row, splits.RATIO, splits.HELD_OUT) for row in values)
    found = [significance.accuracy(sample, splits.HELD_OUT) for sample in samples]
    assert np.mean([not spread.low <= truth <= spread.high for spread in found]) <= 0.055


def test_the_variance_of_a_mean_is_nadeau_and_bengios():
    found = paired(0.10, 0.13, 0.10)  # by hand: mean 0.11, deviation 0.0173205, t(0.975, 2) = 4.3027
    assert found.mean == pytest.approx(0.11)
    assert found.half_width == pytest.approx(4.3027 * 0.0173205 * (1 / 3 + RATIO) ** 0.5, rel=1e-4)
    assert (found.outcome, found.test, found.count) == (DIFFERENT, significance.PAIRED, 3)
    assert paired(-0.10, -0.13, -0.10) == found.turned, "a loss is told as surely"


def test_a_gain_that_swings_with_the_seed_tells_nothing():
    assert paired(0.20, -0.02, 0.15).outcome == OPEN
    for sign in (1, -1):
        found = paired(sign * 0.0425, sign * 0.03, sign * 0.0175)  # ± 4 points: within the bound on the one side only
        assert found.outcome == found.turned.outcome == OPEN


def test_no_difference_is_said_only_where_the_interval_is_within_the_bound():
    assert paired(0.004, -0.004, 0.001).outcome == NO_DIFFERENCE
    assert paired(0.010, -0.010, 0.002).outcome == OPEN  # ± 3.2 points
    assert paired(0.010, 0.011, 0.010).outcome == DIFFERENT  # however small


def test_equal_gains_are_no_surer_than_their_photographs():
    found = paired(0.01, 0.01, 0.01, sampling=0.01**2)
    assert found.half_width == pytest.approx(4.3027 * 0.01 * ((1 / 3 + RATIO) / (1 + RATIO)) ** 0.5, rel=1e-4)
    assert found.p > 0.05 and found.outcome == OPEN


def test_seeds_do_not_lessen_what_is_due_to_photographs_that_are_always_the_same():
    few, many = (paired(*[0.01, 0.02] * count, sampling=0.01**2, is_fixed=True) for count in (2, 50))
    assert many.half_width < few.half_width and many.half_width > 1.96 * 0.01
    assert Sample((0.8, 0.8, 0.8), RATIO, 1e-4, is_fixed=True).variance_of_mean(3) == pytest.approx(1e-4), "seeds that agree add none"


def test_runs_that_all_end_alike_differ_by_nothing():
    found = paired(0.0, 0.0, 0.0, sampling=0.001**2)
    assert (found.mean, found.p, found.outcome) == (0, 1, NO_DIFFERENCE) and found.low < 0 < found.high


def test_groups_of_different_seeds_are_judged_with_the_freedom_of_welch():
    before, after = (0.70, 0.72, 0.71), (0.80, 0.85, 0.81, 0.79)
    found = significance.welch(Sample(before, 0.0, 0.0), Sample(after, 0.0, 0.0))  # nothing to correct: no overlap
    assert found.p == pytest.approx(stats.ttest_ind(after, before, equal_var=False).pvalue)
    corrected = judge(significance.welch(Sample(before, RATIO, 0.0), Sample(after, RATIO, 0.0)))
    assert corrected.p > found.p and (corrected.test, corrected.count) == (significance.WELCH, 3)


@pytest.mark.parametrize("values", [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.99, 0.6, 0.95), (0.02, 0.4, 0.01), (0.3, 0.7, 0.9, 0.1)])
def test_an_interval_of_an_accuracy_stays_within_what_can_be(values):
    found = accuracy(*values)
    assert 0 <= found.low <= found.mean <= found.high <= 1 and found.high - found.low > 0.02


def test_an_interval_that_would_reach_beyond_all_or_nothing_ends_there():
    assert accuracy(0.99, 0.6, 0.95).high == 1 and accuracy(0.01, 0.4, 0.05).low == 0


def test_amid_the_scale_an_interval_is_students_but_for_the_overlap():
    found = accuracy(0.50, 0.51, 0.49, photographs=10_000)
    half = 4.3027 * 0.01 * (1 / 3 + RATIO) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.5 - half, 0.5 + half), abs=2e-4)


def test_equal_accuracies_are_no_surer_than_their_photographs():
    found = accuracy(0.5, 0.5, 0.5, photographs=10_000)
    half = 4.3027 * 0.005 * ((1 / 3 + RATIO) / (1 + RATIO)) ** 0.5
    assert found.deviation == 0 and (found.low, found.high) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-4)


@pytest.mark.parametrize(("values", "deviation"), [((0.7,), None), ((0.6, 0.7), pytest.approx(0.0707, abs=1e-4))])
def test_fewer_than_three_have_no_interval(values, deviation):
    assert accuracy(*values) == Spread(pytest.approx(np.mean(values)), deviation, None, None, len(values))


def test_two_runs_are_compared_by_the_images_only_one_got_right():
    before, after = np.ones(100, bool), np.ones(100, bool)
    before[:20], after[20:24] = False, False  # 20 won, 4 lost, 76 the same
    found = judge(significance.mcnemar(before, after))
    assert found.mean == pytest.approx(0.16) and found.count == 100
    assert found.p == pytest.approx(stats.binomtest(4, 24).pvalue)
    deviation = (25 - 16**2 / 102) ** 0.5 / 102
    assert found.low == pytest.approx((20 - 4) / 102 - 1.96 * deviation, abs=1e-5)
    assert significance.sampling_of_gain(before, after) == pytest.approx(deviation**2)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_two_networks_of_the_same_settings_are_told_apart_as_well():
    """So the test judges the two, not what their settings do: here nothing differs but the initial weights."""
    random, found = np.random.default_rng(0), []
    for _ in range(20):
        points, noise = random.normal(size=(2300, 20)), 0.5 * random.normal(size=2300)
        labels = np.sin(2 * points[:, 0]) + points[:, 1] * points[:, 2] + noise > 0
        networks = [MLPClassifier((12,), max_iter=60, random_state=seed).fit(points[:300], labels[:300]) for seed in (0, 1)]
        answers = [network.predict(points[300:]) == labels[300:] for network in networks]
        found.append(judge(significance.mcnemar(*answers)).outcome)
    assert 7 <= found.count(DIFFERENT) <= 13


@pytest.mark.parametrize("others", [[], [0.001] * 3, [0.9] * 40])
def test_the_interval_of_two_runs_says_what_their_exact_test_says(others):
    """Alone, and as the first or the last of several. The approximate interval used to leave out 0 where p was 0.125."""
    for lost, won in combinations_with_replacement(range(0, 30, 2), 2):
        for same in (0, 20, 1000):
            before = np.repeat([True, False, True], [lost, won, same])
            after = np.repeat([False, True, True], [lost, won, same])
            if len(before) > 1:
                found = significance.judge([significance.mcnemar(before, after), *with_p(*others)])[0]
                assert (found.p < 0.05) == (not found.low <= 0 <= found.high), (lost, won, same)
                assert found.p >= stats.binomtest(won, won + lost).pvalue if won + lost else found.p == 1


def test_an_interval_of_a_difference_stays_within_what_can_be():
    """That of three swinging seeds used to reach from −116 to +176 points, that of two photographs to +119."""
    for found in (paired(0.8, -0.1, 0.2), judge(significance.welch(Sample((0.1, 0.6, 0.2), 0.2, 0), Sample((0.9, 0.2, 0.6), 0.2, 0)))):
        assert -1 <= found.low < 0 < found.high == 1 and not found.reaches_equally_far
        assert found.turned.low == -1
    assert judge(significance.mcnemar(np.zeros(2, bool), np.ones(2, bool))).high == 1
    surely = paired(0.9, 0.7, 0.8, sampling=0.01)
    assert 0 < surely.low < surely.high == 1 and surely.outcome == DIFFERENT and paired(0.10, 0.13, 0.10).reaches_equally_far


def test_two_runs_with_the_same_answers_do_not_differ():
    answers = np.arange(100) % 3 == 0
    found = judge(significance.mcnemar(answers, answers))
    assert (found.mean, found.p) == (0, 1) and found.low < 0 < found.high


@pytest.mark.parametrize(("test", "year"), [(significance.PAIRED, "2003"), (significance.WELCH, "1947"), (significance.MCNEMAR, "1947")])
def test_every_test_has_a_source_with_its_year(test, year):
    assert year in significance.SOURCES[test]


def with_p(*several: float) -> list[Estimate]:
    """Estimates with these p-values, of one standard error each and many degrees of freedom."""
    means = [stats.norm.isf(p / 2) * 0.01 for p in several]
    return [Estimate(mean, mean, 0.01, np.inf, p, significance.PAIRED, 3) for mean, p in zip(means, several, strict=True)]


def test_several_comparisons_are_corrected_as_holm_does():
    found = significance.judge(with_p(0.01, 0.04, 0.03, 0.005))  # the example of many textbooks
    assert [one.p for one in found] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert [one.outcome == DIFFERENT for one in found] == [True, False, False, True]
    assert {one.comparisons for one in found} == {4}


def test_the_interval_says_what_the_corrected_p_says():
    several = np.random.default_rng(3).uniform(0, 0.08, (200, 5))
    for found in (significance.judge(with_p(*row)) for row in several):
        assert [one.p < 0.05 for one in found] == [not one.low <= 0 <= one.high for one in found]


def test_a_single_comparison_is_not_corrected():
    (found,) = significance.judge(with_p(0.04))
    assert (found.p, found.level) == pytest.approx((0.04, 0.95)) and significance.judge([]) == []


def test_equally_good_networks_in_five_comparisons_hardly_ever_differ():
    """Of five that differ by chance alone, at least one would in 23 of 100 cases."""
    several = np.random.default_rng(4).uniform(0, 1, (2000, 5))
    assert np.mean([any(one.outcome == DIFFERENT for one in significance.judge(with_p(*row))) for row in several]) <= 0.055
    assert np.mean((several < 0.05).any(axis=1)) > 0.2


def test_each_interval_of_several_holds_as_often_as_one():
    """All of them together do not, where all differ: nobody may claim so."""
    misses = []
    for means in np.random.default_rng(6).normal(0.3, 0.01, (2000, 5)):
        estimates = [Estimate(mean, mean, 0.01, np.inf, 0.0, significance.PAIRED, 3) for mean in means]
        misses.append([not one.low <= 0.3 <= one.high for one in significance.judge(estimates)])
    assert np.mean(misses, axis=0).max() <= 0.06 and np.any(misses, axis=1).mean() > 0.1


def test_no_difference_is_rarely_said_of_one_as_large_as_the_bound():
    random, seeds, overlap = np.random.default_rng(5), 10, RATIO / (1 + RATIO)
    for deviation in (0.005, 0.01, 0.02):
        common, own = random.normal(0, deviation, (2000, 1)), random.normal(0, deviation, (2000, seeds))
        gains = significance.ALIKE + overlap**0.5 * common + (1 - overlap) ** 0.5 * own
        assert np.mean([paired(*row).outcome == NO_DIFFERENCE for row in gains]) <= 0.055
