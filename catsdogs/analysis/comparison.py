"""Two groups of repeated runs -> by how much they differ on held-out photographs, in a sentence: a difference, none that matters, or
can't tell, with what it would take.

Which runs make a pair is up to `pairing`, what a number of them proves to `significance`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from catsdogs.analysis import correctness, evaluation, learned, pairing, planning, repetitions, significance
from catsdogs.analysis.pairing import Pairing
from catsdogs.analysis.repetitions import Group
from catsdogs.analysis.significance import Difference, Estimate, Sample
from catsdogs.runs import Run
from catsdogs.system.words import counted

_ONE_OF_EACH = "These are two networks, one of each: other seeds may give another result."


@dataclass(frozen=True)
class Comparison:
    """`difference` is None where the runs are too few for one.

    In words: what was found; what more it would take, and which runs can't be paired, or "".
    """

    before: str
    after: str
    difference: Difference | None
    finding: str
    needed: str
    left_out: str

    @property
    def sentence(self) -> str:
        """What was found, and what more it would take."""
        return f"{self.finding} {self.needed}".rstrip()

    @property
    def outcome(self) -> str:
        """One of those of `Difference`."""
        return self.difference.outcome if self.difference else significance.OPEN


@dataclass(frozen=True)
class _Trial:
    """What the runs of two groups allow: an estimate, or None where they are too few for one. `variance_of_mean` is that of the difference,
    by the number of seeds, for planning; None where the groups can't be compared at all.
    """

    before: Group
    after: Group
    pairing: Pairing
    estimate: Estimate | None
    variance_of_mean: Callable[[int], float] | None


def compare(pairs: Sequence[tuple[Group, Group]]) -> list[Comparison]:
    """How much more accurate the second group of each pair is on held-out photographs: all comparisons that stand on one page, since they
    are corrected for one another.
    """
    trials = [_try(before, after) for before, after in pairs]
    judged = iter(significance.judge([trial.estimate for trial in trials if trial.estimate]))
    found = []
    for trial in trials:
        difference = next(judged) if trial.estimate else None
        before, after = trial.before.name, trial.after.name
        said = finding(before, after, difference) if difference else _too_few(trial)
        left_out = pairing.left_out(trial.pairing, before, after)
        found.append(Comparison(before, after, difference, said, _needed(trial, difference), left_out))
    return found


def finding(before: str, after: str, difference: Difference) -> str:
    """In words: "Adam beat SGD by 12.1 ± 1.3 points (3 seeds)."."""
    if difference.outcome == significance.DIFFERENT:
        if difference.mean > 0:
            return f"{after} beat {before} by {_points(difference)}."
        return f"{before} beat {after} by {_points(difference.turned)}."
    signed = f"{_sign(difference.mean)}{_points(difference)}"
    if difference.outcome == significance.NO_DIFFERENCE:
        return f"There is no difference larger than {alike()} between {after} and {before}: {signed}."
    return f"{after} and {before} can't be told apart yet: {signed}."


def interval(difference: Difference) -> str:
    """Its ends: "95% interval −1.3 to +12.1"."""
    low, high = (f"{_sign(end)}{100 * abs(end):.1f}" for end in (difference.low, difference.high))
    return f"95% interval {low} to {high}"


def explanations(found: Sequence[Comparison]) -> list[str]:
    """How the differences were judged: a sentence for each test, one for the correction, one for the runs that were left out."""
    differences = [one.difference for one in found if one.difference]
    lines = [
        f"{test[0].upper()}{test[1:]} on held-out accuracy, 95% confidence intervals ({significance.SOURCES[test]})."
        for test in sorted({difference.test for difference in differences})
    ]
    if len(differences) > 1:
        corrected = f"The p-values are corrected for {len(differences)} comparisons ({significance.HOLM})"
        lines.append(f"{corrected}, and each interval is widened to agree with its own.")
    if any(one.left_out for one in found):
        lines.append("A pair is exactly one run on each side with the same photographs, seed and split.")
    return lines


def too_few(group: Group) -> str:
    """Why a group of several runs has no interval, and how many seeds another group and this one would take to be told apart."""
    sample = repetitions.sample(group.runs)
    count = len(sample.values)
    seen = "one seed is too few" if count == 1 else f"{count} seeds are too few"
    return f"{group.name}: {seen} for an interval. {planning.sentence(lambda seeds: 2 * sample.variance_of_mean(seeds), count)}"


def alike() -> str:
    """The bound below which a difference is none: "2 points"."""
    return planning.points(significance.ALIKE)


def _try(before: Group, after: Group) -> _Trial:
    found = pairing.pair(before.runs, after.runs)
    if _flattered(before, after):
        return _Trial(before, after, found, None, None)
    gains = _gains(found.pairs) if found.pairs else None
    if len(found.pairs) == len(before.runs) == len(after.runs) == 1 and (answers := _answers(*found.pairs[0])):
        return _Trial(before, after, found, significance.mcnemar(*answers), gains.variance_of_mean)
    if len(found.pairs) >= significance.FEWEST:
        return _Trial(before, after, found, significance.paired(gains), gains.variance_of_mean)
    if len({pairing.data(run) for run in (*before.runs, *after.runs)}) > 1:
        return _Trial(before, after, found, None, gains and gains.variance_of_mean)
    sides = [repetitions.sample(group.runs) for group in (before, after)]
    is_enough = min(len(side.values) for side in sides) >= significance.FEWEST

    def variance_of_mean(count: int) -> float:
        return sum(side.variance_of_mean(count) for side in sides)

    planned = gains.variance_of_mean if gains and not is_enough else variance_of_mean
    return _Trial(before, after, found, significance.welch(*sides) if is_enough else None, planned)


def _gains(pairs: Sequence[tuple[Run, Run]]) -> Sample:
    """What each pair gained."""
    values = tuple(repetitions.accuracy(after) - repetitions.accuracy(before) for before, after in pairs)
    sampling = sum(_sampling(before, after) for before, after in pairs) / len(pairs)
    ratio = repetitions.ratio([run for pair in pairs for run in pair])
    return Sample(values, ratio, sampling, repetitions.are_fixed([before for before, _ in pairs]))


def _sampling(before: Run, after: Run) -> float:
    """By the photographs that only one of both got right; where these are not stored, as if they had nothing in common, which is more."""
    answers = _answers(before, after)
    if answers:
        return significance.sampling_of_gain(*answers)
    scores = [evaluation.load(run).test for run in (before, after)]
    return sum(significance.of_accuracies([score.accuracy], 0, score.count).sampling for score in scores)


def _answers(before: Run, after: Run) -> tuple[np.ndarray, np.ndarray] | None:
    """Which of the same photographs each got right, or None where that is not stored."""
    one, other = correctness.load(before), correctness.load(after)
    return (one.correct, other.correct) if one and other and one.photographs == other.photographs else None


def _flattered(*groups: Group) -> int:
    """The number of runs whose held-out accuracy is too high, or may be, for the run that they started from."""
    return sum(bool(learned.caution(run)) for group in groups for run in group.runs)


def _too_few(trial: _Trial) -> str:
    names = f"{trial.after.name} and {trial.before.name}"
    if flattered := _flattered(trial.before, trial.after):
        runs = counted(flattered, "run")
        return f"{names} can't be compared: {runs} started from one that was trained on photographs which they hold out, or may have been."
    if trial.variance_of_mean is None:
        return f"{names} can't be compared: accuracies are compared on photographs of the same data set only."
    if len(trial.pairing.pairs) == 2:
        gain = _gains(trial.pairing.pairs).mean
        seen = f"{_sign(gain)}{100 * abs(gain):.1f} points"
        return f"{names} can't be told apart yet: two seeds ({seen}) are too few for an interval."
    return f"{names} can't be told apart yet: that takes three seeds or more on each side, preferably the same ones."


def _needed(trial: _Trial, difference: Difference | None) -> str:
    if trial.variance_of_mean is None:
        return ""
    if difference and difference.outcome != significance.OPEN:
        return _ONE_OF_EACH if difference.test == significance.MCNEMAR else ""
    if difference is None:
        pairs = trial.pairing.pairs
        return planning.sentence(trial.variance_of_mean, len(pairs), gain=_gains(pairs).mean if len(pairs) > 1 else 0.0)
    seen = 1 if difference.test == significance.MCNEMAR else difference.count
    return planning.sentence(trial.variance_of_mean, seen, difference.level)


def _points(difference: Difference) -> str:
    """How many, without their sign; with the ends of an interval that doesn't reach as far to both sides, as that of `mcnemar`."""
    points = f"{100 * abs(difference.mean):.1f}"
    if difference.test == significance.MCNEMAR:
        return f"{points} points ({interval(difference)}; {difference.count:,} photographs, 1 seed)"
    if not difference.reaches_equally_far:
        return f"{points} points ({interval(difference)}; {difference.count} seeds)"
    return f"{points} ± {100 * difference.half_width:.1f} points ({difference.count} seeds)"


def _sign(gain: float) -> str:
    """None of what is written as 0.0."""
    return "" if abs(gain) < 0.0005 else "+" if gain > 0 else "−"
