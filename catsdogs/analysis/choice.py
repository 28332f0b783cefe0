"""The best run of a search, and whether it beats the one that the search began from. Chosen by validation, compared by what was held out.

A run is no candidate if it started from one that had seen the photographs that it is judged by: whatever it says of them is too high.

The more runs are tried, the more the best one owes to chance on the validation photographs. The held-out ones had no part in the choice,
so one comparison on them needs no correction for the number of runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catsdogs.analysis import comparison, evaluation, learned, ranking, repetitions
from catsdogs.analysis.comparison import Comparison
from catsdogs.runs import Run
from catsdogs.settings import Config, differences
from catsdogs.system.words import counted, share

_BEST, _FIRST = "the best run", "the first run"


@dataclass(frozen=True)
class Choice:
    """The `best` of `count` finished runs, and what people call it; `began` is what they call the settings of the `first`.

    `tied` of them, itself included, have its validation accuracy. `left_out` more have finished, but are no candidates.

    `comparison` is between the two; None where they are the same, or the first was not evaluated.
    """

    best: Run
    first: Run | None
    count: int
    tied: int
    left_out: int
    name: str
    began: str
    comparison: Comparison | None

    @property
    def validation(self) -> float:
        """The accuracy that the best was chosen by, which is too high for that reason."""
        return _validation(self.best)

    @property
    def interval(self) -> dict:
        """By how much it is more accurate than the first, held out, with the ends of the 95% interval; empty where that is not known."""
        found = self.comparison and self.comparison.difference
        return {"difference": found.mean, "low": found.low, "high": found.high, "p": found.p} if found else {}

    @property
    def chosen(self) -> str:
        """Which one it is, and that its validation accuracy is flattering."""
        found = evaluation.load(self.best)
        accuracies = f"it classified {share(found.test.accuracy)} correctly"
        if self.comparison and learned.is_fair(self.first):
            accuracies += f", {_FIRST} {share(evaluation.load(self.first).test.accuracy)}"
        of = counted(self.count, "finished run")
        of += " that did not start from a run that had seen these photographs" if self.left_out else ""
        whose = f"that of {self.name}" if self.tied == 1 else f"that of {self.tied}, among which {self.name} has the lowest validation loss"
        chosen_on, held_out = counted(found.validation.count, "photograph"), counted(found.test.count, "held-out photograph")
        return (
            f"The highest validation accuracy of {of}, {share(self.validation)} of {chosen_on}, is {whose}; the best of several is always "
            f"a little lucky. Of the {held_out}, which played no part in the choice, {accuracies}."
        )

    @property
    def compared(self) -> str:
        """Whether it beats the run that the search began from, with the interval."""
        if self.best == self.first:
            return f"It is {_FIRST}, of {self.began}: nothing that was tried is better on the validation photographs."
        if self.comparison is None:
            return f"{_capital(_FIRST)}, of {self.began}, has not been evaluated, so there is nothing to compare it with."
        if self.comparison.difference is None:
            return _capital(self.comparison.sentence)
        about = f"{_capital(_FIRST)} has the settings that the search began from, {self.began}."
        return f"{_capital(self.comparison.finding)} {about} {self.comparison.needed}".rstrip()

    @property
    def sentence(self) -> str:
        """All of it."""
        return f"{self.chosen} {self.compared}"


def best(runs: Sequence[Run]) -> Run | None:
    """The best candidate as `ranking.by_validation` says, of equal ones the first; None where there is none."""
    candidates = sorted(filter(learned.is_fair, _evaluated(runs)), key=lambda run: run.created)
    return max(candidates, key=ranking.by_validation, default=None)


def refusal(runs: Sequence[Run]) -> str:
    """Why none of the evaluated runs is the best, or ""."""
    evaluated = _evaluated(runs)
    return learned.NONE_IS_BEST if evaluated and not any(map(learned.is_fair, evaluated)) else ""


def changed(base: Config, run: Run) -> list[str]:
    """The names of the settings that the run has otherwise than the configuration that its search began from."""
    return [name for name in differences.among([base, run.config]) if name not in ("seed", "preset")]


def judge(first: str, runs: Sequence[Run], began: str, name: str) -> Choice | None:
    """The best of these runs, compared with the one of the id `first`; None where there is no candidate.

    `began` is what people call the settings of the first, `name` what they call the best.
    """
    found = best(runs)
    if found is None:
        return None
    base = next((run for run in runs if run.id == first), None)
    finished = [run for run in runs if run.state == "finished"]
    count = sum(map(learned.is_fair, finished))
    tied = sum(learned.is_fair(run) and _validation(run) == _validation(found) for run in _evaluated(runs))
    compared = None
    if base and base != found and evaluation.load(base):
        (compared,) = comparison.compare([(repetitions.group(_FIRST, [base]), repetitions.group(_BEST, [found]))])
    return Choice(found, base, count, tied, len(finished) - count, name, began, compared)


def _evaluated(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.state == "finished" and evaluation.load(run)]


def _validation(run: Run) -> float:
    return evaluation.load(run).validation.accuracy


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
