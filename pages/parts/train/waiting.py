"""The queue: what runs beside the run that is looked at, what waits for what, for how long, and buttons that change it."""

from collections.abc import Iterable
from functools import partial

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import forecast, jobs
from catsdogs.queue.forecast import Estimate, Turn
from catsdogs.runs import history, store
from catsdogs.runs.store import Run
from catsdogs.system import devices
from pages.parts.shared import frame, names, undo

_FAR = 10_000  # places: to the very front


def show(looked_at: str | None) -> None:
    """Draw the queue, and the running runs other than the one that is looked at; nothing where there are none."""
    stored = store.list_all()
    running = [run for run in stored if run.state == "running"]
    waiting = jobs.queue()
    others = [run for run in running if run.id != looked_at]
    if not (waiting or others):
        return
    takes = {run.id: _judged(run, stored, running) for run in waiting}
    left = [(run, forecast.left(run, stored)) for run in running]
    turns = forecast.turns(left, [(run, takes[run.id] and takes[run.id].seconds) for run in waiting], _slots())
    with st.container(border=True, key="queue", gap="small"):
        _heading(waiting, turns, takes)
        for run, seconds in left:
            if run in others:
                _running_row(run, seconds)
        places = {run.id: place for place, run in enumerate(waiting, start=1)}
        for turn in turns:
            _row(turn, places, takes[turn.run.id], len(running), turn.run.id == looked_at)


def cancel(waiting: list[Run]) -> None:
    """Cancel these runs and draw the page again, with the way back; the address forgets one that is gone."""
    undo.cancel(waiting)
    if st.query_params.get("run") in {run.id for run in waiting} - {run.id for run in store.list_all()}:
        del st.query_params["run"]
    st.rerun()


def _heading(waiting: list[Run], turns: list[Turn], takes: dict[str, Estimate | None]) -> None:
    ends = [None if None in (turn.seconds, takes[turn.run.id]) else turn.seconds + takes[turn.run.id].seconds for turn in turns]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Queue", anchor=False, width="content")
        if waiting:
            last = "" if None in ends else f", all done in {names.duration(max(ends))}"
            st.caption(f"{len(waiting)} {'wait' if len(waiting) > 1 else 'waits'}{last}", width="content", help=_bases(takes.values()))
            st.space("stretch")
            with st.popover("Cancel all", icon=":material/clear_all:"):
                st.markdown("None of the waiting runs will be trained. The running one goes on.")
                if st.button(f"Cancel {_counted(len(waiting))}", key="cancel-all", type="primary"):
                    cancel(waiting)


def _running_row(run: Run, seconds: float | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{run.id}"):
        _name(":material/play_arrow:", run, is_looked_at=False)
        st.caption("is running" + ("" if seconds is None else f", {names.duration(seconds)} left"), width="stretch")


def _row(turn: Turn, places: dict[str, int], takes: Estimate | None, running: int, is_looked_at: bool) -> None:
    run, place = turn.run, places[turn.run.id]
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{run.id}"):
        _name(f":small[**{place}**]", run, is_looked_at)
        st.caption(f"{_start(turn, places, running)} · {_length(run, takes)}", width="stretch")
        with st.container(horizontal=True, gap="xsmall", width="content", wrap=False):
            called = names.with_seed(run)
            _button(run, "first", "vertical_align_top", f"To the front: {called}", partial(_move, run, -_FAR), place == 1)
            _button(run, "earlier", "arrow_upward", f"Earlier: {called}", partial(_move, run, -1), place == 1)
            _button(run, "later", "arrow_downward", f"Later: {called}", partial(_move, run, 1), place == len(places))
            if _button(run, "cancel", "close", f"Cancel: {called}", None, False):
                cancel([run])


def _name(mark: str, run: Run, is_looked_at: bool) -> None:
    label = names.with_seed(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width=350, wrap=False):
        st.markdown(mark, width=28)
        if is_looked_at:
            st.markdown(f":small[**{label}**]")
        else:
            st.page_link(frame.TRAIN, label=label, query_params={"run": run.id})


def _button(run: Run, name: str, icon: str, about: str, act, disabled: bool) -> bool:
    """An icon; `about` is its tooltip, and its name for those who don't see it (the style sheet hides it from the others)."""
    return st.button(about, icon=f":material/{icon}:", key=f"{name}-{run.id}", help=about, type="tertiary", on_click=act, disabled=disabled)


def _start(turn: Turn, places: dict[str, int], running: int) -> str:
    if turn.after is None:
        return "next on the free device" if turn.seconds == 0 else "when a device is free"
    when = "" if turn.seconds is None else f"in {names.duration(turn.seconds)}, "
    if turn.after.id in places:
        return f"{when}after no. {places[turn.after.id]}"
    return f"{when}after {'the running one' if running == 1 else names.with_seed(turn.after)}"


def _length(run: Run, takes: Estimate | None) -> str:
    if takes is None:
        return "length not known yet"
    return f"takes {'up to ' if run.config.early_stopping else ''}{names.duration(takes.seconds)}"


def _bases(judged: Iterable[Estimate | None]) -> str | None:
    """What the lengths rest on, a line for each run that was judged by."""
    lines = {
        f"- {names.with_seed(takes.like)}: {takes.seconds_an_epoch:.1f} s an epoch{', in this size' if takes.is_scaled else ''}"
        for takes in judged
        if takes
    }
    return "\n".join(("Judged by the stored runs that are most like them:", "", *sorted(lines))) if lines else None


def _counted(count: int) -> str:
    return f"{count} runs" if count > 1 else "1 run"


def _move(run: Run, places: int) -> None:
    try:
        jobs.move(run, places)
    except InputError as error:  # it has started since the row was drawn
        st.toast(str(error), icon=":material/info:")


def _judged(run: Run, stored: list[Run], running: list[Run]) -> Estimate | None:
    """Judged once, and again only when a run has ended or a running one has its first epoch behind it."""
    ended = sum(run.state in store.ENDED for run in stored)
    telling = tuple(run.id for run in running if run.status.get("epoch", 0) > 1)
    return _judge(run.id, ended, telling, run, stored)


@st.cache_data(show_spinner=False, max_entries=1000)
def _judge(id: str, ended: int, telling: tuple[str, ...], _run: Run, _stored: list[Run]) -> Estimate | None:
    return forecast.duration(_run.config, _stored, history.epochs_done(_run))


@st.cache_resource(show_spinner=False)
def _slots() -> int:
    return len(devices.slots())
