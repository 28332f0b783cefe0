"""How far the probabilities of a model can be trusted, and what makes them trustworthy: of all answers given with 80% confidence, 80%
should be right.

A single number, the temperature, divides the log-odds of every answer: below 1, answers become surer, above 1 less sure. Which class is
the likelier one never changes, nor does the order of the answers. It is fitted on validation photographs, never on held-out ones.
`runs.temperature` keeps it; all that is stored of a run but this is without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catsdogs.runs.predictions import Prediction
from catsdogs.runs.temperature import Temperature

BINS = 15
FEWEST = 50  # validation photographs; a temperature fitted on fewer says more about them than about the network
LOWEST, HIGHEST = 0.1, 10.0  # of a temperature: beyond them, every answer is certain, or every one a guess
_TINY = 2**-23  # keeps log-odds finite; closer to 1, networks can hardly answer in 32 bits


@dataclass(frozen=True)
class Bin:
    """Images answered with a confidence from `low` to `high`: their mean confidence, the share that is right, their count."""

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Calibration:
    """`error` is the expected calibration error (ECE), 0 at best: by how much confidence and accuracy differ, on average over the images.

    Empty bins are left out.
    """

    bins: tuple[Bin, ...]
    error: float


def measure(labels: np.ndarray, probabilities: np.ndarray) -> Calibration:
    """By the confidence of the answer, 0.5 to 1, in BINS bins of equal width; both arguments of shape (n,).

    Source: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, On Calibration of Modern Neural Networks, arXiv 1706.04599, section 2, with
    their 15 bins; of two classes the likelier one has at least 0.5, where they begin. scikit-learn's `calibration_curve` gives no counts,
    which the error needs.
    """
    confidences = np.maximum(probabilities, 1 - probabilities)
    correct = (probabilities >= 0.5) == labels
    edges = np.linspace(0.5, 1, BINS + 1)
    places = np.clip(np.searchsorted(edges, confidences, side="right") - 1, 0, BINS - 1)
    bins = tuple(
        Bin(*map(float, edges[place : place + 2]), float(confidences[inside].mean()), float(correct[inside].mean()), int(inside.sum()))
        for place in range(BINS)
        if (inside := places == place).any()
    )
    return Calibration(bins, sum(bin.count * abs(bin.accuracy - bin.confidence) for bin in bins) / len(labels))


def by_chance(probabilities: np.ndarray) -> float:
    """About the error that `measure` gives probabilities of shape (n,) that are exactly right: the fewer they are, the larger.

    In each bin, as many answers are right as their confidences add up to, but for a normal deviation; the mean of its size is taken. The
    error of what is calibrated, found by resampling, is in J. Bröcker and L. A. Smith, Increasing the Reliability of Reliability Diagrams,
    Weather and Forecasting 22 (2007), 651-661.
    """
    confidences = np.maximum(probabilities, 1 - probabilities)
    variances, _ = np.histogram(confidences, np.linspace(0.5, 1, BINS + 1), weights=confidences * (1 - confidences))
    return float(np.sqrt(2 / np.pi * variances).sum() / len(probabilities))


def before_and_after(predictions: Sequence[Prediction], temperature: float) -> tuple[Calibration, Calibration]:
    """Of what is stored of a run, as it is and at that temperature."""
    labels, probabilities = (np.array([getattr(one, name) for one in predictions]) for name in ("label", "probability"))
    return measure(labels, probabilities), measure(labels, temper(probabilities, temperature))


def temper(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities at that temperature, float64 and of the same shape; exactly those given where it is 1."""
    given = np.asarray(probabilities, np.float64)
    return given if temperature == 1 else _shares(_log_odds(given) / temperature)


def average(probabilities: np.ndarray) -> np.ndarray:
    """Several answers to each image, shape (views, n), as one, (n,): at their mean log-odds.

    So averaging and tempering can be done in either order, and a temperature never changes the average's answer, which it could do with
    the mean of the probabilities.
    """
    return _shares(_log_odds(np.asarray(probabilities, np.float64)).mean(axis=0))


def second_of(averaged: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The second answers, (n,), of which `average` made `averaged` together with the `first`, both (n,)."""
    return _shares(2 * _log_odds(np.asarray(averaged, np.float64)) - _log_odds(np.asarray(first, np.float64)))


def fit(labels: np.ndarray, probabilities: np.ndarray) -> Temperature:
    """The temperature for the answers to validation photographs: `labels` 0 or 1, `probabilities` of class 1, both of shape (n,).

    It has the lowest cross-entropy from `LOWEST` to `HIGHEST`: section 4.2 of the source of `measure`. So that it stays above 0 where no
    answer is wrong, a label counts as a share of (n + 1) / (n + 2) of its class, which has n images, and the rest of the other one, which
    hardly matters where there are many: J. Platt, Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized
    Likelihood Methods, 1999, section 2.2. 1 where there are fewer than `FEWEST`.
    """
    before = measure(labels, probabilities).error
    if len(labels) < FEWEST:
        note = f"There are only {len(labels)} validation photographs, and it takes {FEWEST} to fit a temperature."
        return Temperature(1.0, len(labels), before, before, note)
    value = _minimise(labels, probabilities)
    after = measure(labels, temper(probabilities, value)).error
    return Temperature(value, len(labels), before, after, _note(labels, probabilities, value))


def _minimise(labels: np.ndarray, probabilities: np.ndarray) -> float:
    from scipy import optimize, special  # takes a while to import, which pages that only show what is stored do not wait for

    odds, ones = _log_odds(np.asarray(probabilities, np.float64)), np.sum(labels == 1)
    targets = np.where(labels == 1, (ones + 1) / (ones + 2), 1 / (len(labels) - ones + 2))

    def cross_entropy(logarithm: float) -> float:
        scaled = odds / np.exp(logarithm)
        return -np.mean(targets * special.log_expit(scaled) + (1 - targets) * special.log_expit(-scaled))

    found = optimize.minimize_scalar(cross_entropy, bounds=np.log([LOWEST, HIGHEST]), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def _note(labels: np.ndarray, probabilities: np.ndarray, value: float) -> str:
    """What keeps the temperature from being trusted, as sentences."""
    if value > 0.99 * HIGHEST:
        return f"It is the highest allowed, {HIGHEST:g}: the network is far more confident than its validation accuracy justifies."
    if np.all((probabilities >= 0.5) == labels):
        return "The network was right on every validation photograph, so they can't tell how often it errs."
    return f"It is the lowest allowed, {LOWEST:g}." if value < 1.01 * LOWEST else ""


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    clipped = np.clip(probabilities, _TINY, 1 - _TINY)
    return np.log(clipped) - np.log1p(-clipped)


def _shares(log_odds: np.ndarray) -> np.ndarray:
    """Probabilities of these log-odds; none overflows, as they are clipped and a temperature is not below `LOWEST`."""
    return 1 / (1 + np.exp(-log_odds))
