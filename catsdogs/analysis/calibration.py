"""How far the probabilities of a model can be trusted: of all answers given with 80% confidence, 80% should be right."""

from dataclasses import dataclass

import numpy as np


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
    """`error` is the expected calibration error (ECE), 0 at best. Empty bins are left out."""

    bins: tuple[Bin, ...]
    error: float


def measure(labels: np.ndarray, probabilities: np.ndarray, count: int = 10) -> Calibration:
    """By the confidence of the answer, 0.5 to 1, in `count` bins of equal width; both arguments of shape (n,).

    Source: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, On Calibration of Modern Neural Networks, arXiv 1706.04599, section 2.
    scikit-learn's `calibration_curve` gives no counts, which the error needs.
    """
    confidences = np.maximum(probabilities, 1 - probabilities)
    correct = (probabilities >= 0.5) == labels
    edges = np.linspace(0.5, 1, count + 1)
    places = np.clip(np.searchsorted(edges, confidences, side="right") - 1, 0, count - 1)
    bins = tuple(
        Bin(*map(float, edges[place : place + 2]), float(confidences[inside].mean()), float(correct[inside].mean()), int(inside.sum()))
        for place in range(count)
        if (inside := places == place).any()
    )
    return Calibration(bins, sum(bin.count * abs(bin.accuracy - bin.confidence) for bin in bins) / len(labels))
