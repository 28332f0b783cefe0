"""How far a run is: a bar, numbers, and its learning curves so far."""

import streamlit as st

from catsdogs.figures import live_curves
from catsdogs.queue import jobs
from catsdogs.runs import Run
from catsdogs.system import words
from pages.parts.shared import names

_LOADING = "loading Keras, which takes some seconds"  # as the worker's process begins


def bar(run: Run, epochs_done: int, stored: list[Run]) -> tuple[float, str]:
    """For `st.progress`: the share of all epochs that is done, and what the run, one of the stored ones, is doing now."""
    if run.state == "queued":
        ids = [other.id for other in jobs.queue(stored)]
        before = ids.index(run.id) if run.id in ids else 0  # it may just have started
        ahead = before + sum(other.state == "running" for other in stored)
        return 0.0, "Waiting for a device" + (f", behind {names.counted(ahead, 'other run')}" if ahead else "")
    status = run.status
    share = status.get("done", 0) / status.get("total", 1)
    if status.get("phase") != "training":
        count = f": {status['done']:,.0f} of {status['total']:,.0f}" if "total" in status else ""
        message = status.get("message", "starting") if status.get("phase") != "starting" else _LOADING
        return share, f"{message[:1].upper()}{message[1:]}{count}"
    if status.get("activity") == "validating":
        share = 1.0
    epoch = status.get("epoch", 0)
    if epoch <= epochs_done:  # the next one has begun, but not reported yet
        epoch, share = min(epochs_done + 1, run.config.epochs), float(epochs_done == run.config.epochs)
    done = min(1.0, (epoch - 1 + share) / run.config.epochs)
    return done, f"Epoch {epoch} of {run.config.epochs} · {status.get('activity', 'compiling the network')}"


def show_numbers(run: Run, epochs: list[dict], seconds: float | None) -> None:
    """Accuracies of the last epoch, speed and time left; before the first epoch has ended, what to expect.

    `seconds` is how long it takes according to similar runs, where these are known.
    """
    speed, left = run.status.get("pictures_per_second"), run.status.get("seconds_left")
    if not epochs:
        st.caption(f":material/schedule: {_to_expect(run, seconds)}")
        return
    last = epochs[-1]
    with st.grid(columns=5, min_column_width=136):
        st.metric("Epochs done", f"{len(epochs)} / {run.config.epochs}")
        st.metric("Validation accuracy", _share(last.get("val_accuracy")), help="On photographs it doesn't learn from, after each epoch")
        st.metric("Training accuracy", _share(last.get("accuracy")), help="On the photographs it learns from, during the epoch")
        st.metric("Images per second", f"{speed:,.0f}" if speed else "–")
        expected = "–" if seconds is None else names.forecast(seconds)
        st.metric("Time left", expected if left is None else _clock(int(left)))


def _to_expect(run: Run, seconds: float | None) -> str:
    """In the first epoch, and before it."""
    first = "The curves begin when the first epoch has ended."
    if (left := run.status.get("seconds_left")) is not None:
        return f"{first} Time left in all: {_clock(int(left))}."
    if seconds is None:
        return f"{first} The time left is known after a few batches."
    return f"{first} The run takes {names.forecast(seconds, bool(run.config.early_stopping))} in all, judging by similar ones."


def _clock(seconds: int) -> str:
    """2:07, or 5 h 33 min from an hour on."""
    return words.duration(seconds) if seconds >= 3600 else f"{seconds // 60}:{seconds % 60:02d}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def show_curves(run: Run, epochs: list[dict]) -> None:
    """Accuracy and loss, side by side."""
    for measure, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            title = measure.capitalize()
            st.markdown(f"**{title}**", help=names.MEASURES[measure])  # beside it, the chart's toolbar covers nothing
            option = live_curves.option(epochs, measure, run.config.epochs)
            st.echarts_chart(option, height=290, key=f"{measure}-{run.id}", alt=f"{title} by epoch")
