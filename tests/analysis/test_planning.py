import numpy as np
import pytest

from catsdogs.analysis import planning, significance
from catsdogs.analysis.significance import Sample

RATIO = 0.15 / 0.7


def gains(deviation: float, ratio: float = RATIO) -> Sample:
    """Two gains with that deviation."""
    return Sample((0.0, deviation * 2**0.5), ratio, 1e-8)


def test_so_many_seeds_show_a_difference_of_that_size_as_often_as_planned():
    size, deviation, random = 0.02, 0.012, np.random.default_rng(0)
    count, overlap = planning.seeds(gains(deviation).variance_of_mean, size), RATIO / (1 + RATIO)
    scale = deviation / (1 - overlap) ** 0.5  # of which the common part does not show among the seeds
    common, own = random.normal(0, scale, (3000, 1)), random.normal(0, scale, (3000, count))
    several = size + overlap**0.5 * common + (1 - overlap) ** 0.5 * own
    seen = np.mean([significance.paired(Sample(row, RATIO, 1e-8)).p < 0.05 for row in several])
    assert planning.POWER - 0.03 < seen < planning.POWER + 0.1


def test_without_overlap_it_is_the_number_of_the_textbooks():
    assert planning.seeds(gains(0.04, ratio=0.0).variance_of_mean, 0.02) == 34  # of a t-test with an effect of 0.5, as G*Power says


def test_a_smaller_difference_a_larger_spread_and_more_comparisons_take_more_seeds():
    usual = planning.seeds(gains(0.010).variance_of_mean, 0.02)
    assert usual < planning.seeds(gains(0.013).variance_of_mean, 0.02)
    assert usual < planning.seeds(gains(0.010).variance_of_mean, 0.015)
    assert usual < planning.seeds(gains(0.010).variance_of_mean, 0.02, level=0.99)


def test_where_training_sets_overlap_too_much_no_number_of_seeds_is_enough():
    assert planning.seeds(gains(0.03).variance_of_mean, 0.02) is None
    assert planning.sentence(gains(0.03).variance_of_mean, 2) == (
        "At a rough guess, it would take 13 seeds to see a difference of 5 points; one of 2 points takes more photographs."
    )
    assert "it would take 3 seeds to see a difference of 20 points;" in planning.sentence(gains(0.03).variance_of_mean, 2, gain=-0.24)
    assert planning.sentence(gains(0.3).variance_of_mean, 2) == (
        "Up to 100 seeds would not show a difference of 2 points; more photographs may."
    )


def test_what_few_seeds_lead_one_to_plan_is_a_guess():
    """It was called "about" as many. In four of ten cases, three seeds say half or double; ten rarely do."""
    random, off = np.random.default_rng(0), {}
    needed = planning.seeds(lambda count: (1 / count + RATIO) * 0.009**2, 0.02)
    for seen in (3, 10):
        several = [Sample(tuple(row), RATIO, 1e-8) for row in random.normal(0, 0.009, (400, seen))]
        planned = np.array([planning.seeds(sample.variance_of_mean, 0.02) or np.inf for sample in several])
        off[seen] = np.mean((planned <= needed / 2) | (planned >= needed * 2))
    assert off[3] > 0.35 and off[10] < 0.2


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (2, "At a rough guess, it would take 10 seeds to see a difference of 2 points."),
        (4, "At a rough guess, it would take 10 seeds to see a difference of 2 points."),
        (5, "It would take about 10 seeds to see a difference of 2 points."),
        (1, "It would take at least 10 seeds to see a difference of 2 points."),
        (10, "Up to 100 seeds would not show a difference of 1 point; more photographs may."),
    ],
)
def test_what_it_would_take_is_more_than_there_is(seen, sentence):
    assert planning.sentence(gains(0.011).variance_of_mean, seen) == sentence
