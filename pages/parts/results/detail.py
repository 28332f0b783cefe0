"""One run in detail: how good it is, where it errs, how it learned, and with which settings."""

import pandas as pd
import streamlit as st

from catsdogs.analysis import curves, evaluation, learned, summaries
from catsdogs.data import naming
from catsdogs.figures import learning_curves
from catsdogs.runs import Run, origin, store, times
from catsdogs.settings import config, spelling
from catsdogs.system import files, words
from pages.parts.results import actions, classes, downloads, measure, mistakes, probabilities
from pages.parts.shared import chart, frame, layers, names, outcome

_OF_BUNDLED = (
    "The bundled network learned from part of Microsoft's collection of cats and dogs, of which Google's starter set is a selection. If "
    "these photographs are from there, it may have been trained on those held out, and all accuracies are too high; the files can't tell."
)


def show(run: Run) -> None:
    """Everything that is stored about the run."""
    _show_heading(run)
    actions.show_label(run)
    outcome.show(run)
    _show_origin(run)
    evaluated = evaluation.load(run)
    if evaluated:
        labels = naming.labels_of(evaluated.class_names)
        mistakes.show(run, evaluated.confusion, labels)
    elif run.state not in store.WAITING:
        then = " Open it in Train and resume it to get one." if run.is_resumable else ""
        if run.state == "failed":
            then = " If its settings were the cause, repeat it with others; otherwise, open it in Train and resume it."
        st.info(f"This run ended before its evaluation, so it has no held-out accuracy.{then}", icon=":material/info:")
    _show_curves(run)
    if evaluated:
        classes.show(evaluated, labels)
        probabilities.show(run, evaluated.auc, labels)
    measure.show(run)
    _show_layers(run)
    _show_facts(run)


def _show_heading(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(names.plain(names.run(run)), anchor=False, width="content")
        st.badge(run.ending, color={"finished": "green", "failed": "red", "hung": "orange"}.get(run.state, "gray"))
    st.caption(names.about(run))
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.model_path.exists():
            st.page_link(frame.CLASSIFY, label="Classify with it", icon=":material/pets:", query_params={"model": run.id})
        if run.state in (*store.WAITING, "stopped", "interrupted", "failed"):
            st.page_link(frame.TRAIN, label="Open in Train", icon=":material/model_training:", query_params={"run": run.id})
        st.page_link(frame.TRAIN, label="Repeat this run", icon=":material/replay:", query_params={"like": run.id})
        if origin.can_be(run):
            st.page_link(frame.TRAIN, label="Fine-tune", icon=":material/trending_up:", query_params={"from": run.id})
        downloads.show(run)


def _show_origin(run: Run) -> None:
    """Which run it started from, and whether that had seen what it holds out."""
    found = store.environment(run).get("start_from")
    if not found:
        return
    before = "the bundled network" if found["run"] == store.SHIPPED else f"run {names.plain(found['run'])}"
    st.caption(f"Started from the weights of {before}{', with a new head for its own two classes' if found['head'] == 'new' else ''}.")
    if any(one.id == store.SHIPPED for one in origin.lineage(run.config)):
        st.caption(_OF_BUNDLED)
    if overlap := _overlap(run, before):
        st.warning(overlap, icon=":material/visibility:")


def _overlap(run: Run, before: str) -> str:
    """Which of its accuracies are too high for what the run before had seen; "" where none is."""
    validation, held_out = learned.seen(run, "validation"), learned.seen(run, "test")
    if held_out is None:
        return f"It is not known here what {before} was trained on, so validation and held-out accuracy may be too high."
    otherwise = "With the same data set, seed and splits, none would be."
    among = f"among those that {before} was trained on"
    if held_out:
        counted = f"{held_out:,} of its held-out photographs {'was' if held_out == 1 else 'were'}"
        return f"{counted} {among}, so its held-out accuracy is too high. {otherwise}"
    if validation:
        counted = f"{validation:,} of its validation photographs {'was' if validation == 1 else 'were'}"
        return f"{counted} {among}, so its validation accuracy is too high, and its probabilities may be too sure. {otherwise}"
    return ""


def _show_curves(run: Run) -> None:
    curve = curves.load(run)
    if not len(curve.epochs):
        return
    for name, column in zip(curves.MEASURES, st.columns(2), strict=True):
        with column:
            figure = learning_curves.draw({names.run(run): curve}, name)
            chart.show(figure, name.capitalize(), key=f"curve-{name}", help=names.MEASURES[name])
    began, kept, said = curves.overfitting_from(curve), summaries.make(run)["best_epoch"], []
    if began:
        last = abs(curve.training["accuracy"][-1] - curve.validation["accuracy"][-1])
        said.append(
            f"Overfitting began after epoch {began}: the training loss kept falling, the validation loss rose. At the end, the two "
            f"accuracies were {100 * last:.1f} percentage points apart."
        )
    if kept and kept != curve.epochs[-1]:
        said.append(f"The model of epoch {kept} is kept, chosen by its validation loss; the accuracies above are those of this model.")
    if said:
        st.caption(" ".join(said))


def _times(run: Run) -> dict:
    """When the run started, was resumed and ended, and how long it was at work, decoding and evaluation included."""
    moments = {name: run.status[name] for name in ("started", "resumed", "ended") if name in run.status}
    seconds = times.at_work(run) if "ended" in run.status else None
    return moments if seconds is None else {**moments, "duration": words.duration(seconds)}


def _show_layers(run: Run) -> None:
    """The network, once someone asks for it: reading it takes a moment."""
    if not run.model_path.exists():
        return
    expander = st.expander(":material/account_tree: The network, layer by layer", on_change="rerun", key=f"layers-{run.id}")
    if expander.open:
        with expander:
            layers.show(run)


def _show_facts(run: Run) -> None:
    with st.expander(":material/tune: Settings"):
        values = config.to_json(run.config)
        rows = {
            "setting": map(names.label, values),
            "value": [names.shown(names.visible(spelling.written(value))) for value in values.values()],
            "name for --set": values.keys(),
        }
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Settings")
    with st.expander(":material/memory: Environment"):
        facts = {**store.environment(run), "seed": run.config.seed, **_times(run)}
        st.json({name: names.visible(value) if isinstance(value, str) else value for name, value in facts.items()})
    if run.log_path.exists():
        with st.expander(":material/terminal: Log"):
            try:
                st.code(names.visible(files.read(run.log_path).decode("utf-8", "replace")[-20_000:]), language=None)
            except files.Damaged as found:
                st.caption(f"{run.log_path.name} {names.plain(found.reason)}.")
