"""How much each setting of a sweep matters for the validation accuracy. Held-out photographs have no say.

The share of the variance between the runs that a setting explains by itself: eta squared of a one-way analysis of variance (Fisher,
Statistical Methods for Research Workers, 1925). What two settings only do together is in no share, nor is what the seed does. With few
runs, chance alone explains much: `rest` says how much.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from catsdogs.analysis import learned, summaries
from catsdogs.runs import Run
from catsdogs.settings import differences


@dataclass(frozen=True)
class Importance:
    """`share`, 0 to 1, of the variance that the `setting` explains; `means`: the mean validation accuracy with each of its values.

    `by_chance` is the share that a setting with as many values among as many runs stays below in 19 of 20 cases if it has no effect.
    """

    setting: str
    share: float
    means: dict
    by_chance: float = 0.0


def rank(runs: Sequence[Run]) -> list[Importance]:
    """The settings in which these runs differ, the most important first; of finished runs only, without such as can't be the best.

    Empty where all are equally good; where not every combination has as many runs, as then the shares of two settings overlap; and where
    the only setting has another value in every run, as then it explains everything, whatever it does.
    """
    finished = [run for run in runs if run.state == "finished" and learned.is_fair(run)]
    accuracies = np.array([summaries.make(run)["val_accuracy"] for run in finished])
    if not finished or np.ptp(accuracies) == 0:
        return []
    names = differences.varied([run.config for run in finished])
    combinations = Counter(tuple(getattr(run.config, name) for name in names) for run in finished)
    possible = prod(len(set(values)) for values in zip(*combinations, strict=True))
    if len(combinations) < possible or len(set(combinations.values())) > 1 or (len(names) == 1 and len(finished) == possible):
        return []
    return sorted((_importance(name, finished, accuracies) for name in names), key=lambda found: -found.share)


def rest(found: Sequence[Importance]) -> str:
    """What is in no share, and how large a share chance alone makes: sentences below what `rank` gives, which is not empty."""
    by_chance = {len(each.means): f"{100 * each.by_chance:.0f}%" for each in sorted(found, key=lambda each: len(each.means))}
    written = [f"{share} with {count} values" for count, share in by_chance.items()] if len(by_chance) > 1 else [*by_chance.values()]
    of_chance = f"By chance alone, a setting that makes no difference gets up to {' or '.join(written)} in 19 of 20 sweeps."
    return f"The rest is due to settings acting together, the seed and chance. {of_chance}"


def _importance(name: str, runs: Sequence[Run], accuracies: np.ndarray) -> Importance:
    from scipy import special  # takes most of a second to import, which pages do not wait for until they need it

    groups = defaultdict(list)
    for run, accuracy in zip(runs, accuracies, strict=True):
        groups[getattr(run.config, name)].append(accuracy)
    between = sum(len(group) * (np.mean(group) - accuracies.mean()) ** 2 for group in groups.values())
    share = between / ((accuracies - accuracies.mean()) ** 2).sum()
    by_chance = float(special.betaincinv((len(groups) - 1) / 2, (len(runs) - len(groups)) / 2, 0.95))  # as for Fisher's F
    return Importance(name, float(share), {value: float(np.mean(group)) for value, group in groups.items()}, by_chance)
