"""A look into one run: how good, where it errs, how it came about, and with what."""

import numpy as np
import pandas as pd
import streamlit as st

from catsdogs import charts, config, dataset, evaluation, images, runs
from catsdogs.errors import InputError
from catsdogs.runs import Run
from pages.parts import ending, frame, names, scores

_PLOT = {"displaylogo": False}


def show(run: Run) -> None:
    """Everything about the run that is stored."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(names.run(run), anchor=False, width="content")
        st.badge(run.state, color={"finished": "green", "failed": "red"}.get(run.state, "gray"))
        st.space("stretch")
        if run.model_path.exists():
            st.page_link(frame.CLASSIFY, label="Classify with it", icon=":material/pets:", query_params={"model": run.id})
        if run.state in (*runs.WAITING, "stopped", "interrupted", "failed"):
            st.page_link(frame.TRAIN, label="Watch, stop or resume it", icon=":material/model_training:", query_params={"run": run.id})
    ending.show(run)
    evaluated = runs.evaluation(run)
    if evaluated:
        scores.show(evaluated)
        _show_errors(run, evaluated)
    elif run.state not in runs.WAITING:
        st.info("This run ended before it was evaluated: there is no held-out accuracy. Resume it to get one.", icon=":material/info:")
    _show_curves(run)
    _show_facts(run)


def _show_errors(run: Run, evaluated: dict) -> None:
    names = evaluated["class_names"]
    labels = (dataset.label_of(names[0]), dataset.label_of(names[1]))
    predictions = runs.predictions(run)
    classes, probabilities = (np.array([row[column] for row in predictions]) for column in (1, 2))
    left, right = st.columns(2)
    with left:
        st.subheader("Confusion matrix", anchor=False, help="Of the held-out photographs")
        st.plotly_chart(charts.confusion(evaluated["confusion"], labels), key="confusion", config={"displayModeBar": False})
    with right:
        st.subheader("ROC curve", anchor=False, help=f"Of the held-out photographs; a {labels[1]} is the positive class")
        st.plotly_chart(charts.roc(*evaluation.roc(classes, probabilities), evaluated["auc"], labels), key="roc", config=_PLOT)
    _show_mistakes(run, labels, classes, probabilities, [row[0] for row in predictions])


def _show_mistakes(run: Run, labels: tuple[str, str], classes: np.ndarray, probabilities: np.ndarray, paths: list[str]) -> None:
    wrong = np.flatnonzero((probabilities >= 0.5) != classes)
    if not len(wrong):
        return
    sure = np.abs(probabilities[wrong] - 0.5) + 0.5
    st.subheader("Most confidently wrong", anchor=False, help="Held-out photographs that it got wrong, the surest ones first")
    with st.grid(columns=6, min_column_width=120):
        for index, confidence in sorted(zip(wrong, sure, strict=True), key=lambda pair: -pair[1])[:6]:
            try:
                picture = images.load(dataset.Path(run.config.data, paths[index]), 180)
            except (InputError, OSError):
                st.caption(f"{paths[index]} is no longer there.")
                continue
            truth, answer = labels[classes[index]], labels[1 - classes[index]]
            st.image(picture, caption=f"“{answer}”, {confidence:.0%} sure; it is a {truth}", width="stretch")


def _show_curves(run: Run) -> None:
    history = runs.history(run)
    if not history:
        return
    for measure, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            st.subheader(measure.capitalize(), anchor=False)
            st.plotly_chart(charts.curves({names.run(run): history}, measure), key=f"curve-{measure}", config=_PLOT)


def _show_facts(run: Run) -> None:
    with st.expander("Settings", icon=":material/tune:"):
        values = config.to_json(run.config)
        st.dataframe(pd.DataFrame({"setting": values.keys(), "value": map(str, values.values())}), hide_index=True)
    with st.expander("Environment", icon=":material/memory:"):
        st.json(runs.environment(run))
    if run.log_path.exists():
        with st.expander("Log", icon=":material/terminal:"):
            st.code(run.log_path.read_text(encoding="utf-8", errors="replace")[-20_000:], language=None)
