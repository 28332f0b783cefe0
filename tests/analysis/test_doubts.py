"""Doubtful labels and odd ones out, planted among rows of features of two classes."""

import numpy as np
import pytest

from catsdogs.analysis import doubts

COUNT, SIZE = 400, 16


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
    found = doubts.find(features, labels)
    assert len(set(wrong) & set(found.doubtful)) >= len(wrong) - 2
    assert len(set(found.doubtful) - set(wrong)) <= 2
    assert list(found.probabilities) == sorted(found.probabilities) and max(found.probabilities) < 0.5


def test_right_labels_are_not_doubted(features, labels):
    assert not doubts.find(features, labels).doubtful


def test_the_order_of_the_rows_changes_little(features, labels):
    wrong = set(range(1, COUNT, 27))
    labels[list(wrong)] = 1 - labels[list(wrong)]
    order = np.argsort(labels, kind="stable")  # as folders of classes are listed
    found = {int(order[row]) for row in doubts.find(features[order], labels[order]).doubtful}
    assert found <= wrong and len(found) >= len(wrong) // 3


def test_the_agreement_tells_whether_the_classes_can_be_told_apart(features, labels):
    assert doubts.find(features, labels).agreement > 0.98
    labels[:40] = 1 - labels[:40]
    assert doubts.find(features, labels).agreement == pytest.approx(0.9, abs=0.02)
    assert doubts.find(features, np.random.default_rng(1).permutation(labels)).agreement < 0.65


def test_odd_ones_are_found_the_oddest_first(features, labels):
    features[[7, 8, 9]] = 0
    features[7, 12], features[8, 13:15], features[9, 14:] = 5, 5, 5
    features[9, 6:12] = 3  # in part like a dog
    assert list(doubts.find(features, labels).odd)[-1] == 9
    assert set(doubts.find(features, labels).odd) == {7, 8, 9}


def test_only_the_direction_of_the_features_counts(features):
    lengths = np.linspace(0.1, 10, COUNT, dtype=np.float32)[:, None]
    np.testing.assert_allclose(doubts.oddness(features * lengths), doubts.oddness(features), atol=1e-3)


def test_where_all_are_alike_none_is_odd(labels):
    assert not doubts.find(np.ones((COUNT, SIZE), np.float32), labels).odd


def test_few_photographs_say_nothing(features, labels):
    few = np.r_[np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[: doubts.FEWEST - 1]]
    changed = labels[few].copy()
    changed[:5] = 1 - changed[:5]
    assert doubts.find(features[few], labels[few]) == doubts.Doubts()
    assert doubts.find(features[: 2 * doubts.FEWEST], labels[: 2 * doubts.FEWEST]) == doubts.Doubts()
