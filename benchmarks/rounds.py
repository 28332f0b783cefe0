"""Rounds in turn, so that a machine that is busy for a while harms all that is compared alike; and their table."""

import statistics
import time
from collections.abc import Callable


def seconds(do: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def run(measures: dict[str, Callable[[], float]], count: int, is_warm: bool = False) -> dict[str, list[float]]:
    """What each gives in every round; a round before them, in which things are compiled and loaded, doesn't count unless `is_warm`."""
    found = {name: [] for name in measures}
    for turn in range(0 if is_warm else -1, count):
        for name, measure in measures.items():
            value = measure()
            if turn >= 0:
                found[name].append(value)
    return found


def show(found: dict[str, list[float]], unit: str, digits: int = 0, base: str | None = None) -> None:
    """A line each: the median, how many times that of `base` it is, and all of them."""
    width = max(map(len, found)) + 2
    print(f"{'':{width}}{unit:>12}{'factor' if base else '':>8}  all")
    for name, values in found.items():
        median = statistics.median(values)
        factor = f"{median / statistics.median(found[base]):.2f}" if base else ""
        print(f"{name:{width}}{median:12,.{digits}f}{factor:>8}  {' '.join(f'{value:,.{digits}f}' for value in values)}")
