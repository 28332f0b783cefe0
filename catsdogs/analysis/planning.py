"""How many seeds it would take to see a difference of a given size: planning the runs that a question needs."""

from bisect import bisect_left
from collections.abc import Callable

from catsdogs.analysis import significance

POWER = 0.8  # how often so many seeds show a difference of that size
MOST = 100  # seeds; who needs more had better have more photographs
SIZES = (significance.ALIKE, significance.ALIKE / 2, significance.ALIKE / 4)
LARGE = (0.05, 0.1, 0.2)  # where SIZES are beyond what seeds can show
_ROUGH = 5  # seeds; fewer tell so little of how much they vary that what is planned by that is off by a factor of two and more


def seeds(variance_of_mean: Callable[[int], float], size: float, level: float = 1 - significance.ALPHA) -> int | None:
    """The fewest seeds on each side with which a difference of that size is seen in POWER of all cases, or None beyond MOST.

    `variance_of_mean` is that of the mean difference, by the number of seeds, as `Sample.variance_of_mean` gives it. There may be no such
    number: training sets overlap, so the variance does not fall to 0. Source: the noncentral t distribution, as in J. Cohen, Statistical
    Power Analysis for the Behavioral Sciences (1988), chapter 2; the other tail, of the wrong sign, is left out.
    """
    from scipy import special

    def is_enough(count: int) -> bool:
        limit = special.stdtrit(count - 1, (1 + level) / 2)
        return special.nctdtr(count - 1, size / variance_of_mean(count) ** 0.5, limit) <= 1 - POWER

    counts = range(significance.FEWEST, MOST + 1)
    place = bisect_left(counts, True, key=is_enough)
    return counts[place] if place < len(counts) else None


def sentence(variance_of_mean: Callable[[int], float], seen: int, level: float = 1 - significance.ALPHA, gain: float = 0.0) -> str:
    """What it would take beyond the `seen` seeds: of SIZES, the largest difference that these are too few for.

    Where no number of seeds shows that one, a larger one, up to the `gain` that was seen. A single seed, or none, shows only what is due to
    its photographs, so the number is the least that it may be.
    """
    for size in SIZES:
        count = seeds(variance_of_mean, size, level)
        if count is None or count > seen:
            break
    if count is not None:
        return f"{_would_take(count, seen)} to see a difference of {points(size)}."
    planned = {large: seeds(variance_of_mean, large, level) for large in LARGE if size == SIZES[0]}
    possible = [large for large, count in planned.items() if count and count > seen]
    if not possible:
        return f"Up to {MOST} seeds would not show a difference of {points(size)}; more photographs may."
    large = max((large for large in possible if large <= abs(gain)), default=possible[0])
    return f"{_would_take(planned[large], seen)} to see a difference of {points(large)}; one of {points(size)} takes more photographs."


def _would_take(count: int, seen: int) -> str:
    if 1 < seen < _ROUGH:
        return f"At a rough guess, it would take {count} seeds"
    return f"It would take {'about' if seen > 1 else 'at least'} {count} seeds"


def points(size: float) -> str:
    """A difference of accuracies as people write it: "2 points"."""
    return f"{100 * size:g} point{'' if size == 0.01 else 's'}"
