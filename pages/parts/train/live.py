"""A run that waits or trains, as it goes on: progress, curves, stop; its end, with what to do next; and the queue below it.

Only this part of the page is drawn again, once a second, and only while something happens.
"""

import streamlit as st

from catsdogs.analysis import evaluation
from catsdogs.errors import InputError
from catsdogs.figures import live_curves
from catsdogs.queue import jobs
from catsdogs.runs import history, liveness, store
from catsdogs.runs.store import Run
from catsdogs.settings import presets
from pages.parts.shared import ending, frame, names, scores
from pages.parts.train import waiting

_EVERY = 1.0  # seconds


def show(id: str | None) -> None:
    """The run of that id, or else the one that is at work, and the queue; nothing where there is none."""
    busy = [run for run in store.list_all() if run.state in store.WAITING]
    try:
        run = store.load(id) if id else next((run for run in busy if run.state == "running"), next(iter(jobs.queue()), None))
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        run = None
    if id:
        st.query_params["run"] = id  # a link from this page to itself changes what is drawn, but not the address
    if run and run.state in store.WAITING:
        _poll(run)
        return
    if run:
        with st.container(border=True, key="live"):
            _ended(run)
    if busy:
        _poll_queue(run.id if run else None)


@st.fragment(run_every=_EVERY)
def _poll(run: Run) -> None:
    try:
        run = store.load(run.id)
    except InputError:  # cancelled in another tab
        st.rerun()
    if run.state not in store.WAITING:
        st.rerun()
    epochs = history.load(run)
    with st.container(border=True, key="live"):
        with st.container(horizontal=True, vertical_alignment="center"):
            _heading(run)
            st.space("stretch")
            if run.state == "queued":
                if st.button("Cancel", icon=":material/close:", key=f"cancel-looked-at-{run.id}"):
                    waiting.cancel([run])
            elif st.button("Stop", icon=":material/stop:", key=f"stop-{run.id}", disabled=liveness.is_stop_requested(run.folder)):
                jobs.stop(run)
        st.progress(*_progress(run, len(epochs)))
        if run.state == "running":
            _numbers(run, epochs)
            _curves(run, epochs)
    waiting.show(run.id)


@st.fragment(run_every=_EVERY)
def _poll_queue(looked_at: str | None) -> None:
    if not any(run.state in store.WAITING for run in store.list_all()):
        st.rerun()
    waiting.show(looked_at)


def _ended(run: Run) -> None:
    epochs = history.load(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        _heading(run)
        st.space("stretch")
        if run.is_resumable and st.button("Resume", icon=":material/resume:"):
            jobs.resume(run)
            st.rerun()
        st.page_link(frame.RESULTS, label="Look into it", icon=":material/query_stats:", query_params={"run": run.id})
        if run.model_path.exists():
            st.page_link(frame.CLASSIFY, label="Classify with it", icon=":material/pets:", query_params={"model": run.id})
        if st.button("Close", icon=":material/close:", type="tertiary"):
            st.query_params.clear()
            st.rerun()
    ending.show(run)
    if (evaluated := evaluation.load(run)) is not None:
        scores.show(evaluated)
    if epochs:
        _curves(run, epochs)


def _heading(run: Run) -> None:
    said = {"queued": "Waiting", "running": "Training"}.get(run.state, run.state.capitalize())
    with st.container(gap="xxsmall", width="content"):
        st.subheader(f"{said} · {names.plain(names.run(run))}", anchor=False)
        st.caption(f"{presets.title(run.config)} · seed {run.config.seed}")


def _progress(run: Run, epochs_done: int) -> tuple[float, str]:
    if run.state == "queued":
        ids = [other.id for other in jobs.queue()]
        before = ids.index(run.id) if run.id in ids else 0  # it may have started a moment ago
        return 0.0, f"waits for the device; {before} queued before it" if before else "waits for the device"
    status = run.status
    share = status.get("done", 0) / status.get("total", 1)
    if status.get("phase") != "training":
        count = f": {status['done']:,} of {status['total']:,}" if "total" in status else ""
        return share, f"{status.get('message', 'starting')}{count}"
    if status.get("activity") == "validating":
        share = 1.0
    epoch = status.get("epoch", 0)
    if epoch <= epochs_done:  # the next one has begun, but has not reported yet
        epoch, share = min(epochs_done + 1, run.config.epochs), float(epochs_done == run.config.epochs)
    return min(
        1.0, (epoch - 1 + share) / run.config.epochs
    ), f"epoch {epoch} of {run.config.epochs} · {status.get('activity', 'compiling')}"


def _numbers(run: Run, epochs: list[dict]) -> None:
    last = epochs[-1] if epochs else {}
    speed, left = run.status.get("pictures_per_second"), run.status.get("seconds_left")
    with st.container(horizontal=True):
        st.metric("epochs done", f"{len(epochs)} / {run.config.epochs}")
        st.metric("validation accuracy", _share(last.get("val_accuracy")))
        st.metric("training accuracy", _share(last.get("accuracy")))
        st.metric("pictures a second", f"{speed:,.0f}" if speed else "–")
        st.metric("time left", f"{int(left) // 60}:{int(left) % 60:02d} min" if left is not None else "–")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _curves(run: Run, epochs: list[dict]) -> None:
    for measure, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            st.echarts_chart(live_curves.option(epochs, measure, run.config.epochs), height=300, key=f"{measure}-{run.id}")
