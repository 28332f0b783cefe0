"""Which run is the better one. It is only ever asked of runs that were measured on the same photographs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catsdogs.analysis import evaluation, measurements, repetitions, significance
from catsdogs.analysis.significance import Difference
from catsdogs.runs import Run, store


@dataclass(frozen=True)
class Default:
    """The run to classify with where nobody chose one. Where it is not the bundled one, `difference` says by how much it was better on
    the photographs of the folder `data`."""

    run: Run
    data: str = ""
    difference: Difference | None = None


def default() -> Default:
    """The bundled run, unless another one was better on the same real photographs, by more than chance, and worse on none.

    Both have to be measured on them (`measurements`); drawn ones do not count.
    """
    shipped = store.load(store.SHIPPED)
    real = [one for one in measurements.load(shipped) if not one.is_drawn]
    candidates = [run for run in store.list_all() if run.state == "finished" and run.model_path.exists()] if real else []
    compared = [(run, one.data, compare(shipped, run, one.fingerprint)) for run in candidates for one in real]
    compared = [(run, data, found) for run, data, found in compared if found]
    sure = [(run, data, found) for run, data, found in compared if found.p * len(compared) < 0.05]  # Bonferroni: some are lucky
    worse = {run.id for run, _, found in sure if found.mean < 0}
    better = [(run, data, found) for run, data, found in sure if run.id not in worse]
    return Default(*max(better, key=lambda entry: entry[2].mean)) if better else Default(shipped)


def compare(before: Run, after: Run, fingerprint: str) -> Difference | None:
    """How much more accurate `after` is on the photographs of that data set that both were measured on; None where there are none."""
    found = [measurements.find(run, fingerprint) for run in (before, after)]
    if None in found:
        return None
    correct = [{one.path: one.answer == one.label for one in measurement.photographs} for measurement in found]
    common = sorted(correct[0].keys() & correct[1].keys())
    return significance.mcnemar(*(np.array([each[path] for path in common]) for each in correct)) if common else None


def best_of_each_set(runs: Sequence[Run]) -> frozenset[str]:
    """The ids of the runs with the highest validation accuracy among those with the same split of the same photographs.

    A run that nothing can be compared with is none of them.
    """
    rivals: dict[tuple, list[Run]] = {}
    for run in runs:
        if evaluation.load(run):
            rivals.setdefault(repetitions.held_out(run), []).append(run)
    return frozenset(max(several, key=_by_validation).id for several in rivals.values() if len(several) > 1)


def _by_validation(run: Run) -> tuple[float, float]:
    validation = evaluation.load(run).validation
    return validation.accuracy, -validation.loss
