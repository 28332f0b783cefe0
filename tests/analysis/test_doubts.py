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


@pytest.fixture
def labels():
    return np.arange(COUNT) % 2


def test_wrong_labels_are_found(features, labels):
    features[::3] = 0.6 * features[::3] + 0.4 * np.roll(features, 1, axis=0)[::3]  # every third one is less clear, as among photographs
    wrong = list(range(1, COUNT, 27))  # of both classes, and of the clear ones
    labels[wrong] = 1 - labels[wrong]
    found = doubts.find(features, labels, WEIGHTS)
    assert len(set(wrong) & set(found.doubtful)) >= len(wrong) - 2
    assert len(set(found.doubtful) - set(wrong)) <= 2
    assert list(found.probabilities) == sorted(found.probabilities) and max(found.probabilities) < 0.5


def test_right_labels_are_not_doubted(features, labels):
    assert not doubts.find(features, labels, WEIGHTS).doubtful


def test_the_order_of_the_rows_changes_little(features, labels):
    wrong = set(range(1, COUNT, 27))
    labels[list(wrong)] = 1 - labels[list(wrong)]
    order = np.argsort(labels, kind="stable")  # as folders of classes are listed
    found = {int(order[row]) for row in doubts.find(features[order], labels[order], WEIGHTS).doubtful}
    assert found <= wrong and len(found) >= len(wrong) // 3


def test_the_agreement_tells_whether_the_classes_can_be_told_apart(features, labels):
    assert doubts.find(features, labels, WEIGHTS).agreement > 0.98
    labels[:40] = 1 - labels[:40]
    assert doubts.find(features, labels, WEIGHTS).agreement == pytest.approx(0.9, abs=0.02)
    assert doubts.find(features, np.random.default_rng(1).permutation(labels), WEIGHTS).agreement < 0.65


def test_odd_ones_are_found_the_oddest_first(features, labels):
    features[[7, 8, 9]] = 0
    features[7, 12], features[8, 13:15], features[9, 14:] = 5, 5, 5
    features[9, 6:12] = 3  # in part like a dog
    assert list(doubts.find(features, labels, WEIGHTS).odd)[-1] == 9
    assert set(doubts.find(features, labels, WEIGHTS).odd) == {7, 8, 9}


def test_what_is_odd_depends_on_the_others_of_the_data_set(features):
    brighter = 3 * features + 1
    np.testing.assert_allclose(doubts.oddness(brighter, WEIGHTS), doubts.oddness(features, WEIGHTS), atol=1e-3)


def test_where_all_are_alike_none_is_odd(labels):
    assert not doubts.find(np.ones((COUNT, SIZE), np.float32), labels, WEIGHTS).odd


def test_few_photographs_say_nothing(features, labels):
    few = np.r_[np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[: doubts.FEWEST - 1]]
    changed = labels[few].copy()
    changed[:5] = 1 - changed[:5]
    assert doubts.find(features[few], labels[few], WEIGHTS) == doubts.Doubts()
    assert doubts.find(features[: 2 * doubts.FEWEST], labels[: 2 * doubts.FEWEST], WEIGHTS) == doubts.Doubts()
