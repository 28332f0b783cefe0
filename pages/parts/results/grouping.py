"""Runs put together in groups, each under a name that no other has."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

import streamlit as st

from catsdogs.analysis import pairing
from catsdogs.runs import Run, store
from catsdogs.settings import config, presets
from pages.parts.shared import names

_NOTHING, _SEEDS = "nothing", "all settings but the seed"
FEW = 3  # settings that make a name; more are hard to read


def choose(compared: list[Run], differing: list[str]) -> dict[str, list[Run]]:
    """Draw a select box of what to group by, and return the runs by the name of their group, in the order of the table."""
    options = (_NOTHING, *((_SEEDS,) if "seed" in differing else ()), *(name for name in differing if name != "seed"))
    about = "Groups are drawn as their mean, with a band from their lowest to their highest run."
    look = {"format_func": names.label, "width": 260, "help": about, "key": "group", "bind": "query-params"}
    chosen = st.selectbox("Group by", options, index=int("seed" in differing), **look)
    if chosen == _NOTHING:
        unique = _unique_names(compared, differing)
        return {f"{index} · {name}": [run] for index, (run, name) in enumerate(zip(compared, unique, strict=True), start=1)}
    if chosen == _SEEDS:
        return by_all_but_seed(compared, [name for name in differing if name != "seed"])
    found = pairing.grouped(compared, lambda run: getattr(run.config, chosen))
    return dict(zip(_written([members[0] for members in found.values()], chosen), found.values(), strict=True))


def also_different(groups: Collection[Sequence[Run]], differing: Sequence[str]) -> list[str]:
    """The settings beside the one that the runs are grouped by, and the seed, whose values are not as frequent in one group as in another.

    What such groups differ by may be due to any of them. Empty where the groups' names say in what they differ.
    """
    by = st.session_state["group"]
    if by in (_NOTHING, _SEEDS):
        return []

    def shares(members: Sequence[Run], name: str) -> dict:
        counts = Counter(getattr(run.config, name) for run in members)
        return {value: count / len(members) for value, count in counts.items()}

    others = (name for name in differing if name not in (by, "seed"))
    return [name for name in others if any(shares(one, name) != shares(other, name) for one, other in pairwise(groups))]


def by_all_but_seed(compared: list[Run], differing: list[str]) -> dict[str, list[Run]]:
    """The runs that differ in nothing but their seed, by a name that says in which of the `differing` settings groups differ."""
    kept = [name for name in config.LIMITS if name not in ("seed", "preset")]
    found = pairing.grouped(compared, lambda run: tuple(getattr(run.config, name) for name in kept))
    firsts = [members[0] if len(members) == 1 else replace(members[0], label=store.Label()) for members in found.values()]
    return dict(zip(_unique_names(firsts, differing), found.values(), strict=True))


def _unique_names(several: Sequence[Run], differing: Sequence[str]) -> list[str]:
    """The given name of each run; else the settings that differ, if few; else its preset, or what it is; and the settings that tell apart
    those of one name.
    """
    titles = [presets.title(run.config) for run in several]
    shown = differing if len(differing) <= FEW else [name for name in differing if name not in config.AUGMENTATION]
    if len(differing) > 2 and len(set(titles)) == len(titles):
        described = titles
    elif 0 < len(shown) <= FEW:
        described = list(map(", ".join, zip(*(_written(several, name) for name in shown), strict=True)))
    else:
        described = list(map(names.run, several))
    called = [run.label.name or text for run, text in zip(several, described, strict=True)]
    for name in differing:
        called = _told_apart(several, called, name)
    return called


def _told_apart(several: Sequence[Run], called: Sequence[str], name: str) -> list[str]:
    """What the runs are called, with this setting where it tells apart those of one name."""
    values: dict[str, set] = {}
    for run, text in zip(several, called, strict=True):
        values.setdefault(text, set()).add(getattr(run.config, name))
    pairs = zip(called, _written(several, name), strict=True)
    return [f"{text}, {setting}" if len(values[text]) > 1 else text for text, setting in pairs]


def _written(several: Sequence[Run], name: str) -> list[str]:
    """The setting of each run, with the folder of data sets that have one name."""
    values = [getattr(run.config, name) for run in several]
    label = names.apart({value: names.setting(name, value) for value in values}, names.of_folder if name == "data" else str)
    return list(map(label, values))
