"""Results: the stored runs, one in detail or several compared; sweeps; and the study, repeated."""

import streamlit as st

from catsdogs.runs import store
from catsdogs.system import access
from pages.parts.results import actions, comparison, detail, measure, overview, run_import, selection, study, sweep
from pages.parts.shared import frame, undo, unreadable

RUNS, SWEEPS, STUDY = "Runs", "Sweeps", "Repeat the study"


def compare(name: str) -> None:
    """A click on Sweeps: select the runs of that one on Runs."""
    st.session_state.view = RUNS
    overview.renew()
    selection.choose_sweep(name)


frame.heading("Results", "Every run is kept. Select one to see it in detail, or several to compare them.")
default = None if "view" in st.session_state else RUNS  # `compare` may have set it
view = frame.switch("View", (RUNS, SWEEPS, STUDY), "view", default=default, bind="query-params")
if view == SWEEPS:
    unreadable.mention()
    sweep.show(compare)
    st.stop()
if view == STUDY:
    unreadable.mention()
    study.show()
    st.stop()

undo.show("results")
unreadable.show()
stored = store.list_all()
if not stored:
    if access.looks_only():
        frame.empty_state("query_stats", "No runs yet", "Once somebody has trained one, it is listed here.")
    else:
        with frame.empty_state("query_stats", "No runs yet", "Train one: Quick start is enough for the drawn data set."):
            if st.button("Train a run", type="primary", icon=":material/model_training:"):
                st.switch_page(frame.TRAIN)
            run_import.show()
        run_import.tell()
    measure.show_bundled()
    st.stop()

selection.show_missing(stored)
picked, rows = overview.show(stored)
actions.show(picked, rows)
if rows.empty:
    st.stop()
if not picked:
    about = "the row to see the run in detail" if len(stored) == 1 else "a row to see that run in detail, or several to compare them"
    by_keyboard = "" if frame.is_phone() else " With the keyboard, go to the row and press Shift+Space."
    st.info(f"Tick {about}.{by_keyboard}", icon=":material/left_click:")
    measure.show_bundled()
elif len(picked) == 1:
    detail.show(picked[0])
else:
    comparison.show(picked)
