"""Which run is the better one. It is only ever asked of runs that were measured on the same photographs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catsdogs.analysis import evaluation, learned, measurements, pairing, significance
from catsdogs.analysis.evaluation import Score
from catsdogs.analysis.significance import Difference, Estimate
from catsdogs.runs import Run, store


@dataclass(frozen=True)
class Default:
    """The run to classify with where nobody chose one. Where it is not the bundled one, `difference` says by how much it was better on
    the photographs of the folder `data`.
    """

    run: Run
    data: str = ""
    difference: Difference | None = None


def default() -> Default:
    """The bundled run, unless another one was better on the same real photographs, by more than chance, and worse on none.

    Both have to be measured on them (`measurements`); drawn ones do not count, nor do those of which always answering the larger class
    would get as many right, nor those that the run may have learned from.
    """
    shipped = store.load(store.SHIPPED)
    real = [one for one in measurements.load(shipped) if not one.is_drawn]
    candidates = [run for run in store.list_all() if run.state == "finished" and run.model_path.exists()] if real else []
    measured = [(run, one, measurements.find(run, one.fingerprint)) for run in candidates for one in real]
    measured = [(run, one) for run, one, found in measured if found and found.is_overlap_known and not found.caution]
    compared = [(run, one.data, compare(shipped, run, one.fingerprint)) for run, one in measured]
    compared = [entry for entry in compared if entry[2]]
    differences = significance.judge([estimate for *_, estimate in compared])  # corrected: of many runs, some are better by luck
    sure = [
        Default(run, data, difference)
        for (run, data, _), difference in zip(compared, differences, strict=True)
        if difference.outcome == significance.DIFFERENT
    ]
    worse = {one.run.id for one in sure if one.difference.mean < 0}
    better = [one for one in sure if one.run.id not in worse]
    return max(better, key=lambda one: one.difference.mean, default=Default(shipped))


def compare(before: Run, after: Run, fingerprint: str) -> Estimate | None:
    """How much more accurate `after` is on the photographs of that data set that both were measured on; None where there are none."""
    found = [measurements.find(run, fingerprint) for run in (before, after)]
    if None in found:
        return None
    correct = [{one.path: one.answer == one.label for one in measurement.photographs} for measurement in found]
    common = sorted(correct[0].keys() & correct[1].keys())
    return significance.mcnemar(*(np.array([each[path] for path in common]) for each in correct)) if common else None


def best_of_each_set(runs: Sequence[Run]) -> frozenset[str]:
    """The ids of the runs with the highest validation accuracy among those with the same split of the same photographs.

    A run that nothing can be compared with is none of them, nor is one that may be no better than always answering the larger class, nor
    one that started from a run that was trained on some of these photographs, or may have been.
    """
    judged = [run for run in runs if evaluation.load(run) and learned.seen(run, "validation") == 0]
    rivals = pairing.grouped(judged, pairing.held_out)
    best = [max(several, key=by_validation) for several in rivals.values() if len(several) > 1]
    return frozenset(run.id for run in best if _is_informed(evaluation.load(run).validation))


def by_validation(run: Run) -> tuple[float, float]:
    """What is highest for the best of several evaluated runs: validation accuracy; of equal ones, which few photographs make, the loss."""
    validation = evaluation.load(run).validation
    return validation.accuracy, -validation.loss


def _is_informed(score: Score) -> bool:
    """Whether it is surely above the accuracy of always answering the larger class."""
    return score.low > (score.by_class.larger_share if score.by_class else 0.5)
