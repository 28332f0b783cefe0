"""Numbers of repeated runs -> their mean with its interval, and how far two groups of them differ.

Seeds draw their training photographs from the same data set, so runs of several seeds are not independent, and a plain t-test over them
gives false alarms: in one of three cases at 20 seeds, where one of twenty is claimed. So the variance of a mean over n seeds is not 1/n
of the variance of one value, but 1/n plus the held-out photographs per training photograph (Nadeau and Bengio). Which runs may be compared
is up to `comparison`, how many seeds a question takes to `planning`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import asin, inf, pi, sin

import numpy as np

ALPHA = 0.05  # how often, at most, there is a false alarm among all comparisons that stand on one page
FEWEST = 3  # seeds for an interval: with two, Student's t is 12.7, and the interval says as good as nothing
ALIKE = 0.02  # a smaller difference is none: it is the 95% interval of one accuracy of 90% on 1,000 held-out photographs

PAIRED, WELCH, MCNEMAR = "paired corrected resampled t-test", "corrected resampled t-test", "McNemar's test"
_ROUNDING = 1e-9
_CORRECTED = "C. Nadeau and Y. Bengio, Inference for the Generalization Error, Machine Learning 52 (2003), 239-281"
SOURCES = {
    PAIRED: f"{_CORRECTED}: same seeds, so the same split, on both sides",
    WELCH: f"{_CORRECTED}, with the degrees of freedom of B. L. Welch, Biometrika 34 (1947), 28-35: different seeds on the two sides",
    MCNEMAR: "Q. McNemar, Psychometrika 12 (1947), 153-157, exact; its interval after A. Agresti and Y. Min, Statistics in "
    "Medicine 24 (2005), 729-740, widened after C. J. Clopper and E. S. Pearson, Biometrika 26 (1934), 404-413, where photographs are too "
    "few for it: one run on each side, on the same held-out photographs",
}
HOLM = "S. Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6 (1979), 65-70"

DIFFERENT, NO_DIFFERENCE, OPEN = "different", "no difference", "can't tell"


@dataclass(frozen=True)
class Sample:
    """One value for each held-out set, all drawn from the same data.

    `ratio` is held-out photographs per training photograph. `sampling` is the variance that a value has only because its held-out
    photographs were drawn: seeds that happen to agree are no surer than that. If all values are of the same held-out photographs
    (`is_fixed`: the folder dictates them), seeds do not show this variance, and no number of them lessens it.
    """

    values: tuple[float, ...]
    ratio: float
    sampling: float
    is_fixed: bool = False

    @property
    def mean(self) -> float:
        """Of the values."""
        return float(np.mean(self.values))

    @property
    def variance(self) -> float:
        """Among the seeds. Where each holds out photographs of its own, it is never below what these alone account for: the values of
        random splits, which share some, correlate by ratio / (1 + ratio), so seeds show `sampling` / (1 + ratio).
        """
        seen = float(np.var(self.values, ddof=1)) if len(self.values) > 1 else 0.0
        return seen if self.is_fixed else max(seen, self.sampling / (1 + self.ratio))

    def variance_of_mean(self, count: int) -> float:
        """If there were `count` values."""
        return (1 / count + self.ratio) * self.variance + self.is_fixed * self.sampling


@dataclass(frozen=True)
class Spread:
    """Mean of one value per held-out set, of which there are `count`; `deviation` (of the sample) is None for a single value, the 95%
    interval of the mean for fewer than FEWEST.
    """

    mean: float
    deviation: float | None
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True)
class Estimate:
    """How much higher the second group's mean is, before other comparisons are taken into account.

    An interval reaches as many times `error` to both sides of `centre` as Student's t with that `freedom` says. `count` is that of what
    `test` counts: pairs, seeds of the smaller group, or images. Of `mcnemar`, `changed` has the images won and lost.
    """

    mean: float
    centre: float
    error: float
    freedom: float
    p: float
    test: str
    count: int
    changed: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Difference:
    """An `Estimate` as one of `comparisons`: `p` is corrected for them, and the interval, of confidence `level`, says what it says."""

    mean: float
    low: float
    high: float
    p: float
    test: str
    count: int
    level: float
    comparisons: int

    @property
    def outcome(self) -> str:
        """DIFFERENT, NO_DIFFERENCE larger than ALIKE, or OPEN.

        That two groups are alike is a claim that needs evidence, too: their interval has to lie within the bound. These are two
        one-sided tests (TOST; D. J. Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987), 657-680) at half their
        usual level, so that the interval that is shown and what is said of it never contradict each other.
        """
        if self.p < ALPHA:
            return DIFFERENT
        return NO_DIFFERENCE if self.low > -ALIKE and self.high < ALIKE else OPEN

    @property
    def turned(self) -> "Difference":
        """By how much the first group is more accurate."""
        return replace(self, mean=-self.mean, low=-self.high, high=-self.low)

    @property
    def half_width(self) -> float:
        """Half of the interval: what stands behind ±, if it `reaches_equally_far`."""
        return (self.high - self.low) / 2

    @property
    def reaches_equally_far(self) -> bool:
        """Whether the interval does, to both sides of the mean."""
        return abs(self.low + self.high - 2 * self.mean) < _ROUNDING


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value, without an interval."""
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None, None, None, len(values))


