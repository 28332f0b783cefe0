"""The queue: the running runs, the waiting ones in their order, when each starts and how long it takes."""

import streamlit as st

from catsdogs.queue import forecast, jobs, sweeps
from catsdogs.queue.forecast import Estimate, Turn
from catsdogs.runs import Run, store
from catsdogs.system import access
from pages.parts.shared import names, undo
from pages.parts.train import estimate, place, search, sweep, waiting_row

_MANY, _MORE = 20, 100  # rows that are drawn at first, and with each click: a row takes the server some 5 ms, every three seconds
_ROWS = "queue_rows"  # in the session


def show(shown: str | None, stored: list[Run]) -> None:
    """Draw the queue, and the running runs except the one of that id, which is shown above; nothing where there are none."""
    running = [run for run in stored if run.state in store.AT_WORK]
    waiting = jobs.queue(stored)
    others = [run for run in running if run.id != shown]
    if waiting:
        place.show_problem()
    is_shown_above = [run.id for run in waiting] == [shown] and not sweeps.busy(stored)
    if not (others or search.busy()) and (is_shown_above or not waiting):
        return
    estimates = estimate.of_runs(waiting, stored)
    left = [(run, forecast.left(run, stored)) for run in running]
    turns = forecast.turns(left, [(run, estimates[run.id] and estimates[run.id].seconds) for run in waiting], estimate.slots())
    places = {run.id: place for place, run in enumerate(waiting, start=1)}
    with st.container(border=True, key="queue", gap="small"):
        _heading(waiting, turns, estimates)
        sweep.show_busy(stored)
        most = st.session_state.get(_ROWS, _MANY)
        for run, seconds in [each for each in left if each[0] in others][:most]:
            waiting_row.show_running(run, seconds)
        for turn in turns[:most]:
            if waiting_row.show(turn, places, estimates[turn.run.id], len(running), turn.run.id == shown):
                cancel([turn.run])
        _offer_more(max(0, len(others) - most), max(0, len(turns) - most), most)


def _offer_more(running: int, waiting: int, most: int) -> None:
    """Say how many more there are, and show some of them."""
    if running or waiting:
        what = ", ".join(f"{count:,} {does}" for count, does in ((running, "running"), (waiting, "waiting")) if count)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Not shown: {what}.", width="content")
            st.button("Show more", icon=":material/expand_more:", key="queue-more", on_click=_show, args=[most + _MORE])


def _show(rows: int) -> None:
    st.session_state[_ROWS] = rows


def cancel(waiting: list[Run]) -> None:
    """Cancel these runs and draw the page again, with undo on it; a cancelled run leaves the address."""
    undo.cancel(waiting)
    if st.query_params.get("run") in {run.id for run in waiting} - {run.id for run in store.list_all()}:
        del st.query_params["run"]
    st.rerun()


def _heading(waiting: list[Run], turns: list[Turn], estimates: dict[str, Estimate | None]) -> None:
    ends = [None if None in (turn.seconds, estimates[turn.run.id]) else turn.seconds + estimates[turn.run.id].seconds for turn in turns]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Queue", anchor=False, width="content")
        if waiting:
            last = "" if None in ends else f", all done in {names.forecast(max(ends))}"
            st.caption(f"{len(waiting)} waiting{last}", width="content", help=estimate.based_on(estimates.values()))
            st.space("stretch")
            with st.popover("Cancel all", icon=":material/clear_all:"):
                st.markdown("Cancel every waiting run? The running ones continue.")
                if others := names.others(waiting):
                    st.markdown(others)
                if st.button(
                    f"Cancel {names.counted(len(waiting), 'run')}", key="cancel-all", type="primary", disabled=access.looks_only()
                ):
                    cancel(waiting)
