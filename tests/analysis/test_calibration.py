import numpy as np
import pytest

from catsdogs.analysis import calibration
from catsdogs.runs.predictions import Prediction


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


def answers(count: int = 10_000, sharpness: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities that mean what they say at sharpness 1; at others, their log-odds are multiplied by it."""
    random = np.random.default_rng(seed)
    odds = random.normal(0, 3, count)
    return (random.random(count) < 1 / (1 + np.exp(-odds))).astype(int), 1 / (1 + np.exp(-sharpness * odds))


@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_the_temperature_makes_answers_as_sure_as_they_are_right(sharpness):
    labels, probabilities = answers(sharpness=sharpness)
    fitted = calibration.fit(labels, probabilities)
    assert fitted.value == pytest.approx(sharpness, rel=0.1) and (fitted.photographs, fitted.note) == (10_000, "")
    others, theirs = answers(sharpness=sharpness, seed=1)
    assert calibration.measure(others, calibration.temper(theirs, fitted.value)).error < 0.02
    assert fitted.after < 0.02 and (fitted.before > 0.05) == (sharpness != 1)


@pytest.mark.parametrize("value", [0.1, 0.7, 10.0])
def test_a_temperature_changes_neither_an_answer_nor_the_order(value):
    given = np.array([0, 1e-30, 1e-6, 0.3, 0.5 - 2**-25, 0.5, 0.8, 1 - 2**-24, 1])
    tempered = calibration.temper(given, value)
    assert ((tempered >= 0.5) == (given >= 0.5)).all() and (np.diff(tempered) >= 0).all()
    assert ((tempered >= 0) & (tempered <= 1)).all() and np.isfinite(tempered).all()


def test_a_temperature_of_one_is_exactly_what_was_given():
    given = np.array([0, 1e-30, 0.3, 1.0])
    np.testing.assert_array_equal(calibration.temper(given, 1.0), given)


def test_a_network_without_a_mistake_is_not_taken_for_one_that_never_errs():
    labels = np.arange(100) % 2
    fitted = calibration.fit(labels, np.where(labels == 1, 0.9, 0.1))
    assert "right on every validation photograph" in fitted.note
    assert calibration.temper(np.array([0.9]), fitted.value)[0] == pytest.approx(51 / 52, abs=1e-3)
    certain = calibration.fit(labels, labels.astype(np.float32))
    assert calibration.temper(np.array([1.0]), certain.value)[0] == pytest.approx(51 / 52, abs=1e-3)


@pytest.mark.parametrize("right", [0.2, 0.5, 0.8])
def test_a_network_that_is_always_certain_gets_the_highest_temperature_and_that_is_said(right):
    """Of one that was right four times in five, it said that it was no better than guessing."""
    labels = np.arange(500) % 2
    fitted = calibration.fit(labels, np.where(np.arange(500) < 500 * right, labels, 1 - labels).astype(np.float32))
    assert fitted.value == pytest.approx(calibration.HIGHEST, rel=0.01)
    assert fitted.note == "It is the highest allowed, 10: the network is far more confident than its validation accuracy justifies."


def test_few_photographs_leave_the_probabilities_alone_and_that_is_said():
    labels, probabilities = answers(count=calibration.FEWEST - 1, sharpness=0.4)
    fitted = calibration.fit(labels, probabilities)
    assert fitted.value == 1 and "only 49 validation photographs" in fitted.note and fitted.before == fitted.after


def test_it_does_not_matter_whether_answers_are_averaged_or_tempered_first():
    views = np.random.default_rng(0).uniform(0.02, 0.98, (2, 50))
    averaged = calibration.average(views)
    first = calibration.average(calibration.temper(views, 0.4))
    np.testing.assert_allclose(first, calibration.temper(averaged, 0.4), atol=1e-6)
    assert calibration.average(np.array([[0.6], [0.9]]))[0] == pytest.approx(1 / (1 + (0.4 / 0.6 * 0.1 / 0.9) ** 0.5))
    np.testing.assert_allclose(calibration.second_of(averaged, views[0]), views[1], atol=1e-9)


def test_what_is_stored_is_measured_as_it_is_and_at_the_temperature():
    stored = [Prediction(f"{number}.jpg", int(number < 9), 0.75) for number in range(10)]
    before, after = calibration.before_and_after(stored, 0.5)
    assert before.error == pytest.approx(0.15) and after.error == pytest.approx(0)


@pytest.mark.parametrize("count", [12, 50, 300, 3000])
def test_what_chance_makes_of_the_error_is_what_exact_probabilities_have(count):
    """Of fifty photographs it is more than ten points, which used to look like a fault of the network."""
    random = np.random.default_rng(count)
    several = random.beta(0.8, 0.8, (400, count))
    errors = [calibration.measure(random.random(count) < probabilities, probabilities).error for probabilities in several]
    expected = [calibration.by_chance(probabilities) for probabilities in several]
    assert np.mean(expected) == pytest.approx(np.mean(errors), rel=0.1)
    assert count != 50 or np.mean(expected) > 0.1
