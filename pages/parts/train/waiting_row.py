"""A row of the queue: a run, when it starts, how long it takes, and buttons to move and cancel it."""

from functools import partial

import streamlit as st

from catsdogs.queue import jobs
from catsdogs.queue.forecast import Estimate, Turn
from catsdogs.runs import Run
from catsdogs.system import access
from pages.parts.shared import frame, names

_FAR = 10_000  # places: to the very front


def show(turn: Turn, places: dict[str, int], estimate: Estimate | None, running: int, is_shown: bool) -> bool:
    """The row of a waiting run; `places` are those of all by id, `running` is a count. Returns whether cancel was clicked."""
    run, place = turn.run, places[turn.run.id]
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{run.id}"):
        _name(f":small[**{place}**]", run, is_shown)
        st.caption(f"{_start(turn, places, running)} · {_length(run, estimate)}", width="stretch")
        with st.container(horizontal=True, gap="xsmall", width="content", wrap=False):
            name = names.plain(names.with_seed(run))
            _button(run, "first", "vertical_align_top", f"Move to front: {name}", partial(_move, run, -_FAR), place == 1)
            _button(run, "earlier", "arrow_upward", f"Move up: {name}", partial(_move, run, -1), place == 1)
            _button(run, "later", "arrow_downward", f"Move down: {name}", partial(_move, run, 1), place == len(places))
            return _button(run, "cancel", "close", f"Cancel: {name}", None, False)


def show_running(run: Run, seconds: float | None) -> None:
    """The row of a running run, with the seconds it has left, if known."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{run.id}"):
        _name(":material/play_arrow:", run, is_shown=False)
        st.caption(
            ("hung, no progress" if run.state == "hung" else "running")
            + (f" on {names.plain(run.status['host'])}" if "host" in run.status else "")
            + ("" if seconds is None else f", {names.forecast(seconds)} left"),
            width="stretch",
        )


def _name(mark: str, run: Run, is_shown: bool) -> None:
    label = " · ".join(filter(None, (names.plain(names.with_seed(run)), names.starter(run))))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width=350, wrap=False):
        st.markdown(mark, width=28)
        if is_shown:
            st.markdown(f":small[**{label}**]")
        else:
            st.page_link(frame.TRAIN, label=label, query_params={"run": run.id})


def _button(run: Run, name: str, icon: str, label: str, act, disabled: bool) -> bool:
    """An icon; its label is the tooltip, and read aloud by screen readers (the style sheet hides it from view)."""
    return st.button(
        label,
        icon=f":material/{icon}:",
        key=f"{name}-{run.id}",
        help=label,
        type="tertiary",
        on_click=act,
        disabled=disabled or access.looks_only(),
    )


def _start(turn: Turn, places: dict[str, int], running: int) -> str:
    if turn.after is None:
        return "next on the free device" if turn.seconds == 0 else "when a device is free"
    when = "" if turn.seconds is None else f"in {names.forecast(turn.seconds)}, "
    if turn.after.id in places:
        return f"{when}after no. {places[turn.after.id]}"
    return f"{when}after {'the running one' if running == 1 else names.plain(names.with_seed(turn.after))}"


def _length(run: Run, estimate: Estimate | None) -> str:
    if estimate is None:
        return "duration unknown"
    return f"takes {names.forecast(estimate.seconds, is_bound=bool(run.config.early_stopping))}"


def _move(run: Run, places: int) -> None:
    with frame.toasted():  # it may have started since the row was drawn
        jobs.move(run, places)
