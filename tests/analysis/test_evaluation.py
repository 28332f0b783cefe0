import json
import math

import numpy as np
import pytest

from catsdogs.analysis import classwise, evaluation
from catsdogs.runs import store
from catsdogs.settings.config import Config


def drawn(count):
    random = np.random.default_rng(5)
    labels = random.integers(0, 2, count)
    return labels, np.clip(random.normal(0.4 + 0.2 * labels, 0.2), 0, 1)


def test_a_score_computed_by_hand():
    score = evaluation.score(np.array([1, 0, 1, 0]), np.array([0.8, 0.4, 0.3, 0.5]))
    assert score.count == 4
    assert score.accuracy == 0.5 and score.by_class.confusion == ((1, 1), (1, 1))  # 0.5 is taken for class 1
    assert score.loss == pytest.approx(-(math.log(0.8) + math.log(0.6) + math.log(0.3) + math.log(0.5)) / 4)


@pytest.mark.parametrize(("correct", "count", "interval"), [(0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (15, 148, (0.0624, 0.1605))])
def test_the_interval_of_an_accuracy_is_wilsons(correct, count, interval):
    """Table I of R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), method 3, and its ends."""
    score = evaluation.score(np.ones(count), np.array([0.9] * correct + [0.1] * (count - correct)))
    assert (score.low, score.high) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize("counts", [(10, 10), (4, 30), (100, 60)])
def test_the_area_of_a_network_that_guesses_is_as_rarely_outside_as_said(counts):
    low, high = evaluation.auc_by_chance(*counts)
    labels, random = np.repeat([0, 1], counts), np.random.default_rng(0)
    found = np.array([evaluation.auc(labels, random.uniform(size=labels.size)) for _ in range(600)])
    assert 0.02 < np.mean((found < low) | (found > high)) < 0.08
    assert evaluation.auc_by_chance(1, 2) == (0, 1)


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
    assert made.training.by_class.confusion == ((1, 0), (0, 1)) and made.validation.by_class.confusion == ((0, 1), (0, 2))


def test_a_constant_model_has_an_auc_of_one_half():
    halves = (np.array([0, 0, 1, 1]), np.full(4, 0.5))
    assert evaluation.make(("cats", "dogs"), dict.fromkeys(("training", "validation", "test"), halves)).auc == 0.5


def test_an_evaluation_is_stored_with_its_run():
    run, made = store.create(Config()), made_by_hand()
    assert evaluation.load(run) is None
    evaluation.save(run, made)
    assert evaluation.load(run) == made


def test_always_dog_is_no_better_than_always_dog():
    made = of_dogs([0] * 4 + [1] * 300, [0.9] * 304)
    assert f"{made.test.accuracy:.1%}" == "98.7%"
    assert (made.test.by_class.balanced_accuracy, made.test.by_class.larger_share) == (0.5, 300 / 304)
    assert (made.test.by_class.recall, made.test.by_class.precision) == ((0, 1), (None, 300 / 304))
    assert made.caution == "no better than always answering dog (98.7%)"


@pytest.mark.parametrize(
    ("cats", "dogs", "right_cats", "right_dogs", "caution"),
    [
        (100, 100, 80, 90, ""),
        (100, 100, 50, 50, "no better than guessing (50.0%)"),
        (100, 100, 51, 52, "not shown to beat guessing (50.0%)"),
        (100, 100, 20, 30, "worse than guessing (50.0%)"),
        (100, 300, 90, 290, ""),
        (300, 100, 290, 90, ""),
        (300, 100, 300, 4, "not shown to beat always answering cat (75.0%)"),
        (300, 100, 200, 90, "no better than always answering cat (75.0%)"),
        (300, 100, 150, 90, "worse than always answering cat (75.0%)"),
    ],
)
def test_the_caution_says_how_it_stands_to_the_larger_class(cats, dogs, right_cats, right_dogs, caution):
    probabilities = [0.1] * right_cats + [0.9] * (cats - right_cats) + [0.9] * right_dogs + [0.1] * (dogs - right_dogs)
    assert of_dogs([0] * cats + [1] * dogs, probabilities).caution == caution


def test_recall_and_precision_are_scikit_learns():
    from sklearn import metrics

    labels, probabilities = drawn(60)
    by_class, answers = evaluation.score(labels, probabilities).by_class, probabilities >= 0.5
    assert by_class.recall == pytest.approx(metrics.recall_score(labels, answers, average=None))
    assert by_class.precision == pytest.approx(metrics.precision_score(labels, answers, average=None))
    assert by_class.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(labels, answers))
    assert by_class.counts == tuple(np.bincount(labels))


def test_images_of_one_class_alone_have_its_recall():
    by_class = classwise.read(((0, 0), (1, 3)))
    assert (by_class.recall, by_class.precision) == ((None, 0.75), (0, 1))
    assert (by_class.balanced_accuracy, by_class.larger_share, by_class.larger) == (0.75, 1, 1)


def test_an_evaluation_stored_before_has_what_its_matrix_says():
    run, made = store.create(Config()), of_dogs([0] * 4 + [1] * 300, [0.9] * 304)
    evaluation.save(run, made)
    path = run.folder / "evaluation.json"
    content = json.loads(path.read_text())
    content["confusion"] = content["test"]["by_class"]["confusion"]
    for subset in ("training", "validation", "test"):
        del content[subset]["by_class"]
    path.unlink()
    path.write_text(json.dumps(content))
    loaded = evaluation.load(run)
    assert loaded.test == made.test and loaded.caution == made.caution
    assert loaded.training.by_class is loaded.validation.by_class is None and loaded.training.accuracy == made.training.accuracy


def of_dogs(labels, probabilities):
    """The evaluation of a run with these in each subset."""
    return evaluation.make(("cats", "dogs"), dict.fromkeys(("training", "validation", "test"), (np.array(labels), np.array(probabilities))))


def made_by_hand():
    subsets = {
        "training": (np.array([0, 1]), np.array([0.1, 0.9])),
        "validation": (np.array([0, 1, 1]), np.array([0.6, 0.9, 0.9])),
        "test": (np.array([0, 1, 0, 1]), np.array([0.7, 0.9, 0.2, 0.8])),
    }
    return evaluation.make(("cats", "dogs"), subsets)
