"""A run measured on the photographs of a data set that it did not learn from, beside the bundled network; and what was found before."""

import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from catsdogs.analysis import calibration, comparison, measurements, ranking, significance
from catsdogs.analysis.measurements import Measurement
from catsdogs.data import known_folders
from catsdogs.inference import measuring
from catsdogs.runs import Run, store, temperature
from catsdogs.system import access
from pages.parts.shared import backend, chosen_data, frame, names

_ABOUT = (
    "Accuracies can only be compared on the same photographs. This measures the network on those of any data set, except the ones that it "
    "learned from or that chose its epoch; these are recognised by their content, whatever they are called."
)
_BUNDLED = (
    "The bundled network learned from part of Microsoft's collection of cats and dogs, squeezed to squares. The application can't "
    "recognise these photographs in the original files, so on that collection its accuracy comes out too high."
)
_ECE = (
    "Expected calibration error: the average difference between the probability of an answer and the share that is right; the fewer the "
    "photographs, the more of it is chance"
)


def show_bundled() -> None:
    """That of the bundled network, which is not among the stored runs."""
    with st.expander(":material/straighten: The bundled network on your photographs"):
        _show(store.load(store.SHIPPED))
        st.caption(_BUNDLED)


def show(run: Run) -> None:
    """The choice of a data set with the button, and a row for each data set measured. Nothing where the run has no model yet."""
    if run.model_path.exists():
        st.header("On other photographs", anchor=False, help=_ABOUT)
        _show(run)


def _show(run: Run) -> None:
    known = sorted(known_folders.load())  # which has the one used last first, and would change under the mouse
    if known:
        _offer(run, known)
    else:
        st.page_link(frame.DATA, label="Choose a data set to measure it on", icon=":material/photo_library:")
    found = measurements.load(run)
    if found:
        _list(run, found)


def _offer(run: Run, known: list[Path]) -> None:
    is_bundled = run.id == store.SHIPPED
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = known.index(chosen_data.folder()) if chosen_data.folder() in known else 0
        folder = st.selectbox("Data set", known, index=place, format_func=names.data_sets(known), width=420, key=f"measure-on-{run.id}")
        pressed = st.button(
            "Measure",
            icon=":material/straighten:",
            key=f"measure-{run.id}",
            disabled=access.looks_only() or run.state in store.WAITING,
        )
        about = f"To compare the two on the same photographs. {_BUNDLED}"
        both = not is_bundled and st.checkbox("And the bundled network", value=True, help=about)
    if pressed:
        runs = [run, store.load(store.SHIPPED)] if both else [run]
        with frame.reported():
            listing = chosen_data.check(folder)
            for plan in [measuring.plan(each, listing) for each in runs]:  # all of them, before the first takes its time
                _measure(plan)


def _measure(plan: measuring.Plan) -> None:
    whose = "the bundled network" if plan.run.id == store.SHIPPED else "this network"
    bar, moments = st.progress(0.0, f"Measuring {whose}"), []

    def report(done: int, total: int) -> None:
        moments.append((time.monotonic(), done))
        left = time_left(moments, total)
        bar.progress(done / total, f"Measuring {whose}: {done:,} of {total:,} photographs{left}. Leaving the page ends it.")

    try:
        measuring.measure(plan, lambda pictures: backend.classify(plan.run, pictures), report)
    finally:
        bar.empty()


def time_left(moments: Sequence[tuple[float, int]], total: int) -> str:
    """By the seconds at which so many photographs were done, for the bar. The first ones don't count: the network was loaded for them."""
    (began, first), (now, done) = moments[0], moments[-1]
    return f", {names.forecast((now - began) / (done - first) * (total - done))} left" if first < done < total else ""


def _list(run: Run, found: tuple[Measurement, ...]) -> None:
    columns = {
        "accuracy": st.column_config.NumberColumn(format="%.1f%%"),
        "ECE": st.column_config.NumberColumn(format="%.1f%%", help=_ECE),
        "photographs": st.column_config.NumberColumn(format="%,d"),
        "left out": st.column_config.TextColumn(help="Photographs that it learned from, or that can't be used for another reason"),
        "measured": st.column_config.DatetimeColumn(format="distance"),
    }
    value = temperature.load(run).value
    rows = pd.DataFrame(_row(one, value) for one in found)
    rows = rows if rows["caution"].any() else rows.drop(columns="caution")
    st.dataframe(rows, hide_index=True, height="content", column_config=columns, alt="Accuracies on other photographs")
    if run.id != store.SHIPPED:
        _compare(run, found)


def _compare(run: Run, found: tuple[Measurement, ...]) -> None:
    """With the bundled network, on the photographs that both were measured on."""
    bundled = store.load(store.SHIPPED)
    compared = [(one, ranking.compare(bundled, run, one.fingerprint)) for one in found]
    compared = [(one, estimate) for one, estimate in compared if estimate]
    differences = significance.judge([estimate for _, estimate in compared])
    for (one, _), difference in zip(compared, differences, strict=True):
        sentence = comparison.finding("the bundled network", "this run", difference)
        st.caption(f"{names.plain(names.data_set(one.data))}: {sentence}")


def _row(found: Measurement, value: float) -> dict:
    return {
        "data set": names.data_set(found.data),
        "accuracy": names.percent(found.accuracy),
        "95% interval": names.interval(found.low, found.high),
        "ECE": names.percent(calibration.before_and_after(found.photographs, value)[1].error),
        "caution": found.caution,
        "photographs": len(found.photographs),
        "left out": found.omission,
        "measured": pd.Timestamp(found.measured),
    }
