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
    """Of a file: `bytes`; `ms` for an image, the median on one thread; and of the answers to the images that it was checked on the share
    that names the network's class, and the largest difference of a probability.

    `accuracy` is that of the file, None where the labels are not known; `refusal` says why it is not offered, "" where it is; `neither` is
    the share of which it says as the network does whether they look like neither, None where that can't tell.
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
    """By the answers to these images, (n, side, side, 3), of which the network says `expected`, (n, 1) or (n, 2) as `portable.network`.

    `answer` gives a row of it, and may give more than is expected.
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
