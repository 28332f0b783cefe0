"""Checks an exported network: its size, its speed, and how close its answers are to the network's. Only close ones are offered."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NEAR = 1e-3  # the largest difference of a probability that 32 bits may make
AGREES = 0.95  # the least share of answers of the same class that 8 bits may give
_WARM = 3  # answers before the time counts


@dataclass(frozen=True)
class Worth:
    """What a file is worth: its size in `bytes`, the median `ms` per image on one thread, and how its answers compare with the network's.

    `agreement` is the share of images that get the same class, `neither` that of those on which both agree whether they look like neither
    (None where the network can't tell), and `difference` the largest one between two probabilities. `accuracy` is None where the labels are
    not known. `refusal` says why the file is not offered; "" where it is.
    """

    name: str
    bits: int
    bytes: int
    ms: float
    agreement: float
    difference: float
    accuracy: float | None = None
    refusal: str = ""
    neither: float | None = None


def measure(
    path: Path, bits: int, answer: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray, expected: np.ndarray, labels: np.ndarray | None
) -> Worth:
    """Measure a file of that many `bits` by its answers to these images, (n, side, side, 3).

    `expected` are those of `portable.network`, (n, 1) or (n, 2). `answer(image)` returns the file's, a row with as many numbers or more.
    """
    for image in pixels[:_WARM]:
        answer(image)
    found, seconds = [], []
    for image in pixels:
        start = time.perf_counter()
        found.append(answer(image))
        seconds.append(time.perf_counter() - start)
    answers = np.array(found)[:, : expected.shape[1]]
    agreement, *neither = (float(np.mean(same)) for same in (_decisions(answers) == _decisions(expected)).T)
    difference = float(np.max(np.abs(answers - expected)[:, 0]))
    accuracy = None if labels is None else float(np.mean((answers[:, 0] >= 0.5) == labels))
    refusal = _refusal(bits, difference, len(pixels), agreement, *neither)
    ms = 1000 * float(np.median(seconds))
    return Worth(path.name, bits, path.stat().st_size, ms, agreement, difference, accuracy, refusal, *neither)


def _decisions(answers: np.ndarray) -> np.ndarray:
    """Whether each is the second label, and whether it looks like neither."""
    return np.column_stack([answers[:, :1] >= 0.5, answers[:, 1:] > 0])


def _refusal(bits: int, difference: float, count: int, agreement: float, neither: float = 1.0) -> str:
    if bits == 32 and not difference <= NEAR:  # NaN, too
        return f"an answer differs by {difference:.4f} from the network's, where {NEAR:g} is allowed"
    if agreement < AGREES:
        return f"it gives the network's answer to only {round(agreement * count)} of {count} images; {AGREES:.0%} is required"
    if neither < AGREES:
        agreed = f"only {round(neither * count)} of {count} images"
        return f"it agrees with the network on whether an image looks like neither class for {agreed}; {AGREES:.0%} is required"
    return ""
