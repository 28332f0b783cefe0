"""A sweep or a search, from the form: which settings vary, over which values; queued as one thing with a name.

What only a search has is in `search`.
"""

from collections.abc import Sequence

import streamlit as st

from catsdogs.data import split
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.networks import pretrained
from catsdogs.queue import searches, sweeps
from catsdogs.queue.searches import Search
from catsdogs.runs import Run, store
from catsdogs.settings import Config, grid
from catsdogs.settings import config as configs
from catsdogs.settings.config import LIMITS
from catsdogs.system import access
from pages.parts.shared import allowance, chosen_data, frame, names
from pages.parts.train import estimate, form, launch, search

_SWEEP, _SEARCH = "Every combination", "Timed search"  # which a phone shows side by side
_ABOUT = {
    _SWEEP: "Trains a run for every combination of the values.",
    _SEARCH: "Trains the form's settings first, then whatever looks best after the runs so far, until the time is up.",
}
_NOT_VARIED = ("preset", "data", "seed", "class_mode")
_HOW = {
    _SWEEP: "Separate numbers with commas, as in 0.001, 0.01, or give a range with a count, as in 0.0001..0.01:3.",
    _SEARCH: "Give a range, as in 0.0001..0.01, in which every number can be tried, or separate numbers with commas, as in 16, 32.",
}


def show(filled: dict, listing: Listing) -> None:
    """Below the start: what varies, how long that takes, and the button that queues it."""
    with st.expander("**Sweep**: try several values of some settings", key="sweep_open", on_change="rerun") as box:
        if not box.open:
            return
        kind = st.segmented_control("How", tuple(_ABOUT), default=_SWEEP, required=True, key="sweep_kind", persist_state="session")
        st.caption(
            f"{_ABOUT[kind]} All other settings stay as they are in the form above. The best is chosen by validation accuracy, on Results."
        )
        written, count, name = _filled_in(kind, filled)
        if not written:
            st.caption("Choose one setting or more.")
            return
        if any(isinstance(given, str) for given in written.values()):
            st.caption(_HOW[kind])
        with frame.reported():
            if kind == _SEARCH:
                search.offer(filled, written, count, name, listing)
            else:
                _offer(_wanted(filled, written, count), name, listing)


def _filled_in(kind: str, filled: dict) -> tuple[dict[str, Sequence | str], int, str]:
    """The values of the chosen settings, as they were given; how many seeds or minutes; and the name."""
    state = {"persist_state": "session"}
    offered = [name for name in LIMITS if name not in (*_NOT_VARIED, *(search.NOT_VARIED if kind == _SEARCH else ()))]
    offered = offered if kind == _SEARCH else [grid.ALL_AUGMENTATION, *offered]
    chosen = st.multiselect("Settings that vary", offered, format_func=_label, key="sweep_settings", **state)
    written = {}
    with st.grid(columns=3, min_column_width=220, gap="medium"):
        for name in chosen:
            written[name] = search.values(name, filled) if kind == _SEARCH else _values(name, filled)
        if kind == _SEARCH:
            count = search.minutes()
        else:
            about = "How often each combination is trained, each time with the next seed, which shows how much of a difference is chance."
            count = st.number_input("Seeds for each", 1, grid.MOST_SEEDS, key="sweep_seeds", help=about, **state)
        name = st.text_input("Name", key="sweep_name", placeholder="e.g. rates", max_chars=sweeps.LONGEST_NAME, **state)
    return written, count, name


def _label(name: str) -> str:
    return "Augmentation, on or off" if name == grid.ALL_AUGMENTATION else form.label(name)


def _values(name: str, filled: dict) -> Sequence | str:
    """The widget for the values of that setting: at first, the one of the form."""
    if name == grid.ALL_AUGMENTATION:
        about = "On uses the augmentation of the form or, if it has none, that of Study 6."
        look = {"format_func": names.choice, "key": f"sweep_of_{name}", "help": about}
        return st.multiselect("Augmentation", (False, True), default=(False, True), **look)
    return form.ask_values("sweep", name, filled, _written)


def _written(value) -> str:
    if value is None:
        return "auto"
    return str(list(value)) if isinstance(value, tuple) else f"{value:.6g}" if isinstance(value, float) else str(value)


def _offer(wanted: list[Config], name: str, listing: Listing) -> None:
    st.caption(f":material/schedule: {_length(wanted)}")
    if repetition := grid.repetition(wanted):
        st.caption(f":material/info: {repetition}")
    allowance.warn(len(wanted), "For a smaller sweep, give fewer values or seeds.")
    most = access.person().limits.runs
    never = most is not None and len(wanted) > most  # else there may be room at the click
    look = {"icon": ":material/playlist_add:", "key": "sweep_queue", "disabled": never}
    if st.button(f"Queue {names.counted(len(wanted), 'run')}", **look):
        _queue(name, wanted, listing)


def _wanted(filled: dict, written: dict[str, Sequence | str], seeds: int) -> list[Config]:
    values = {name: grid.values(name, given) if isinstance(given, str) else tuple(given) for name, given in written.items()}
    for name, several in values.items():
        if not several:
            raise InputError(f"{_label(name)} has no value: choose one or more, or take it off the list.")
    base = configs.change(Config(), **filled, data=str(chosen_data.folder()))
    return grid.vary(base, values, seeds)


def _length(wanted: list[Config]) -> str:
    count = names.counted(len(wanted), "run")
    length = estimate.of_several(wanted)
    return f"{count}, {length}" if length else f"{count}. There is no estimate of the time until a similar run has ended."


def _queue(name: str, wanted: list[Config], listing: Listing) -> None:
    with frame.reported():
        split.require(listing, wanted)
        created = sweeps.create(name, [pretrained.settle(config) for config in wanted])
        launch.show(created[0], f"Queued {names.counted(len(created), 'run')}.")


def show_busy(stored: list[Run]) -> None:
    """In the queue: a row for each sweep and search that is under way, to be cancelled as one."""
    found = search.busy()
    searched = {name: [run for run in stored if run.id in each.runs] for name, each in found.items()}
    for name, members in (searched | sweeps.busy(stored)).items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"sweep-{name}"):
            st.markdown(_progress(name, members, found.get(name)), width="stretch")
            noun = "search" if name in found else "sweep"
            with st.popover(f"Cancel {noun}", icon=":material/clear_all:", key=f"sweep_cancel_{name}", disabled=access.looks_only()):
                st.markdown("Cancel its waiting runs and stop the running one? Those that have ended are kept.")
                if others := names.others([run for run in members if run.state in store.WAITING]):
                    st.markdown(others)
                if st.button(f"Cancel {noun}", type="primary", key=f"sweep_cancel_now_{name}"):
                    _cancel(name)


def _cancel(name: str) -> None:
    with frame.toasted():  # one of its runs may hang; the others have been stopped
        searches.cancel(name)
        st.rerun()


def _progress(name: str, members: list[Run], found: Search | None) -> str:
    if found:
        return f":material/manage_search: Search **{names.plain(name)}**: {search.progress(found, members)}"
    ended = sum(run.state not in store.WAITING for run in members)
    return f":material/grid_view: Sweep **{names.plain(name)}**: {ended} of {names.counted(len(members), 'run')} ended"
