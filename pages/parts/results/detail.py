"""A look into one run: how good, where it errs, how it came about, and with what."""

from datetime import datetime

import numpy as np
import pandas as pd
import streamlit as st

from catsdogs.analysis import calibration, curves, evaluation, summaries
from catsdogs.analysis.evaluation import Evaluation
from catsdogs.data import dataset
from catsdogs.figures import learning_curves, reliability_diagram, roc_curve
from catsdogs.runs import predictions, store
from catsdogs.runs.store import Run
from catsdogs.settings import config
from pages.parts.results import actions, mistakes, takeaway
from pages.parts.shared import chart, ending, frame, names, scores


def show(run: Run) -> None:
    """Everything about the run that is stored."""
    _show_heading(run)
    actions.show_label(run)
    ending.show(run)
    evaluated = evaluation.load(run)
    if evaluated:
        scores.show(evaluated)
        _show_errors(run, evaluated)
    elif run.state not in store.WAITING:
        st.info("This run ended before it was evaluated: there is no held-out accuracy. Resume it to get one.", icon=":material/info:")
    _show_curves(run)
    if evaluated:
        _show_calibration(run)
    _show_facts(run)


def _show_heading(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(names.plain(names.run(run)), anchor=False, width="content")
        st.badge(run.state, color={"finished": "green", "failed": "red"}.get(run.state, "gray"))
        st.space("stretch")
        if run.model_path.exists():
            st.page_link(frame.CLASSIFY, label="Classify with it", icon=":material/pets:", query_params={"model": run.id})
        if run.state in (*store.WAITING, "stopped", "interrupted", "failed"):
            st.page_link(frame.TRAIN, label="Watch, stop or resume it", icon=":material/model_training:", query_params={"run": run.id})
        st.page_link(frame.TRAIN, label="Repeat this run", icon=":material/replay:", query_params={"like": run.id})
        takeaway.show(run)


def _show_curves(run: Run) -> None:
    curve = curves.load(run)
    if not len(curve.epochs):
        return
    for measure, column in zip(curves.MEASURES, st.columns(2), strict=True):
        with column:
            chart.show(learning_curves.draw({names.run(run): curve}, measure), measure.capitalize(), key=f"curve-{measure}")
    began = curves.overfitting_from(curve)
    if began:
        last = curve.training["accuracy"][-1] - curve.validation["accuracy"][-1]
        kept = summaries.make(run)["best_epoch"]
        st.caption(
            f"Overfitting began after epoch {began}: from there the training loss went on falling and the validation loss did not. "
            f"At the end the two accuracies were {100 * last:.1f} points apart. The model of epoch {kept} is kept."
        )


def _show_errors(run: Run, evaluated: Evaluation) -> None:
    labels = dataset.label_of(evaluated.class_names[0]), dataset.label_of(evaluated.class_names[1])

    def show_roc() -> None:
        about = f"Of the held-out photographs; a {labels[1]} is the positive class"
        chart.show(roc_curve.draw(*evaluation.roc(*_answers(run)), evaluated.auc, labels), "ROC curve", "roc", help=about)

    mistakes.show(run, evaluated.confusion, labels, show_roc)


def _show_calibration(run: Run) -> None:
    classes, probabilities = _answers(run)
    found = calibration.measure(classes, probabilities)
    left, right = st.columns(2, vertical_alignment="center")
    with left:
        chart.show(reliability_diagram.draw(found), "Calibration", "reliability", help="Of the held-out photographs")
    with right:
        st.metric("expected calibration error (ECE)", f"{100 * found.error:.1f} points")
        st.markdown(
            "How far its probabilities can be taken at their word: of the pictures that it answers with 80 % confidence, 80 % should be "
            "right. Where bars stay below the dotted line, it is surer of itself than it should be; overfitting does that."
        )
        st.caption(f"{len(classes):,} held-out photographs in bins of 5 points; the ECE is their mean distance from the line.")


def _answers(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Classes and probabilities of class 1 of the held-out photographs, each of shape (n,)."""
    _, labels, probabilities = zip(*predictions.load(run), strict=True)
    return np.array(labels), np.array(probabilities)


def _times(run: Run) -> dict:
    """When the run was at work, and for how long in all: decoding and evaluation included."""
    times = {name: run.status[name] for name in ("started", "ended") if name in run.status}
    if len(times) == 2:
        started, ended = map(datetime.fromisoformat, times.values())
        times["duration"] = str(ended - started).partition(".")[0]
    return times


def _show_facts(run: Run) -> None:
    with st.expander("Settings", icon=":material/tune:"):
        values = config.to_json(run.config)
        st.dataframe(pd.DataFrame({"setting": values.keys(), "value": map(str, values.values())}), hide_index=True)
    with st.expander("Environment", icon=":material/memory:"):
        st.json({**store.environment(run), "seed": run.config.seed, **_times(run)})
    if run.log_path.exists():
        with st.expander("Log", icon=":material/terminal:"):
            st.code(run.log_path.read_text(encoding="utf-8", errors="replace")[-20_000:], language=None)
