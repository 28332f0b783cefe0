"""The study, repeated: which runs it takes, which of them there are, and what they say of its conclusions.

Its steps are in `study_presets`; what several seeds say together is up to `repetitions`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from catsdogs.analysis import repetitions
from catsdogs.analysis.repetitions import Group
from catsdogs.analysis.significance import Difference
from catsdogs.data import split
from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.settings import presets, study_presets
from catsdogs.settings.config import Config
from catsdogs.settings.preset import Preset

MOST_SEEDS = 20
_COUNTS = (*store.WAITING, "finished")  # a run that ended early is no repetition


@dataclass(frozen=True)
class Step:
    """A preset with its runs, one a seed, in the order of the seeds; `group` puts the evaluated ones together."""

    preset: Preset
    runs: tuple[Run, ...]
    group: Group | None


@dataclass(frozen=True)
class Conclusion:
    """What the runs say of one change of the study. `verdict` is "holds", "does not hold", "is noise" or "is not known yet"."""

    before: Preset
    after: Preset
    difference: Difference | None
    verdict: str
    sentence: str


def missing(set_name: str, data: str, seeds: int) -> list[Config]:
    """What no run was asked for yet of that many seeds of each step, a whole study after the other.

    Raises InputError for an unknown set, or a count of seeds that is not from 1 to MOST_SEEDS.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise InputError(f"seeds = {seeds}: allowed is 1 to {MOST_SEEDS}.")
    stored = _stored(data)
    wanted = [presets.config(preset.name, data=data, seed=seed) for seed in range(seeds) for preset in study_presets.find_set(set_name)]
    return [config for config in wanted if config not in stored]


def steps(set_name: str, data: str) -> list[Step]:
    """The steps of a preset set with the runs of each that there are. Raises InputError for an unknown set."""
    stored = _stored(data)
    found = []
    for preset in study_presets.find_set(set_name):
        untouched = {seed: presets.config(preset.name, data=data, seed=seed) for seed in {config.seed for config in stored}}
        members = tuple(stored[untouched[seed]] for seed in sorted(untouched) if untouched[seed] in stored)
        found.append(Step(preset, members, repetitions.group(preset.title, members)))
    return found


def conclusions(found: Sequence[Step]) -> list[Conclusion]:
    """One for each change from a step to the next."""
    return [_conclusion(before, after) for before, after in pairwise(found)]


def to_json(found: Sequence[Step], concluded: Sequence[Conclusion], queued: Sequence[Run]) -> dict:
    """Plain data for JSON: accuracies as shares, `mean`, `low` and `high` over the seeds."""
    return {
        "queued": [run.id for run in queued],
        "steps": [
            {
                "preset": step.preset.name,
                "title": step.preset.title,
                "why": step.preset.why,
                "runs": [{"id": run.id, "state": run.state, "seed": run.config.seed} for run in step.runs],
                **({} if step.group is None else {name: asdict(getattr(step.group, name)) for name in (*split.PARTS, "minutes")}),
            }
            for step in found
        ],
        "conclusions": [
            {
                "before": conclusion.before.name,
                "after": conclusion.after.name,
                "difference": conclusion.difference and asdict(conclusion.difference),
                "verdict": conclusion.verdict,
                "sentence": conclusion.sentence,
            }
            for conclusion in concluded
        ],
    }


def _conclusion(before: Step, after: Step) -> Conclusion:
    difference = repetitions.difference(before.group, after.group) if before.group and after.group else None
    if difference is None:
        verdict = "is not known yet"
    elif not difference.is_more_than_noise:
        verdict = "is noise"
    else:
        verdict = "holds" if (difference.mean > 0) == (after.preset.claim > 0) else "does not hold"
    return Conclusion(
        before.preset, after.preset, difference, verdict, repetitions.sentence(before.preset.title, after.preset.title, difference)
    )


def _stored(data: str) -> dict[Config, Run]:
    """The runs on that data by what they were asked for; of several with the same settings, the newest."""
    return {run.config: run for run in reversed(store.list_all()) if run.config.data == data and run.state in _COUNTS}
