"""What a search may try: a range or several values for each of some settings, around a base configuration.

How lists of values are written is up to `grid`; which configuration is tried next is up to `queue.searching`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from catsdogs.errors import InputError
from catsdogs.settings import config as configs
from catsdogs.settings import grid, spelling
from catsdogs.settings.config import LIMITS, Config
from catsdogs.settings.dependence import ONLY, idle, is_used

RATES = ("learning_rate", "fine_tuning_rate")  # always on a logarithmic scale: half a rate is as far from it as its double
SAME_PHOTOGRAPHS = ("validation_split", "test_split", "near_copies_together")
_DIGITS = 4  # significant digits of a number that is tried


@dataclass(frozen=True)
class Range:
    """Every number from `low` to `high`, whole ones if the setting is; on a logarithmic scale if `is_log`."""

    low: float
    high: float
    is_log: bool

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


Space = Mapping[str, Range | tuple]


def parse(pairs: Sequence[str]) -> dict[str, Range | tuple]:
    """`["optimizer=adam,sgd", "learning_rate=0.0001..0.1"]` -> the values or the range of each setting.

    LOW..HIGH is a range, on a logarithmic scale for rates and if HIGH is ten times LOW or more. Whatever else `grid.parse` reads is a list
    of values. Raises InputError if something can't be read.
    """
    return grid.parse(pairs, read)


def read(name: str, text: str) -> Range | tuple:
    """The range or the values of one setting. Raises InputError."""
    if name == grid.ALL_AUGMENTATION:
        raise InputError(f"{name} can't be searched as a whole: give its settings, as in horizontal_flip=false,true.")
    low, dots, high = text.partition("..")
    limits = LIMITS.get(name)
    is_number = limits and limits.low is not None and not isinstance(getattr(Config, name), tuple)
    if not (is_number and dots) or ":" in text or "," in text:
        return grid.values(name, text)
    first, last = (spelling.parse([f"{name}={end}"])[name] for end in (low, high))
    if first is None or last is None or not first < last:
        raise InputError(f"{name} = {text}: a range is written LOW..HIGH, LOW below HIGH, as in 0.0001..0.1.")
    return Range(first, last, first > 0 and (name in RATES or last / first >= grid.LOG_FROM))


def require(base: Config, space: Space) -> list[Config]:
    """The `ends` of a new search. Raises InputError as that does, for settings that make no difference, and as `Config` does."""
    found = ends(base, space)
    for name in space:
        reason = idle(vars(_enabled(base, space, name))).get(name)
        if reason and not space.keys() & set(reason.by):
            raise InputError(reason.refusal(name))
    if isinstance(rates := space.get("learning_rate"), tuple):
        grid.require_rates(rates, set(space.get("optimizer", [base.optimizer])))
    return list(map(configs.change, found))  # which refuses what only stored runs may have


def ends(base: Config, space: Space) -> list[Config]:
    """The configurations that differ from the base in one setting, which is at an end of its range or one of its values.

    Raises InputError if one of them is invalid, if nothing varies, and for settings that no search can compare.
    """
    if not space or all(isinstance(several, tuple) and len(several) == 1 for several in space.values()):
        raise InputError("A search needs a setting that varies, as in learning_rate=0.0001..0.1 or optimizer=adam,sgd.")
    for name in space:
        if name in SAME_PHOTOGRAPHS:
            raise InputError(f"{name} can't be searched: runs are compared on the same validation photographs, which it changes.")
    return [
        configs.from_json({**configs.to_json(_enabled(base, space, name)), name: value})
        for name, several in space.items()
        for value in ((several.low, several.high) if isinstance(several, Range) else several)
    ]


def fill(base: Config, settings: Mapping) -> Config:
    """The base with these settings, without those that mean nothing to its network or optimizer. Raises InputError as `Config` does."""
    return Config(**configs.without_misplaced({**configs.to_json(base), **settings}))


def in_order(space: Space) -> list[str]:
    """The names of the settings, those on which others depend first."""
    deciding = {only.of for only in ONLY.values()}
    return sorted(space, key=lambda name: name not in deciding)


def place(base: Config, space: Space) -> dict | None:
    """The position of the base in the space: its values of the settings that mean something to it. None if one is outside."""
    found = {}
    for name in in_order(space):
        if is_used(name, vars(base)):
            value = base.rate if name == "learning_rate" and isinstance(space[name], Range) else getattr(base, name)
            if value not in space[name]:
                return None
            found[name] = value
    return found


def combinations(space: Space) -> list[dict] | None:
    """All combinations of values; None if there is a range, or if they are more than a sweep may have."""
    if any(isinstance(several, Range) for several in space.values()) or prod(map(len, space.values())) > grid.MOST_RUNS:
        return None
    return [dict(zip(space, values, strict=True)) for values in product(*space.values())]


def rounded(value: float, within: Range) -> float:
    """The value with as few digits as people read, but within the range."""
    return min(max(float(f"{value:.{_DIGITS}g}"), within.low), within.high)


def to_json(space: Space) -> dict:
    """Plain data for JSON; `from_json` reads it back."""
    return {name: vars(several) if isinstance(several, Range) else {"values": list(several)} for name, several in space.items()}


def from_json(content: Mapping) -> dict[str, Range | tuple]:
    """The inverse of `to_json`."""
    return {name: _values(several["values"]) if "values" in several else Range(**several) for name, several in content.items()}


def _values(several: Sequence) -> tuple:
    return tuple(tuple(value) if isinstance(value, list) else value for value in several)


def _enabled(base: Config, space: Space, name: str) -> Config:
    """The base, with a network or optimizer to which that setting means something. Raises InputError where the space has none."""
    if is_used(name, vars(base)):
        return base
    of, choices, why, _ = ONLY[name]
    for choice in space.get(of, ()):
        if choice in choices:
            return fill(base, {of: choice})
    raise InputError(f"{name} can't be searched: {getattr(base, of)} {why}. Add {of}={','.join(choices)}, or leave {name} out.")
