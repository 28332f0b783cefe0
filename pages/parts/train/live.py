"""A run while it waits or trains: progress, curves, stop; after its end, what to do next; and the queue below it.

Only this part of the page is drawn again, and only while runs wait or train: the run once a second, the queue, which has many more
elements, every few seconds.
"""

import streamlit as st

from catsdogs.analysis import evaluation, summaries
from catsdogs.errors import InputError
from catsdogs.queue import forecast, jobs
from catsdogs.runs import Run, history, liveness, store
from catsdogs.system import access
from pages.parts.shared import frame, names, outcome, unreadable
from pages.parts.train import bell, place, progress, search, waiting

_EVERY = 1.0  # seconds
_QUEUE_EVERY = 3.0  # seconds
_LOST = "lost_run"  # in the session: the run that was shown, from when somebody else deleted it until the page is drawn


def show(id: str | None) -> None:
    """The run of that id, else the running one, else the next one, this person's first; and the queue. Nothing where there is none."""
    busy = [run for run in store.list_all() if run.state in store.WAITING]
    if lost := st.session_state.pop(_LOST, None):
        name = " ".join(filter(None, (names.plain(names.with_seed(lost)), names.starter(lost))))
        st.warning(f"{name} is gone: it was cancelled while it waited, or deleted.", icon=":material/delete:")
        if id == lost.id:
            del st.query_params["run"]
            id = None
    try:
        run = store.load(id) if id else _nearest(busy)
    except InputError as error:
        unreadable.explain(id, error)
        run = None
    if id:
        st.query_params["run"] = id  # a link from this page to itself does not change the address
    bell.show(run)
    if run and run.state in store.WAITING:
        _poll(run)
        _draw_queue(run.id)
        return
    if run:
        with st.container(border=True, key="live"):
            _ended(run)
    if busy or search.busy():
        _poll_queue(run.id if run else None)


def _nearest(busy: list[Run]) -> Run | None:
    """Of those at work and those that wait, in their order, the first one that this person started, else the first one."""
    ordered = [*(run for run in busy if run.state in store.AT_WORK), *jobs.queue()]
    return next((run for run in ordered if run.by == access.person().name), next(iter(ordered), None))


@st.fragment(run_every=_EVERY)
def _poll(run: Run) -> None:
    try:
        run = store.load(run.id)
    except InputError:  # cancelled in another tab
        st.session_state[_LOST] = run
        st.rerun()
    stored = store.list_all()  # once, as it asks the file system about every run
    if bell.catch_up(run, stored) or run.state not in store.WAITING:
        st.rerun()
    epochs = history.load(run)
    with st.container(border=True, key="live"):
        with st.container(horizontal=True, vertical_alignment="center"):
            _heading(run)
            st.space("stretch")
            if run.state == "queued":
                if st.button("Cancel", icon=":material/close:", key=f"cancel-shown-{run.id}", disabled=access.looks_only()):
                    waiting.cancel([run])
            else:
                _buttons(run)
        if run.state == "hung":
            st.warning(outcome.hung(run), icon=":material/hourglass_disabled:")
        share, doing = progress.bar(run, len(epochs), stored)
        st.progress(share, "Stopping; whole epochs are kept" if _is_asked(run) else doing)
        if run.state in store.AT_WORK:
            progress.show_numbers(run, epochs, forecast.left(run, stored))
            if epochs:
                progress.show_curves(run, epochs)


@st.fragment(run_every=_QUEUE_EVERY)
def _draw_queue(shown: str) -> None:
    waiting.show(shown, store.list_all())


@st.fragment(run_every=_QUEUE_EVERY)
def _poll_queue(shown: str | None) -> None:
    stored = store.list_all()
    if bell.catch_up(None, stored) or not (search.busy() or any(run.state in store.WAITING for run in stored)):
        st.rerun()
    waiting.show(shown, stored)


def _buttons(run: Run) -> None:
    """Of a running run: one that hangs can be ended though it was asked before, and resumed."""
    with frame.toasted():
        if st.button("Stop", icon=":material/stop:", key=f"stop-{run.id}", disabled=_is_asked(run) or access.looks_only()):
            jobs.stop(run)
        resume = {"icon": ":material/resume:", "key": f"resume-{run.id}", "disabled": access.looks_only()}
        if run.state == "hung" and st.button("Resume", **resume):
            jobs.resume(run)


def _is_asked(run: Run) -> bool:
    """Whether it was asked to stop, and is still to react."""
    return run.state == "running" and liveness.is_stop_requested(run.folder)


def _resume(run: Run) -> None:
    try:
        jobs.resume(run)
    except InputError as error:
        if not jobs.is_there(run) or store.load(run.id).state not in store.WAITING:  # else another tab was faster
            st.toast(names.said(error), icon=":material/error:")
            return
    st.rerun()


def _ended(run: Run) -> None:
    epochs = history.load(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        _heading(run)
        st.space("stretch")
        if run.is_resumable and st.button("Resume", icon=":material/resume:", disabled=access.looks_only()):
            _resume(run)
        st.page_link(frame.RESULTS, label="View results", icon=":material/query_stats:", query_params={"run": run.id})
        if run.model_path.exists():
            st.page_link(frame.CLASSIFY, label="Classify with it", icon=":material/pets:", query_params={"model": run.id})
        if st.button("Close", icon=":material/close:", type="tertiary"):
            st.query_params.clear()
            st.rerun()
    outcome.show(run)
    if (epochs or run.state == "failed") and not evaluation.load(run):
        st.caption(_so_far(run, epochs))
    if epochs:
        progress.show_curves(run, epochs)


def _so_far(run: Run, epochs: list[dict]) -> str:
    """Of a run that ended before its evaluation."""
    accuracy = summaries.make(run)["val_accuracy"]  # None where the loss was not a number
    reached = "" if accuracy is None else f"; validation accuracy {accuracy:.1%}"
    then = " Resume it to train the others and to get a held-out accuracy." if run.is_resumable else ""
    if run.state == "failed":
        then = " If its settings were the cause, change them in a new run; otherwise, resume it."
    return f"{len(epochs)} of {names.counted(run.config.epochs, 'epoch')} done{reached}.{then}"


def _heading(run: Run) -> None:
    state = {"queued": "Waiting", "running": "Training"}.get(run.state, run.ending.capitalize())
    with st.container(gap="xxsmall", width="content"):
        st.header(f"{state} · {names.plain(names.run(run))}", anchor=False)
        st.caption(" · ".join(filter(None, (names.about(run), place.of(run)))))
