"""Doubtful labels and odd ones out, planted among rows of features of two classes."""

import numpy as np
import pytest

from catsdogs.analysis import doubts

COUNT, SIZE = 400, 16
WEIGHTS = np.repeat([-1.0, 0.0], [12, 4])  # what cats and dogs have, as a network learns it


@pytest.fixture
def features():
    """Two classes in turn, each around a centre of its own, as activations are: none below zero."""
    centres = np.zeros((2, SIZE))
    centres[0, :6], centres[1, 6:12] = 5, 5
    rows = centres[np.arange(COUNT) % 2] + np.random.default_rng(0).normal(0, 1, (COUNT, SIZE))
    return np.maximum(rows, 0).astype(np.float32)


def score(features, again=None):
    """Of rows that look at the second time as at the first, but for those that are given."""
    seen = features.copy()
    for row, values in (again or {}).items():
        seen[row] = values
    return doubts.oddness(features, WEIGHTS, lambda rows: seen[rows])


def find(features, labels):
    return doubts.find(features, labels, score(features))


@pytest.fixture
def labels():
    return np.arange(COUNT) % 2


def test_wrong_labels_are_found(features, labels):
    features[::3] = 0.6 * features[::3] + 0.4 * np.roll(features, 1, axis=0)[::3]  # every third one is less clear, as among photographs
    wrong = list(range(1, COUNT, 27))  # of both classes, and of the clear ones
    labels[wrong] = 1 - labels[wrong]
    found = find(features, labels)
    assert len(set(wrong) & set(found.doubtful)) >= len(wrong) - 2
    assert len(set(found.doubtful) - set(wrong)) <= 2
    assert list(found.probabilities) == sorted(found.probabilities) and max(found.probabilities) < 0.5


def test_right_labels_are_not_doubted(features, labels):
    assert not find(features, labels).doubtful


def test_the_order_of_the_rows_changes_little(features, labels):
    wrong = set(range(1, COUNT, 27))
    labels[list(wrong)] = 1 - labels[list(wrong)]
    order = np.argsort(labels, kind="stable")  # as folders of classes are listed
    found = {int(order[row]) for row in find(features[order], labels[order]).doubtful}
    assert found <= wrong and len(found) >= len(wrong) // 3


def test_the_agreement_tells_whether_the_classes_can_be_told_apart(features, labels):
    assert find(features, labels).agreement > 0.98
    labels[:40] = 1 - labels[:40]
    assert find(features, labels).agreement == pytest.approx(0.9, abs=0.02)
    assert find(features, np.random.default_rng(1).permutation(labels)).agreement < 0.65


def test_odd_ones_are_found_the_oddest_first(features, labels):
    features[[7, 8, 9]] = 0
    features[7, 12], features[8, 13:15], features[9, 14:] = 5, 5, 5
    features[9, 6:12] = 3  # in part like a dog
    assert list(find(features, labels).odd)[-1] == 9
    assert set(find(features, labels).odd) == {7, 8, 9}


def test_those_that_are_nearly_odd_are_looked_at_again_and_the_mean_of_four_looks_counts(features):
    features[[7, 8]] = 0
    features[9, :12] *= 0.84  # nearly odd
    first = score(features)
    assert min(first[[7, 8]]) > doubts.ODD_FROM > first[9] > 2
    again = score(features, {7: 3 * features[5], 9: 0 * features[9], 11: 0 * features[11]})
    assert again[7] < doubts.ODD_FROM < min(again[8], again[9])
    assert again[9] == pytest.approx((first[9] + 3 * first[8]) / 4, abs=1e-5)  # nothing of a cat or a dog scores like row 8
    np.testing.assert_allclose(np.delete(again, [7, 9]), np.delete(first, [7, 9]), atol=1e-5)


def test_what_is_odd_depends_on_the_others_of_the_data_set(features):
    brighter = 3 * features + 1
    np.testing.assert_allclose(score(brighter), score(features), atol=1e-3)


def test_where_all_are_alike_none_is_odd(labels):
    assert not find(np.ones((COUNT, SIZE), np.float32), labels).odd


def test_few_photographs_say_nothing(features, labels):
    few = np.r_[np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[: doubts.FEWEST - 1]]
    changed = labels[few].copy()
    changed[:5] = 1 - changed[:5]
    assert find(features[few], labels[few]) == doubts.Doubts()
    assert find(features[: 2 * doubts.FEWEST], labels[: 2 * doubts.FEWEST]) == doubts.Doubts()
