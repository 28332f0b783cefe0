"""What a search has that a sweep has not: a time, ranges in which every number can be tried, and how far it is."""

from collections.abc import Sequence

import streamlit as st

from catsdogs.analysis import learned, summaries
from catsdogs.data import split
from catsdogs.data.dataset import Listing
from catsdogs.networks import pretrained
from catsdogs.queue import searches
from catsdogs.queue.searches import Search
from catsdogs.runs import Run, store
from catsdogs.settings import Config, space, time_limit
from catsdogs.settings import config as configs
from catsdogs.settings.choices import DEFAULT_RATES
from catsdogs.settings.config import LIMITS
from catsdogs.settings.space import Space
from catsdogs.system import words
from pages.parts.shared import allowance, chosen_data, frame, names
from pages.parts.train import estimate, form, launch

NOT_VARIED = space.SAME_PHOTOGRAPHS
_MINUTES = 20
_RATE = 10  # a rate can be so many times too low or too high
_FEW = 5  # runs; with fewer, all but the first are tried at random


def minutes() -> int:
    """The widget for the time."""
    about = "How long the runs of the search may train in all; waiting for other runs doesn't count."
    return st.number_input(
        "Minutes", 1, time_limit.LONGEST // 60, value=_MINUTES, key="search_minutes", persist_state="session", help=about
    )


def values(name: str, filled: dict) -> Sequence | str:
    """The widget for what may be tried of that setting: at first, what is around the form's value."""
    return form.ask_values("search", name, filled, lambda now: _around(name, now, filled))


def _around(name: str, now, filled: dict) -> str:
    """A range that the value is in the middle of; all that is allowed, where it is nothing."""
    limits = LIMITS[name]
    if isinstance(now, tuple):
        return str(list(now))
    if limits.low is None:
        return str(now)
    if now is None:
        now = DEFAULT_RATES[filled["optimizer"]]
    factor = _RATE if name in space.RATES else 2
    low, high = (now / factor, now * factor) if now else (limits.low, limits.high)
    low, high = (int(end) if isinstance(now, int) else end for end in (max(low, limits.low), min(high, limits.high)))
    return f"{low:.6g}..{high:.6g}"


def offer(filled: dict, written: dict[str, Sequence | str], count: int, name: str, listing: Listing) -> None:
    """What will be tried, and the button that begins it. Raises InputError for what can't be searched."""
    wanted = {name: space.read(name, given) if isinstance(given, str) else tuple(given) for name, given in written.items()}
    same = [form.label(name) for name, several in wanted.items() if isinstance(several, tuple) and len(several) < 2]
    if same:
        st.caption(f":material/info: Doesn't vary yet: {', '.join(same)}. Give two values or more, or take it off the list.")
        return
    base = configs.change(Config(), **filled, data=str(chosen_data.folder()))
    ends = space.require(base, wanted)
    st.caption(f":material/schedule: {_length(base, count)}")
    allowance.warn(1)
    if st.button(f"Search for {words.duration(60 * count)}", icon=":material/manage_search:", key="search_begin"):
        _begin(name, base, ends, wanted, 60.0 * count, listing)


def _length(base: Config, count: int) -> str:
    found = estimate.of_one(base, store.list_all())
    if found is None:
        return "There is no estimate of the number of runs until a similar run has ended."
    runs, length = int(60 * count * estimate.slots() / found.seconds), names.forecast(found.seconds)
    if runs < _FEW:
        return f"A run takes {length}, so there would be too few runs to learn from. Give it more time, or fewer epochs."
    return f"A run takes {length}: about {names.counted(runs, 'run')}, or more if some are pruned (stopped early)."


def _begin(name: str, base: Config, ends: list[Config], wanted: Space, seconds: float, listing: Listing) -> None:
    with frame.reported():
        split.require(listing, (base, *ends))
        with st.spinner("Looking for the weights"):
            base = pretrained.settle(base)
            for config in ends:
                pretrained.settle(config)
        launch.show(searches.create(name, base, wanted, seconds), "The search has begun.")


def busy() -> dict[str, Search]:
    """The searches that go on, by their names."""
    return {found.name: found for found in searches.list_all() if found.is_busy}


def progress(found: Search, members: Sequence[Run]) -> str:
    """How many runs it has tried, the best so far, and the time it has left."""
    ended = [state for state in found.runs.values() if state != searches.IN_PROGRESS]
    pruned = ended.count(store.PRUNED)
    parts = [f"{names.counted(len(ended), 'run')} tried" + (f", {pruned} of them pruned" if pruned else "")]
    accuracies = [summaries.make(run)["val_accuracy"] for run in members if run.state == "finished" and learned.is_fair(run)]
    parts += [f"best validation accuracy {max(accuracies):.1%}"] if accuracies else []
    parts += [f"{names.forecast(max(0.0, found.seconds - found.spent))} left"]
    return " · ".join(parts) + (f". Waiting: {names.said(found.note)}" if found.note else "")
