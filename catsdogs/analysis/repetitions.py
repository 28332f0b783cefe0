"""Runs repeated with several seeds, grouped. How groups compare is up to `comparison`, the statistics to `significance`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catsdogs.analysis import correctness, evaluation, pairing, significance, summaries
from catsdogs.analysis.significance import Sample, Spread
from catsdogs.data import split
from catsdogs.runs import Run, store


@dataclass(frozen=True)
class Group:
    """Evaluated runs that have something in common, `name`; `minutes` are those of the epochs, without an interval."""

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
    accuracies = (significance.accuracy(sample(evaluated, subset), _photographs(evaluated, subset)) for subset in split.SUBSETS)
    return Group(name, evaluated, *accuracies, significance.spread([summaries.make(run)["minutes"] for run in evaluated]))


def sample(runs: Sequence[Run], subset: str = "test") -> Sample:
    """The accuracies on a subset, one for each seed: runs that share theirs, and the split, are no repetitions, their mean counts.

    The correction for overlapping training sets, made for held-out photographs, is applied to the other subsets by the same rule,
    photographs per training photograph: 1 for training accuracy, whose photographs overlap the most.
    """
    seeds = list(pairing.grouped(runs, lambda run: (pairing.held_out(run), run.config.seed)).values())
    values = [float(np.mean([accuracy(run, subset) for run in members])) for members in seeds]
    is_fixed = are_fixed([members[0] for members in seeds], subset)
    return significance.of_accuracies(values, ratio(runs, subset), _photographs(runs, subset), is_fixed)


def ratio(runs: Sequence[Run], subset: str = "test") -> float:
    """Photographs of the subset per training photograph, as the runs' environments count them; where one does not, as its settings ask."""
    return float(np.mean([_ratio(run, subset) for run in runs]))


def are_fixed(runs: Sequence[Run], subset: str = "test") -> bool:
    """Whether several runs all have the same photographs in a subset, whatever their seeds, as a folder dictates them.

    Runs of earlier versions don't say. Of what they hold out, their predictions do; their other subsets are taken to be the same, whose
    intervals are the wider ones.
    """
    if len(runs) < 2:
        return False
    if len(set(map(pairing.held_out, runs))) == 1:
        return True
    subsets_of_each = [store.environment(run).get("subsets") for run in runs]
    known = {(pairing.data(run), subsets[subset]) for run, subsets in zip(runs, subsets_of_each, strict=True) if subsets}
    if None not in subsets_of_each or len(known) > 1:
        return len(known) == 1
    if subset != "test":
        return True
    held_out = list(map(correctness.load, runs))
    return None not in held_out and len({one.photographs for one in held_out}) == 1


def hold_out_apart(runs: Sequence[Run]) -> bool:
    """Whether no photograph that one of the runs holds out may be one by which another is chosen: of each data set they share a split.

    Other seeds draw other splits, so that what one of them holds out is in part what another one validates on.
    """
    return all(len(members) == 1 or are_fixed(members) for members in pairing.grouped(runs, pairing.data).values())


def accuracy(run: Run, subset: str = "test") -> float:
    """Of an evaluated run."""
    return getattr(evaluation.load(run), subset).accuracy


def _ratio(run: Run, subset: str) -> float:
    counted = store.environment(run).get("photographs")
    if counted:
        return counted[subset] / counted["training"]
    shares = {"validation": run.config.validation_split, "test": run.config.test_split}
    shares["training"] = 1 - sum(shares.values())
    return shares[subset] / shares["training"]


def _photographs(runs: Sequence[Run], subset: str) -> float:
    return float(np.mean([getattr(evaluation.load(run), subset).count for run in runs]))
