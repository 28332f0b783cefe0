"""Several runs compared: curves overlaid, accuracies, training time and weights, and the settings in which they differ.

What is chosen here is in the address, as the runs are, so that a link shows the same.
"""

from collections.abc import Iterable
from math import inf

import pandas as pd
import streamlit as st

from catsdogs.analysis import curves, evaluation, repetitions, summaries
from catsdogs.analysis.repetitions import Group
from catsdogs.figures import accuracy_cost, learning_curves, style
from catsdogs.figures.style import LineStyle
from catsdogs.runs import Run, store
from catsdogs.settings import differences
from pages.parts.results import grouping, verdicts
from pages.parts.shared import chart, names

_INTERVAL = (
    "The range in which the accuracy on other photographs of the same kind probably lies. That of three or more repeats covers other "
    "seeds, too; that of a single run doesn't: another seed would give another network."
)
_BEST = "The epoch whose network is kept and evaluated: that of the lowest validation loss"
_ONSET = "Epoch of the lowest validation loss, if it then rose by more than its noise while the training loss kept falling"
_MOST = 12  # runs whose settings are in view at once
_BARS = "Each bar is a run's 95% interval (Wilson). It covers the choice of held-out photographs, but not of the seed."


def show(compared: list[Run]) -> None:
    """The whole comparison."""
    differing = [name for name in differences.among([run.config for run in compared]) if name != "preset"]
    st.header(f"{names.counted(len(compared), 'run')} compared", anchor=False)
    groups = grouping.choose(compared, differing)
    evaluated = [group for name, members in groups.items() if (group := repetitions.group(name, members))]
    with st.container():  # one place for what comes and goes
        _judge(evaluated, groups, differing)
    with st.container(horizontal=True, vertical_alignment="top", key="controls"):
        axis = st.segmented_control("Curves over", ("epoch", "minute"), default="epoch", required=True, key="over", bind="query-params")
        about = "How much earlier values count: an exponential moving average. 0 is off."
        smoothing = st.slider("Smoothing", 0.0, 0.95, 0.0, 0.05, width=220, help=about, key="smoothing", bind="query-params")
    styles = style.line_styles(groups)
    _show_curves(groups, axis, smoothing, styles)
    _show_scores(groups)
    verdicts.show_too_few(evaluated)
    _show_cost([(name, run) for name, members in groups.items() for run in members if evaluation.load(run)], styles)
    _show_differences(groups, differing)
    st.caption("To share this comparison, copy the address of this page.")


def _judge(evaluated: list[Group], groups: dict[str, list[Run]], differing: list[str]) -> None:
    """Which group is the best, and whether that may be due to something else."""
    if len(evaluated) < 2:
        return
    verdicts.show_best(evaluated)
    if others := grouping.also_different(groups.values(), differing):
        listed = ", ".join(map(names.label, others))
        st.caption(f":material/info: These groups also differ in {listed}, so their difference may be due to that.")


def _show_curves(groups: dict[str, list[Run]], axis: str, smoothing: float, styles: dict[str, LineStyle]) -> None:
    loaded = {name: [curve for curve in map(curves.load, members) if len(curve.epochs)] for name, members in groups.items()}
    loaded = {name: several for name, several in loaded.items() if several}
    if not loaded:
        st.caption("None of these runs has finished an epoch yet.")
        return
    is_each = all(len(members) == 1 for members in groups.values())
    for measure, column in zip(curves.MEASURES, st.columns(2), strict=True):
        with column:
            if is_each:
                figure = learning_curves.draw({name: several[0] for name, several in loaded.items()}, measure, axis, smoothing, styles)
            else:
                figure = learning_curves.draw_groups(loaded, measure, axis, smoothing, styles)
            chart.show(figure, measure.capitalize(), key=f"compared-{measure}", help=names.MEASURES[measure])
    are_marked = is_each and any(curves.overfitting_from(several[0]) for several in loaded.values())
    st.caption(
        "Validation is solid, training dashed; the gap between them shows overfitting."
        + (" A diamond marks where it began." if are_marked else "")
        + ("" if is_each else " Lines are means; bands span the lowest to the highest run.")
        + (" Smoothed." if smoothing else "")
    )
    if apart := [name for name, several in loaded.items() if not len(curves.band(several, "loss", "validation", axis).x)]:
        st.caption(f"Not drawn, as one of its runs had ended before another's first epoch: {names.plain('; '.join(apart))}.")