def of_accuracies(values: Sequence[float], ratio: float, photographs: float, is_fixed: bool = False) -> Sample:
    """Accuracies, each on so many photographs."""
    share = _inner(float(np.mean(values)), photographs)
    return Sample(tuple(values), ratio, share * (1 - share) / photographs, is_fixed)


def accuracy(sample: Sample, photographs: float) -> Spread:
    """The mean of `of_accuracies` with its interval, which stays within 0 and 1.

    It is symmetrical on the scale of arcsin(sqrt(accuracy)), which ends at 0 and 1 and on which a share is about as uncertain near its
    ends as in the middle; on that of the logit, a perfect score on a few hundred photographs would be as good as unknown.
    """
    found = spread(sample.values)
    if found.count < FEWEST:
        return found
    share = _inner(found.mean, photographs)
    error = sample.variance_of_mean(found.count) ** 0.5 / (2 * (share * (1 - share)) ** 0.5)
    half, angle = _quantile(1 - ALPHA / 2, found.count - 1) * error, asin(share**0.5)
    low, high = sin(max(0.0, angle - half)) ** 2, sin(min(pi / 2, angle + half)) ** 2
    return Spread(found.mean, found.deviation, min(low, found.mean), max(high, found.mean), found.count)


def paired(gains: Sample) -> Estimate:
    """By the corrected t-test on what each pair of runs with the same held-out photographs gained; at least FEWEST pairs."""
    count = len(gains.values)
    return _student(gains.mean, gains.variance_of_mean(count), count - 1, PAIRED, count)


def welch(before: Sample, after: Sample) -> Estimate:
    """By the corrected t-test of groups of different held-out photographs; at least FEWEST of them on each side.

    They are taken to be independent, which those from one data set are not; this makes the test careful.
    """
    counts = [len(sample.values) for sample in (before, after)]
    variances = [sample.variance_of_mean(count) for sample, count in zip((before, after), counts, strict=True)]
    freedom = sum(variances) ** 2 / sum(variance**2 / (count - 1) for variance, count in zip(variances, counts, strict=True))
    return _student(after.mean - before.mean, sum(variances), freedom, WELCH, min(counts))


def mcnemar(before: np.ndarray, after: np.ndarray) -> Estimate:
    """By McNemar's exact test: `before[i]` and `after[i]` say whether image i was classified correctly; both of shape (n,), bool.

    The interval is an approximation. Where it would be the less sure of the two, p is the approximation's; where the exact test would be,
    `judge` widens the interval. So whichever is more careful is what both say.
    """
    from scipy import special, stats  # takes most of a second to import, which pages do not wait for until they need it

    lost, won = int(np.sum(before & ~after)), int(np.sum(~before & after))
    p = float(stats.binomtest(won, won + lost).pvalue) if won + lost else 1.0
    centre, variance = _smoothed(won, lost, len(before))
    p = max(p, float(2 * special.ndtr(-abs(centre) / variance**0.5)))
    return Estimate(float(np.mean(after) - np.mean(before)), centre, variance**0.5, inf, p, MCNEMAR, len(before), (won, lost))


