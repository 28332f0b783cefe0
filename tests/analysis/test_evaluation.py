import math

import numpy as np
import pytest

from catsdogs.analysis import evaluation
from catsdogs.runs import store
from catsdogs.settings.config import Config


def drawn(count):
    random = np.random.default_rng(5)
    labels = random.integers(0, 2, count)
    return labels, np.clip(random.normal(0.4 + 0.2 * labels, 0.2), 0, 1)


def test_a_score_computed_by_hand():
    score = evaluation.score(np.array([1, 0, 1, 0]), np.array([0.8, 0.4, 0.3, 0.5]))
    assert score.count == 4
    assert score.accuracy == 0.5  # 0.5 is taken for class 1
    assert score.loss == pytest.approx(-(math.log(0.8) + math.log(0.6) + math.log(0.3) + math.log(0.5)) / 4)


@pytest.mark.parametrize(("correct", "count", "interval"), [(0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (15, 148, (0.0624, 0.1605))])
def test_the_interval_of_an_accuracy_is_wilsons(correct, count, interval):
    """Table I of R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), method 3, and its ends."""
    score = evaluation.score(np.ones(count), np.array([0.9] * correct + [0.1] * (count - correct)))
    assert (score.low, score.high) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_confident_and_wrong_answer_costs_what_it_costs_in_keras(dtype):
    score = evaluation.score(np.array([1, 0]), np.array([0.0, 1.0], dtype))
    assert score.loss == pytest.approx(-math.log(1e-7), rel=1e-4)
    assert score.accuracy == 0


def test_single_precision_is_scored_alike():
    labels, probabilities = drawn(200)
    single, double = (evaluation.score(labels, probabilities.astype(dtype)) for dtype in (np.float32, np.float64))
    assert single.loss == pytest.approx(double.loss, rel=1e-5)


def test_the_roc_curve_has_a_point_for_every_threshold():
    labels, probabilities = drawn(60)
    thresholds = sorted(set(probabilities), reverse=True)
    false, true = evaluation.roc(labels, probabilities)
    assert false == pytest.approx([0, *(np.mean(probabilities[labels == 0] >= threshold) for threshold in thresholds)])
    assert true == pytest.approx([0, *(np.mean(probabilities[labels == 1] >= threshold) for threshold in thresholds)])


def test_each_subset_is_scored():
    made = made_by_hand()
    assert (made.training.accuracy, made.validation.accuracy, made.test.accuracy) == (1, 2 / 3, 0.75)
    assert (made.training.count, made.validation.count, made.test.count) == (2, 3, 4)
    assert made.confusion == ((1, 1), (0, 2)), "rows are the truth, columns the answers"
    assert made.auc == 1


def test_a_constant_model_has_an_auc_of_one_half():
    halves = (np.array([0, 0, 1, 1]), np.full(4, 0.5))
    assert evaluation.make(("cats", "dogs"), dict.fromkeys(("training", "validation", "test"), halves)).auc == 0.5


def test_an_evaluation_is_stored_with_its_run():
    run, made = store.create(Config()), made_by_hand()
    assert evaluation.load(run) is None
    evaluation.save(run, made)
    assert evaluation.load(run) == made


def made_by_hand():
    subsets = {
        "training": (np.array([0, 1]), np.array([0.1, 0.9])),
        "validation": (np.array([0, 1, 1]), np.array([0.6, 0.9, 0.9])),
        "test": (np.array([0, 1, 0, 1]), np.array([0.7, 0.9, 0.2, 0.8])),
    }
    return evaluation.make(("cats", "dogs"), subsets)