def _show_scores(groups: dict[str, list[Run]]) -> None:
    so_far = "For a run that was not evaluated, that of its best epoch"
    percent = {name: st.column_config.NumberColumn(format="%.1f%%", help=so_far) for name in ("validation", "training")}
    rows = pd.DataFrame([_scores(name, members, repetitions.group(name, members)) for name, members in groups.items()])
    st.dataframe(
        rows if rows["caution"].any() else rows.drop(columns="caution"),
        hide_index=True,
        placeholder="–",
        height="content",
        row_height=names.height(groups),
        alt="Accuracies",
        column_config={
            "runs": st.column_config.TextColumn(width=names.width(groups)),
            "count": st.column_config.TextColumn(alignment="right", help="The runs over which accuracies are averaged"),
            "held out": st.column_config.NumberColumn(format="%.1f%%", help="Accuracy on photographs that played no part in the training"),
            "95% interval": st.column_config.TextColumn(help=_INTERVAL),
            **percent,
            "best epoch": st.column_config.TextColumn(help=_BEST),
            "overfitting from": st.column_config.TextColumn(help=_ONSET),
            "caution": st.column_config.TextColumn(help="Always answering the larger class may be as good, or the accuracy is too high"),
            "gap": st.column_config.NumberColumn(format="%.1f", help="Training minus held-out accuracy, in percentage points"),
            "minutes": st.column_config.NumberColumn(format="%.1f", help="Training time, without decoding and evaluation"),
            "weights": st.column_config.NumberColumn(format="%,d", help="How many numbers the network consists of"),
        },
    )


def _scores(name: str, members: list[Run], group: Group | None) -> dict:
    """One row of the table of accuracies: means where the group has several runs."""
    found = [summaries.make(run) for run in members]
    best = {row["best_epoch"] for row in found} - {None}
    began = {curves.overfitting_from(curve) or inf for curve in map(curves.load, members) if len(curve.epochs)}
    accuracies = {
        "held out": None,
        "95% interval": "not evaluated",
        "caution": "",
        "validation": names.percent(_mean(row["val_accuracy"] for row in found)),
        "training": names.percent(_mean(row["train_accuracy"] for row in found)),
        "gap": None,
    }
    if group:
        accuracies = {
            "held out": names.percent(group.test.mean),
            "95% interval": _interval(group),
            "caution": names.shown(evaluation.shared_caution([summaries.make(run)["caution"] for run in group.runs])),
            "validation": names.percent(group.validation.mean),
            "training": names.percent(group.training.mean),
            "gap": names.percent(group.training.mean - group.test.mean),
        }
    return {
        "runs": name,
        "count": str(len(members)) if group is None or len(group.runs) == len(members) else f"{len(group.runs)} of {len(members)}",
        **accuracies,
        "best epoch": ", ".join(map(str, sorted(best))),
        "overfitting from": ", ".join("not seen" if epoch == inf else str(epoch) for epoch in sorted(began)),
        "minutes": _mean(row["minutes"] for row in found if row["epochs_done"]),
        "weights": store.environment(members[0]).get("weights"),
    }


def _mean(values: Iterable[float | None]) -> float | None:
    """Of those that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _interval(group: Group) -> str:
    """Of the mean over the seeds where there are enough of them, or of a single run (Wilson)."""
    if group.test.low is not None:
        return names.interval(group.test.low, group.test.high)
    if len(group.runs) > 1:
        return "too few seeds"
    score = evaluation.load(group.runs[0]).test
    return names.interval(score.low, score.high)


def _show_cost(evaluated: list[tuple[str, Run]], styles: dict[str, LineStyle]) -> None:
    """What accuracy costs, unless it is the same for all."""
    if len(evaluated) < 2:
        return
    minutes = [max(summaries.make(run)["minutes"], 0.01) for _, run in evaluated]
    unit, length = style.unit_of_time(minutes)
    times = [spent / length for spent in minutes]
    weights = [store.environment(run)["weights"] for _, run in evaluated]
    costs = (("Accuracy by training time", f"{unit} of training", times), ("Accuracy by weights", "weights", weights))
    scores = [evaluation.load(run).test for _, run in evaluated]
    for (title, counted, values), column in zip(costs, st.columns(2), strict=True):
        if len(set(values)) == 1:
            continue
        costed = zip(evaluated, values, scores, strict=True)
        points = [accuracy_cost.Point(name, value, score.accuracy, score.low, score.high) for (name, _), value, score in costed]
        with column:
            chart.show(accuracy_cost.draw(points, counted, styles), title, key=f"accuracy-by-{counted.split()[-1]}", help=_BARS)


def _show_differences(groups: dict[str, list[Run]], differing: list[str]) -> None:
    st.header("Settings that differ", anchor=False)
    if not differing:
        st.caption("None: these runs have the same settings.")
        return
    rows = [
        {"run": name, **{setting: names.value(setting, getattr(run.config, setting)) for setting in differing}, "id": run.id}
        for name, members in groups.items()
        for run in members
    ]
    columns = {"run": st.column_config.TextColumn(width=names.width(groups)), **{setting: names.label(setting) for setting in differing}}
    with st.expander(f"Settings of all {len(rows)} runs") if len(rows) > _MOST else st.container():
        look = {"hide_index": True, "height": "content", "row_height": names.height(groups), "alt": "Settings that differ"}
        st.dataframe(pd.DataFrame(rows), column_config=columns, **look)