def sampling_of_gain(before: np.ndarray, after: np.ndarray) -> float:
    """The variance that the gain of one run over another has only because their held-out images were drawn; as in `mcnemar`."""
    return _smoothed(int(np.sum(~before & after)), int(np.sum(before & ~after)), len(before))[1]


def judge(estimates: Sequence[Estimate]) -> list[Difference]:
    """All comparisons that stand on one page, corrected for one another as HOLM does.

    Each interval is as wide as the step at which its comparison was decided asks, so that it leaves out 0 exactly where the corrected p
    is below ALPHA. Each holds the true difference in 95% of all cases or more; all of them together may do so in fewer.
    """
    count, p = len(estimates), np.array([one.p for one in estimates])
    order, steps = np.argsort(p, kind="stable"), np.arange(count, 0, -1)
    corrected = np.minimum(np.maximum.accumulate(steps * p[order]), 1)
    steps = np.maximum(steps, count - np.searchsorted(corrected, ALPHA))  # all that follow the first that fails are decided with it
    ranks = np.argsort(order)
    return [_difference(one, float(corrected[rank]), ALPHA / int(steps[rank]), count) for one, rank in zip(estimates, ranks, strict=True)]


def _difference(estimate: Estimate, p: float, alpha: float, comparisons: int) -> Difference:
    """The interval ends at ±1, beyond which no difference of accuracies is: few seeds or photographs would reach further.

    Cut off there, it holds the true difference as often as before, and leaves out 0 where it did. Such overshoot is treated so in R. G.
    Newcombe, Improved Confidence Intervals for the Difference between Binomial Proportions Based on Paired Data, Statistics in Medicine 17
    (1998), 2635-2650.
    """
    half = _quantile(1 - alpha / 2, estimate.freedom) * estimate.error
    low, high = estimate.centre - half, estimate.centre + half
    if p >= ALPHA and not low <= 0 <= high:
        exact = _exact(*estimate.changed, estimate.count, alpha)
        low, high = min(low, exact[0]), max(high, exact[1])
    return Difference(estimate.mean, max(low, -1.0), min(high, 1.0), p, estimate.test, estimate.count, 1 - alpha, comparisons)


def _student(mean: float, variance: float, freedom: float, test: str, count: int) -> Estimate:
    from scipy import special

    p = float(2 * special.stdtr(freedom, -abs(mean) / variance**0.5))
    return Estimate(mean, mean, variance**0.5, freedom, p, test, count)


def _quantile(share: float, freedom: float) -> float:
    from scipy import special

    return float(special.stdtrit(freedom, share))


def _smoothed(won: int, lost: int, count: int) -> tuple[float, float]:
    """The mean gain and its variance after Agresti and Min: half an image more in each of the four cells, so that none is certain."""
    won, lost, total = won + 0.5, lost + 0.5, count + 2
    return (won - lost) / total, ((won + lost) - (won - lost) ** 2 / total) / total**2


def _exact(won: int, lost: int, count: int, alpha: float) -> tuple[float, float]:
    """The interval of the gain after Clopper and Pearson, given how many images changed: it leaves out 0 where the exact p < alpha."""
    from scipy import stats

    changed = won + lost
    ends = stats.binomtest(won, changed).proportion_ci(1 - alpha, method="exact")
    return (2 * ends.low - 1) * changed / count, (2 * ends.high - 1) * changed / count


def _inner(share: float, photographs: float) -> float:
    """The share with half a photograph more on either side: neither 0 nor 1, whose variance would be none."""
    return (share * photographs + 0.5) / (photographs + 1)
