"""Which runs are selected: in the address, so that a link carries it, and in the session, for whoever comes back from another page."""

from collections.abc import Iterable
from contextlib import suppress

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import searches, sweeps
from catsdogs.runs import Run
from pages.parts.results import search
from pages.parts.shared import frame, names

_RUN = "run"  # in the address: ids
_SWEEP = "all_of"  # in the address: a sweep; the ids of its runs would make that longer than some servers take
_BEFORE = "selected_before"  # in the session: both
_FEW = 3  # ids in a sentence


def compared(name: str) -> list[Run]:
    """The runs of that sweep that have something to compare: those that finished, or ended early in a search. Raises InputError."""
    members, found = sweeps.runs(name), searches.find(name)
    return [run for run in members if run.state == "finished" or (found and search.is_shown(run))]


def ids() -> list[str]:
    """Of the selected runs, those that a filter hides or that are gone among them."""
    selected = st.query_params.get_all(_RUN)
    for name in st.query_params.get_all(_SWEEP):
        with suppress(InputError):  # which `show_missing` says
            selected += [run.id for run in compared(name)]
    return selected


def choose(ids: Iterable[str]) -> None:
    """Select these runs, and no others."""
    st.query_params.pop(_SWEEP, None)
    st.query_params[_RUN] = list(ids)
    keep()


def choose_sweep(name: str) -> None:
    """Select what `compared` returns."""
    st.query_params.pop(_RUN, None)
    st.query_params[_SWEEP] = name
    keep()


def keep() -> None:
    """Note what is selected, for `come_back`."""
    st.session_state[_BEFORE] = {key: st.query_params.get_all(key) for key in (_RUN, _SWEEP)}


def come_back(stored: list[Run]) -> None:
    """Select what was selected when the page was left: the links to the other pages, and back, leave it out of the address."""
    before = st.session_state.get(_BEFORE, {})
    if not frame.has_come_back() or any(key in st.query_params for key in before):
        return
    there = {run.id for run in stored}
    for key, values in before.items():
        if kept := [value for value in values if value in (there if key == _RUN else sweeps.names())]:
            st.query_params[key] = kept


def show_missing(stored: list[Run]) -> None:
    """Say which of the runs, or which sweep, the address names in vain."""
    missing = sorted(set(st.query_params.get_all(_RUN)) - {run.id for run in stored})
    if missing:
        named = ", ".join(map(names.plain, missing[:_FEW])) + (", …" if len(missing) > _FEW else "")
        told = f"There is no run {named} here; it" if len(missing) == 1 else f"{len(missing)} runs are not here ({named}); they"
        st.warning(f"{told} may have been deleted.", icon=":material/search_off:")
    for name in set(st.query_params.get_all(_SWEEP)) - set(sweeps.names()):
        st.warning(f"There is no sweep {names.plain(name)} here; its runs may have been deleted.", icon=":material/search_off:")
