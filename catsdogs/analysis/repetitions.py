"""Runs repeated with several seeds: grouped, and compared with another group. `significance` does the statistics.

Which runs may be paired is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catsdogs.analysis import evaluation, significance, summaries
from catsdogs.analysis.significance import Difference, Spread
from catsdogs.data import split
from catsdogs.runs import Run, predictions, store


@dataclass(frozen=True)
class Group:
    """Evaluated runs that have something in common, `name`; `minutes` are those of the epochs."""

    name: str
    runs: tuple[Run, ...]
    training: Spread
    validation: Spread
    test: Spread
    minutes: Spread


def group(name: str, members: Sequence[Run]) -> Group | None:
    """Those of `members` that were evaluated, or None where none was."""
    evaluated = tuple(run for run in members if evaluation.load(run))
    if not evaluated:
        return None
    found = [evaluation.load(run) for run in evaluated]
    accuracies = (significance.spread([getattr(one, subset).accuracy for one in found]) for subset in split.SUBSETS)
    return Group(name, evaluated, *accuracies, significance.spread([summaries.make(run)["minutes"] for run in evaluated]))


def by_setting(members: Sequence[Run], name: str) -> dict[object, list[Run]]:
    """The runs by their value of a setting, in the order in which the values first occur."""
    found: dict[object, list[Run]] = {}
    for run in members:
        found.setdefault(getattr(run.config, name), []).append(run)
    return found


def difference(before: Group, after: Group) -> Difference | None:
    """How much more accurate `after` is on held-out images, by the test that the runs allow; None where they allow none.

    The same seeds on the same data hold out the same images, so these runs are paired.
    """
    pairs = _pairs(before.runs, after.runs)
    if len(pairs) == len(before.runs) == len(after.runs):
        if len(pairs) > 1:
            return significance.paired(*zip(*((_accuracy(one), _accuracy(other)) for one, other in pairs), strict=True))
        return _between_two(*pairs[0])
    if min(len(before.runs), len(after.runs)) > 1:
        return significance.welch([_accuracy(run) for run in before.runs], [_accuracy(run) for run in after.runs])
    return None


def sentence(before: str, after: str, found: Difference | None) -> str:
    """A difference in words: "Adam beat SGD by 12.1 ± 1.3 points (3 seeds)."."""
    if found is None:
        return f"{after} and {before} can't be compared yet: train each with two seeds or more."
    counted = f"{found.count:,} photographs, 1 seed" if found.test == significance.MCNEMAR else f"{found.count} seeds"
    points = f"{100 * abs(found.mean):.1f} ± {100 * found.half_width:.1f} points ({counted})"
    if not found.is_more_than_noise:
        return f"{after} and {before} can't be told apart from noise: {'+' if found.mean >= 0 else '−'}{points}."
    first, second = (after, before) if found.mean > 0 else (before, after)
    return f"{first} beat {second} by {points}."


def _pairs(before: Sequence[Run], after: Sequence[Run]) -> list[tuple[Run, Run]]:
    held_out_by = {held_out(run): run for run in after}
    return [(run, held_out_by[held_out(run)]) for run in before if held_out(run) in held_out_by]


def held_out(run: Run) -> tuple:
    """Equal for runs that hold out the same images."""
    config = run.config
    return config.seed, config.validation_split, config.test_split, store.environment(run).get("data_fingerprint", config.data)


def _accuracy(run: Run) -> float:
    return evaluation.load(run).test.accuracy


def _between_two(before: Run, after: Run) -> Difference:
    correct = []
    for run in (before, after):
        by_path = {prediction.path: prediction.answer == prediction.label for prediction in predictions.load(run)}
        correct.append(np.array([by_path[path] for path in sorted(by_path)]))
    return significance.mcnemar(*correct)
