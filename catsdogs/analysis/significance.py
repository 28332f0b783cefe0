"""Numbers of repeated runs -> their mean with its interval, and whether two groups differ by more than noise.

All intervals are 95% confidence intervals; a difference is more than noise where p < 0.05.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PAIRED, WELCH, MCNEMAR = "paired t-test", "Welch's t-test", "McNemar's test"
SOURCES = {
    PAIRED: "Student, The Probable Error of a Mean, Biometrika 6 (1908), 1-25: same seeds, so the same split, on both sides",
    WELCH: "B. L. Welch, The Generalization of Student's Problem, Biometrika 34 (1947), 28-35: different seeds on the two sides",
    MCNEMAR: "Q. McNemar, Psychometrika 12 (1947), 153-157, exact; its interval after A. Agresti and Y. Min, Statistics in "
    "Medicine 24 (2005), 729-740: one run on each side, on the same held-out photographs",
}


@dataclass(frozen=True)
class Spread:
    """Mean of one value per seed; `deviation` (of the sample) and the interval of the mean are None for a single value."""

    mean: float
    deviation: float | None
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True)
class Difference:
    """How much higher the second group's mean is, with its interval. `count` is that of what `test` counts: seeds or images."""

    mean: float
    low: float
    high: float
    p: float
    test: str
    count: int

    @property
    def is_more_than_noise(self) -> bool:
        """Whether p < 0.05."""
        return self.p < 0.05

    @property
    def half_width(self) -> float:
        """Half of the interval: what stands behind ±."""
        return (self.high - self.low) / 2


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value, with Student's interval."""
    from scipy import stats  # takes most of a second to import, which pages do not wait for until they need it

    mean, count = float(np.mean(values)), len(values)
    if count == 1:
        return Spread(mean, None, None, None, 1)
    deviation = float(np.std(values, ddof=1))
    half = float(stats.t.ppf(0.975, count - 1)) * deviation / count**0.5
    return Spread(mean, deviation, mean - half, mean + half, count)


def paired(before: Sequence[float], after: Sequence[float]) -> Difference:
    """By a paired t-test: `before[i]` and `after[i]` have the same seed; at least two pairs."""
    from scipy import stats

    differences = np.subtract(after, before)
    if np.ptp(differences) == 0:  # no spread, so no t
        return _constant(float(differences[0]), PAIRED, len(before))
    result = stats.ttest_rel(after, before)
    low, high = result.confidence_interval()
    return Difference(float(differences.mean()), float(low), float(high), float(result.pvalue), PAIRED, len(before))


def welch(before: Sequence[float], after: Sequence[float]) -> Difference:
    """By Welch's t-test, which asks for neither equal counts nor equal spread; at least two values on each side."""
    from scipy import stats

    mean, count = float(np.mean(after) - np.mean(before)), min(len(before), len(after))
    if np.ptp(before) == 0 and np.ptp(after) == 0:
        return _constant(mean, WELCH, count)
    result = stats.ttest_ind(after, before, equal_var=False)
    low, high = result.confidence_interval()
    return Difference(mean, float(low), float(high), float(result.pvalue), WELCH, count)


def mcnemar(before: np.ndarray, after: np.ndarray) -> Difference:
    """By McNemar's exact test: `before[i]` and `after[i]` say whether image i was classified correctly; both of shape (n,), bool."""
    from scipy import stats

    count = len(before)
    lost, won = int(np.sum(before & ~after)), int(np.sum(~before & after))
    p = float(stats.binomtest(won, won + lost).pvalue) if won + lost else 1.0
    won, lost, total = won + 0.5, lost + 0.5, count + 2  # Agresti and Min: half an image more in each of the four cells
    centre, half = (won - lost) / total, 1.959964 * ((won + lost) - (won - lost) ** 2 / total) ** 0.5 / total
    return Difference(float(np.mean(after) - np.mean(before)), centre - half, centre + half, p, MCNEMAR, count)


def _constant(mean: float, test: str, count: int) -> Difference:
    return Difference(mean, mean, mean, float(mean == 0), test, count)
