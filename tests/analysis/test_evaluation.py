import json
import math

import numpy as np
import pytest

from catsdogs.analysis import evaluation

NEWCOMBE = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
PUBLISHED = {(0, 10): (0.0, 0.2775), (9, 10): (0.5958, 0.9821), (10, 10): (0.7225, 1.0), **NEWCOMBE}


@pytest.mark.parametrize(("observed", "interval"), PUBLISHED.items(), ids=str)
def test_the_wilson_interval_is_the_published_one(observed, interval):
    """Most are from table I of R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), method 3."""
    assert evaluation.wilson(*observed) == pytest.approx(interval, abs=5e-5)


def test_the_wilson_interval_mirrors_and_narrows():
    low, high = evaluation.wilson(3, 10)
    assert evaluation.wilson(7, 10) == pytest.approx((1 - high, 1 - low))
    more = evaluation.wilson(300, 1000)
    assert low < more[0] < 0.3 < more[1] < high


def test_a_score_computed_by_hand():
    score = evaluation.score(np.array([1, 0, 1, 0]), np.array([0.8, 0.4, 0.3, 0.5]))
    assert score.count == 4
    assert score.accuracy == 0.5  # 0.5 is taken for class 1
    assert score.loss == pytest.approx(-(math.log(0.8) + math.log(0.6) + math.log(0.3) + math.log(0.5)) / 4)
    assert (score.low, score.high) == evaluation.wilson(2, 4)


def test_a_sure_and_wrong_answer_costs_much_but_not_everything():
    score = evaluation.score(np.array([1, 0]), np.array([0.0, 1.0]))
    assert score.loss == pytest.approx(-math.log(1e-7))
    assert score.accuracy == 0


def test_probabilities_of_single_precision_are_scored_alike():
    labels, probabilities = drawn(200, ties=False)
    assert evaluation.score(labels, probabilities.astype(np.float32)).loss == pytest.approx(
        evaluation.score(labels, probabilities).loss, rel=1e-5
    )


def test_rows_of_the_confusion_are_the_truth_and_columns_the_answers():
    labels = np.array([0, 0, 0, 1, 1, 1, 1])
    probabilities = np.array([0.1, 0.2, 0.9, 0.5, 0.6, 0.7, 0.2])
    assert evaluation.confusion(labels, probabilities) == ((2, 1), (1, 3))
    assert evaluation.confusion(np.zeros(3), np.ones(3)) == ((0, 3), (0, 0))


@pytest.mark.parametrize("ties", [False, True])
def test_auc_is_the_share_of_pairs_in_the_right_order(ties):
    labels, probabilities = drawn(120, ties)
    dogs, cats = probabilities[labels == 1], probabilities[labels == 0]
    pairs = [1 if dog > cat else 0.5 if dog == cat else 0 for dog in dogs for cat in cats]
    assert evaluation.auc(labels, probabilities) == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize(("probabilities", "auc"), [([0.1, 0.2, 0.8, 0.9], 1), ([0.9, 0.8, 0.2, 0.1], 0), ([0.5] * 4, 0.5)])
def test_auc_of_a_perfect_a_reversed_and_a_constant_model(probabilities, auc):
    assert evaluation.auc(np.array([0, 0, 1, 1]), np.array(probabilities)) == auc


@pytest.mark.parametrize("ties", [False, True])
def test_every_point_of_the_roc_curve_is_the_rates_at_one_threshold(ties):
    labels, probabilities = drawn(60, ties)
    thresholds = sorted(set(probabilities), reverse=True)
    false = [np.mean(probabilities[labels == 0] >= threshold) for threshold in thresholds]
    true = [np.mean(probabilities[labels == 1] >= threshold) for threshold in thresholds]
    found = evaluation.roc(labels, probabilities)
    assert found[0] == pytest.approx([0, *false])
    assert found[1] == pytest.approx([0, *true])
    assert (found[0][-1], found[1][-1]) == (1, 1)


def test_an_evaluation_scores_each_part_by_its_own_and_the_rest_by_the_held_out_photographs():
    parts = {
        "training": (np.array([0, 1]), np.array([0.1, 0.9])),
        "validation": (np.array([0, 1, 1]), np.array([0.6, 0.9, 0.9])),
        "test": (np.array([0, 1, 0, 1]), np.array([0.7, 0.9, 0.2, 0.8])),
    }
    made = evaluation.make(("cats", "dogs"), parts)
    assert (made.training.accuracy, made.validation.accuracy, made.test.accuracy) == (1, 2 / 3, 0.75)
    assert (made.training.count, made.validation.count, made.test.count) == (2, 3, 4)
    assert made.confusion == ((1, 1), (0, 2))
    assert made.auc == 1
    assert evaluation.from_json(json.loads(json.dumps(evaluation.to_json(made)))) == made


def drawn(count, ties):
    random = np.random.default_rng(5)
    labels = random.integers(0, 2, count)
    probabilities = np.clip(random.normal(0.4 + 0.2 * labels, 0.2), 0, 1)
    return labels, probabilities.round(1) if ties else probabilities


def test_answers_that_are_right_as_often_as_they_are_sure_have_no_calibration_error():
    labels = np.array([1] * 41 + [0] * 9)
    found = evaluation.calibration(labels, np.full(50, 0.82))
    assert found.error == pytest.approx(0)
    assert [(bin.count, bin.accuracy, bin.confidence) for bin in found.bins] == [(50, 0.82, pytest.approx(0.82))]


def test_the_calibration_error_is_the_mean_distance_weighted_by_the_photographs():
    labels, probabilities = np.array([1, 1, 1, 0, 1]), np.array([0.9, 0.9, 0.9, 0.9, 0.4])
    found = evaluation.calibration(labels, probabilities)
    assert [bin.count for bin in found.bins] == [1, 4]  # the last one answers the first class with 0.6, and is wrong
    assert found.error == pytest.approx((1 * 0.6 + 4 * 0.15) / 5)


def test_an_answer_of_whole_certainty_is_in_the_last_bin():
    found = evaluation.calibration(np.array([1, 0]), np.array([1.0, 0.0]))
    assert [(bin.high, bin.count) for bin in found.bins] == [(1.0, 2)]
