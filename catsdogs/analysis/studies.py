"""The study, repeated: which runs it takes, which of them exist, and what they say about its conclusions.

Its variants are presets; `repetitions` groups their runs, `comparison` compares them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from catsdogs.analysis import comparison, repetitions, significance
from catsdogs.analysis.comparison import Comparison
from catsdogs.analysis.repetitions import Group
from catsdogs.data import split
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.settings import Config, grid, presets, study_presets
from catsdogs.settings.preset import Preset

HOLDS, FAILS, NO_DIFFERENCE, OPEN, UNKNOWN = "holds", "does not hold", "no difference", "can't tell", "is not known yet"
VERDICTS = {
    HOLDS: "The study's conclusion holds.",
    FAILS: "The study's conclusion does not hold.",
    NO_DIFFERENCE: "What the study changed here makes no difference that matters.",
    OPEN: "These runs can't tell whether the study's conclusion holds.",
    UNKNOWN: "The study's conclusion is not known yet.",
}
_COUNTS = (*store.WAITING, "finished")  # a run that ended early does not count


@dataclass(frozen=True)
class Variant:
    """A preset with its runs, one per seed, in the order of the seeds; `group` holds the evaluated ones."""

    preset: Preset
    runs: tuple[Run, ...]
    group: Group | None


@dataclass(frozen=True)
class Conclusion:
    """What the runs say about one change of the study, in one of VERDICTS. `comparison` is None where a variant has no evaluated run."""

    before: Preset
    after: Preset
    comparison: Comparison | None
    verdict: str

    @property
    def sentence(self) -> str:
        """By how much the accuracy changed, as far as it is known."""
        if self.comparison:
            return self.comparison.sentence
        return f"{self.after.title} and {self.before.title} can't be compared yet: both need runs that have finished."


def missing(set_name: str, data: str, seeds: int) -> list[Config]:
    """The configurations that no run has yet, of that many seeds of each variant, one whole study after the other.

    Raises InputError for an unknown set, or a number of seeds outside 1 to `grid.MOST_SEEDS`.
    """
    grid.require_seeds(seeds)
    stored = _stored(data)
    wanted = [presets.config(preset.name, data=data, seed=seed) for seed in range(seeds) for preset in study_presets.find_set(set_name)]
    return [config for config in wanted if config not in stored]


def require(listing: Listing, wanted: Sequence[Config]) -> None:
    """Raises InputError where one of these configurations can't be trained on the photographs as it is: the study is not to be changed."""
    for config in wanted:
        fitted = split.fit(listing, config)
        if fitted != config:
            raise InputError(
                f"The study trains in batches of {config.batch_size}, and there are only {fitted.batch_size} photographs to train on. "
                f"Add photographs."
            )
    split.require(listing, wanted)


def variants(set_name: str, data: str) -> list[Variant]:
    """The variants of a preset set with the stored runs of each. Raises InputError for an unknown set."""
    stored = _stored(data)
    found = []
    for preset in study_presets.find_set(set_name):
        untouched = {seed: presets.config(preset.name, data=data, seed=seed) for seed in {config.seed for config in stored}}
        members = tuple(stored[untouched[seed]] for seed in sorted(untouched) if untouched[seed] in stored)
        found.append(Variant(preset, members, repetitions.group(preset.title, members)))
    return found


def conclusions(found: Sequence[Variant]) -> list[Conclusion]:
    """One for each change from a variant to the next."""
    changes = list(pairwise(found))
    compared = iter(comparison.compare([(before.group, after.group) for before, after in changes if before.group and after.group]))
    made = []
    for before, after in changes:
        one = next(compared) if before.group and after.group else None
        made.append(Conclusion(before.preset, after.preset, one, _verdict(one, after.preset.claim)))
    return made


def to_json(found: Sequence[Variant], concluded: Sequence[Conclusion], queued: Sequence[Run]) -> dict:
    """Plain data for JSON: accuracies as shares, `mean`, `low` and `high` over the seeds."""
    return {
        "queued": [run.id for run in queued],
        "steps": [
            {
                "preset": variant.preset.name,
                "title": variant.preset.title,
                "why": variant.preset.why,
                "runs": [{"id": run.id, "state": run.state, "seed": run.config.seed} for run in variant.runs],
                **({} if variant.group is None else {name: asdict(getattr(variant.group, name)) for name in (*split.SUBSETS, "minutes")}),
            }
            for variant in found
        ],
        "conclusions": list(map(_conclusion_to_json, concluded)),
    }


def _conclusion_to_json(conclusion: Conclusion) -> dict:
    compared = conclusion.comparison
    return {
        "before": conclusion.before.name,
        "after": conclusion.after.name,
        "difference": asdict(compared.difference) if compared and compared.difference else None,
        "verdict": conclusion.verdict,
        "sentence": conclusion.sentence,
        "left_out": compared.left_out if compared else "",
    }


def _verdict(compared: Comparison | None, claim: int) -> str:
    if compared is None:
        return UNKNOWN
    if compared.difference and compared.difference.test == significance.MCNEMAR:
        return OPEN  # it judges two networks, not the change: two of the same settings differ as well
    if compared.outcome != significance.DIFFERENT:
        return NO_DIFFERENCE if compared.outcome == significance.NO_DIFFERENCE else OPEN
    return HOLDS if (compared.difference.mean > 0) == (claim > 0) else FAILS


def _stored(data: str) -> dict[Config, Run]:
    """The runs on that data by their configuration; of several with the same one, the newest that has finished, if any has."""
    oldest_first = [run for run in reversed(store.list_all()) if run.config.data == data and run.state in _COUNTS]
    return {run.config: run for run in sorted(oldest_first, key=lambda run: run.state == "finished")}
