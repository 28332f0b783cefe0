import numpy as np
import pytest

from catsdogs.analysis import calibration


def test_answers_as_often_right_as_confident_have_no_error():
    labels = np.array([1] * 41 + [0] * 9)
    found = calibration.measure(labels, np.full(50, 0.82))
    assert found.error == pytest.approx(0)
    assert [(bin.count, bin.accuracy, bin.confidence) for bin in found.bins] == [(50, 0.82, pytest.approx(0.82))]


def test_the_error_is_the_mean_distance_weighted_by_the_images():
    labels, probabilities = np.array([1, 1, 1, 0, 1]), np.array([0.9, 0.9, 0.9, 0.9, 0.4])
    found = calibration.measure(labels, probabilities)
    assert [bin.count for bin in found.bins] == [1, 4]  # the last one answers the first class with 0.6, and is wrong
    assert found.error == pytest.approx((1 * 0.6 + 4 * 0.15) / 5)


def test_complete_certainty_is_in_the_last_bin():
    found = calibration.measure(np.array([1, 0]), np.array([1.0, 0.0]))
    assert [(bin.high, bin.count) for bin in found.bins] == [(1.0, 2)]
