"""The best validation accuracy of several runs against time: how soon a sweep or a search got how far. Held-out photographs have no say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catsdogs.analysis import learned, summaries
from catsdogs.runs import Run


@dataclass(frozen=True)
class Step:
    """A run that ended `minutes` after the first of all began, its validation accuracy, and the `best` up to then."""

    run: Run
    minutes: float
    accuracy: float
    best: float


def follow(runs: Sequence[Run]) -> list[Step]:
    """The finished runs in the order in which they ended; without those whose times were not stored, and such as can't be the best."""
    finished = [run for run in runs if run.state == "finished" and learned.is_fair(run)]
    timed = [run for run in finished if {"started", "ended"} <= run.status.keys()]
    began = min((_time(run, "started") for run in timed), default=None)
    steps, best = [], 0.0
    for run in sorted(timed, key=lambda run: _time(run, "ended")):
        accuracy = summaries.make(run)["val_accuracy"]
        best = max(best, accuracy)
        steps.append(Step(run, (_time(run, "ended") - began).total_seconds() / 60, accuracy, best))
    return steps


def _time(run: Run, name: str) -> datetime:
    return datetime.fromisoformat(run.status[name])
