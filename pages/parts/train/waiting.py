"""The queue: the running runs, the waiting ones in their order, when each starts and how long it takes."""

from collections.abc import Iterable

import streamlit as st

from catsdogs.queue import forecast, jobs
from catsdogs.queue.forecast import Estimate, Turn
from catsdogs.runs import Run, history, store
from catsdogs.system import devices
from pages.parts.shared import names, undo
from pages.parts.train import waiting_row


def show(shown: str | None) -> None:
    """Draw the queue, and the running runs except the one of that id, which is shown above; nothing where there are none."""
    stored = store.list_all()
    running = [run for run in stored if run.state == "running"]
    waiting = jobs.queue()
    others = [run for run in running if run.id != shown]
    if not (waiting or others):
        return
    estimates = {run.id: _estimate(run, stored, running) for run in waiting}
    left = [(run, forecast.left(run, stored)) for run in running]
    turns = forecast.turns(left, [(run, estimates[run.id] and estimates[run.id].seconds) for run in waiting], _slots())
    places = {run.id: place for place, run in enumerate(waiting, start=1)}
    with st.container(border=True, key="queue", gap="small"):
        _heading(waiting, turns, estimates)
        for run, seconds in left:
            if run in others:
                waiting_row.show_running(run, seconds)
        for turn in turns:
            if waiting_row.show(turn, places, estimates[turn.run.id], len(running), turn.run.id == shown):
                cancel([turn.run])


def cancel(waiting: list[Run]) -> None:
    """Cancel these runs and draw the page again, with undo on it; a cancelled run leaves the address."""
    undo.cancel(waiting)
    if st.query_params.get("run") in {run.id for run in waiting} - {run.id for run in store.list_all()}:
        del st.query_params["run"]
    st.rerun()


def _heading(waiting: list[Run], turns: list[Turn], estimates: dict[str, Estimate | None]) -> None:
    ends = [None if None in (turn.seconds, estimates[turn.run.id]) else turn.seconds + estimates[turn.run.id].seconds for turn in turns]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Queue", anchor=False, width="content")
        if waiting:
            last = "" if None in ends else f", all done in {names.duration(max(ends))}"
            st.caption(f"{len(waiting)} waiting{last}", width="content", help=_bases(estimates.values()))
            st.space("stretch")
            with st.popover("Cancel all", icon=":material/clear_all:"):
                st.markdown("Cancel every waiting run? The running ones continue.")
                if st.button(f"Cancel {names.counted(len(waiting), 'run')}", key="cancel-all", type="primary"):
                    cancel(waiting)


def _bases(estimates: Iterable[Estimate | None]) -> str | None:
    """What the durations are based on: a line for each stored run."""
    lines = set()
    for found in filter(None, estimates):
        scaled = ", scaled to this image size" if found.is_scaled else ""
        lines.add(f"- {names.with_seed(found.like)}: {found.seconds_an_epoch:.1f} s per epoch{scaled}")
    return "\n".join(("Estimated from the most similar stored runs:", "", *sorted(lines))) if lines else None


def _estimate(run: Run, stored: list[Run], running: list[Run]) -> Estimate | None:
    """Cached until a run ends or a running one has finished its first epoch."""
    ended = sum(run.state in store.ENDED for run in stored)
    measured = tuple(run.id for run in running if run.status.get("epoch", 0) > 1)
    return _forecast(run.id, ended, measured, run, stored)


@st.cache_data(show_spinner=False, max_entries=1000)
def _forecast(id: str, ended: int, measured: tuple[str, ...], _run: Run, _stored: list[Run]) -> Estimate | None:
    return forecast.duration(_run.config, _stored, history.epochs_done(_run))


@st.cache_resource(show_spinner=False)
def _slots() -> int:
    return len(devices.slots())
