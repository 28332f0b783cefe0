"""Which runs of two groups may be paired: those of one seed that hold out the same photographs, one on each side.

What a pair says is up to `comparison`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from catsdogs.runs import Run, store


@dataclass(frozen=True)
class Pairing:
    """The pairs in the order of their seeds, and the runs of each side that are in none."""

    pairs: tuple[tuple[Run, Run], ...]
    before: tuple[Run, ...]
    after: tuple[Run, ...]


def held_out(run: Run) -> Hashable:
    """Equal for runs that hold out the same photographs.

    Runs of earlier versions don't say which these are, so all that decides about them has to be the same.
    """
    config, environment = run.config, store.environment(run)
    if "split" in environment:
        return data(run), environment["split"]
    return data(run), config.seed, config.validation_split, config.test_split, config.near_copies_together


def data(run: Run) -> str:
    """Equal for runs on the same photographs."""
    return store.environment(run).get("data_fingerprint", run.config.data)


def grouped(runs: Sequence[Run], key: Callable[[Run], Hashable]) -> dict[Hashable, list[Run]]:
    """The runs by what `key` gives for each, in the order in which it first occurs."""
    found: dict[Hashable, list[Run]] = {}
    for run in runs:
        found.setdefault(key(run), []).append(run)
    return found


def pair(before: Sequence[Run], after: Sequence[Run]) -> Pairing:
    """Runs are paired where each is the only one of its side with these held-out photographs: of several, none is the right one.

    Where a folder dictates the subsets, all seeds hold out the same ones, so of several runs those of one seed are paired.
    """
    sides = grouped(before, held_out), grouped(after, held_out)
    pairs = [pair for key, members in sides[0].items() for pair in _pairs(members, sides[1].get(key, []))]
    paired = {run.id for pair in pairs for run in pair}
    left = (tuple(run for run in side if run.id not in paired) for side in (before, after))
    return Pairing(tuple(sorted(pairs, key=lambda pair: pair[0].config.seed)), *left)


def left_out(pairing: Pairing, before: str, after: str) -> str:
    """The runs in no pair, in words; empty where there are none."""
    sides = [f"{name} with {_seeds(runs)}" for name, runs in ((before, pairing.before), (after, pairing.after)) if runs]
    if not sides:
        return ""
    if not pairing.pairs and not set(map(held_out, pairing.before)) & set(map(held_out, pairing.after)):
        return f"Can't be paired: any run of {before} with any of {after}, which all hold out other photographs."
    return f"Can't be paired: {'; '.join(sides)}."


def _pairs(before: list[Run], after: list[Run]) -> list[tuple[Run, Run]]:
    """Of runs that all hold out the same photographs."""
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    seeds = [run.config.seed for run in (*before, *after)]
    both = ((one, other) for one in before for other in after if one.config.seed == other.config.seed)
    return [(one, other) for one, other in both if seeds.count(one.config.seed) == 2]


def _seeds(runs: Sequence[Run]) -> str:
    """seed 3; seeds 0, 1 and 2; seeds 0 (2 runs) and 1."""
    seeds = sorted(run.config.seed for run in runs)
    counted = [f"{seed}" + (f" ({seeds.count(seed)} runs)" if seeds.count(seed) > 1 else "") for seed in sorted(set(seeds))]
    return f"seed{'s' if len(counted) > 1 else ''} {' and '.join([', '.join(counted[:-1])] * (len(counted) > 1) + counted[-1:])}"
