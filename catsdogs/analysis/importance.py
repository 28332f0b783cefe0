"""How much each setting of a sweep matters for the validation accuracy. Held-out photographs have no say.

The share of the variance between the runs that a setting explains by itself: eta squared of a one-way analysis of variance (Fisher,
Statistical Methods for Research Workers, 1925). What two settings only do together is in no share, nor is what the seed does. With few
runs, chance alone explains a part, so that a small share says nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from catsdogs.analysis import learned, summaries
from catsdogs.runs import Run
from catsdogs.settings import config as configs


@dataclass(frozen=True)
class Importance:
    """`share`, 0 to 1, of the variance that the `setting` explains; `means`: the mean validation accuracy with each of its values."""

    setting: str
    share: float
    means: dict


def rank(runs: Sequence[Run]) -> list[Importance]:
    """The settings in which these runs differ, the most important first; of finished runs only, without such as can't be the best.

    Empty where all are equally good, and where not every combination has as many runs: then the shares of two settings overlap.
    """
    finished = [run for run in runs if run.state == "finished" and learned.is_fair(run)]
    accuracies = np.array([summaries.make(run)["val_accuracy"] for run in finished])
    if not finished or np.ptp(accuracies) == 0:
        return []
    names = [name for name in configs.differences([run.config for run in finished]) if name != "seed"]
    combinations = Counter(tuple(getattr(run.config, name) for name in names) for run in finished)
    possible = prod(len(set(values)) for values in zip(*combinations, strict=True))
    if len(combinations) < possible or len(set(combinations.values())) > 1:
        return []
    return sorted((_importance(name, finished, accuracies) for name in names), key=lambda found: -found.share)


def _importance(name: str, runs: Sequence[Run], accuracies: np.ndarray) -> Importance:
    groups = defaultdict(list)
    for run, accuracy in zip(runs, accuracies, strict=True):
        groups[getattr(run.config, name)].append(accuracy)
    between = sum(len(group) * (np.mean(group) - accuracies.mean()) ** 2 for group in groups.values())
    share = between / ((accuracies - accuracies.mean()) ** 2).sum()
    return Importance(name, float(share), {value: float(np.mean(group)) for value, group in groups.items()})
