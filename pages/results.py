"""Results: the stored runs; look into one, or compare several. The selection is in the address, so that it can be passed on."""

import pandas as pd
import streamlit as st

from catsdogs import presets, runs
from catsdogs.runs import Run
from pages.parts import comparison, detail, frame, names, scores

frame.require_app()

_PERCENT = {"train_accuracy": "training", "val_accuracy": "validation", "test_accuracy": "held out"}


@st.cache_data(show_spinner=False, max_entries=5000)
def _row(id: str, state: str, epochs_done: int) -> dict:
    """One line of the table; it changes only with the state and the count of epochs."""
    run = runs.load(id)
    summary, history = runs.summary(run), runs.history(run)
    return {
        **summary,
        **{name: scores.percent(summary[name]) for name in _PERCENT},
        "name": names.run(run),
        "preset": presets.title(run.config),
        "curve": [epoch["val_accuracy"] for epoch in history],
        "created": run.created,
    }


def table(stored: list[Run]) -> list[Run]:
    """Draw the table and return the selected runs."""
    rows = pd.DataFrame([_row(run.id, run.state, runs.epochs_done(run)) for run in stored])
    wanted = st.query_params.get_all("run")
    linked = [index for index, run in enumerate(stored) if run.id in wanted]
    percent = {
        name: st.column_config.NumberColumn(title, format="%.1f %%", help=f"Accuracy on the {title} photographs")
        for name, title in _PERCENT.items()
    }
    chosen = st.dataframe(
        rows,
        hide_index=True,
        placeholder="–",
        key=f"runs-{len(stored)}-{stored[0].id}",  # another table, another selection
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": linked}} if linked else None,
        column_order=("name", *reversed(_PERCENT), "curve", "preset", "state", "epochs_done", "minutes", "created"),
        column_config={
            "name": st.column_config.TextColumn("run", pinned=True),
            "curve": st.column_config.LineChartColumn(y_min=0.4, y_max=1.0, width="small", help="Validation accuracy, epoch by epoch"),
            "epochs_done": st.column_config.NumberColumn("epochs"),
            "minutes": st.column_config.NumberColumn("minutes", format="%.1f", width="small"),
            "created": st.column_config.DatetimeColumn("started", format="distance"),
            **percent,
        },
    )
    picked = [stored[row] for row in chosen.selection.rows]
    if [run.id for run in picked] != wanted:
        st.query_params["run"] = [run.id for run in picked]
    return picked


frame.heading("Results", "Every run is kept. Select one to look into it, or several to see what a choice did.")

stored = runs.list_all()
if not stored:
    box = frame.empty_state("query_stats", "No runs yet", "Train one: Quick start takes about a minute on the drawn data set.")
    box.page_link(frame.TRAIN, label="To the training", icon=":material/model_training:")
    st.stop()

picked = table(stored)
if not picked:
    st.info("Tick one row to look into that run, two or more to lay their curves over each other.", icon=":material/left_click:")
elif len(picked) == 1:
    detail.show(picked[0])
else:
    comparison.show(picked)
