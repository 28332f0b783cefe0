"""Several runs beside each other: curves overlaid, accuracies, what they cost, and the settings in which they differ."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from catsdogs.analysis import curves, evaluation, repetitions, summaries
from catsdogs.analysis.repetitions import Group
from catsdogs.figures import accuracy_cost, learning_curves
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.settings import config
from pages.parts.results import verdicts
from pages.parts.shared import chart, names, scores

_EACH, _REPEATED = "each run by itself", "the same but for the seed"


def show(compared: list[Run]) -> None:
    """Everything that several runs say together."""
    differing = [name for name in config.differences([run.config for run in compared]) if name != "preset"]
    st.subheader(f"{len(compared)} runs beside each other", anchor=False)
    grouped, axis, smoothing = _choose(differing)
    groups = _groups(compared, grouped, differing)
    _show_curves(groups, axis, smoothing)
    _show_sentences(groups)
    _show_scores(groups)
    _show_cost(groups)
    _show_differences(compared, groups, differing)


def _choose(differing: list[str]) -> tuple[str, str, float]:
    """How to group, what to draw over, and how much to smooth."""
    options = (_EACH, *((_REPEATED,) if "seed" in differing else ()), *(name for name in differing if name != "seed"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        about = "Groups are drawn as their mean, with a band from the lowest to the highest run."
        grouped = st.selectbox("Group by", options, index=int("seed" in differing), width=260, help=about)
        axis = st.segmented_control("Curves over", ("epoch", "minute"), default="epoch", required=True)
        about = "Weight of what came before, as an exponential moving average; 0 is off."
        smoothing = st.slider("Smoothing", 0.0, 0.95, 0.0, 0.05, width=220, help=about)
    return grouped, axis, smoothing


def _groups(compared: list[Run], grouped: str, differing: list[str]) -> dict[str, list[Run]]:
    """The runs by the name of their group, in the order of the table."""
    if grouped == _EACH:
        called = names.tell_apart(compared, differing)
        return {f"{index} · {name}": [run] for index, (run, name) in enumerate(zip(compared, called, strict=True), start=1)}
    if grouped == _REPEATED:
        found: dict[config.Config, list[Run]] = {}
        for run in compared:
            found.setdefault(replace(run.config, seed=0, preset=""), []).append(run)
        told = [members[0] if len(members) == 1 else replace(members[0], label=store.Label()) for members in found.values()]
        called = names.tell_apart(told, [name for name in differing if name != "seed"])
        return dict(zip(called, found.values(), strict=True))
    return {names.setting(grouped, value): members for value, members in repetitions.by_setting(compared, grouped).items()}


def _show_curves(groups: dict[str, list[Run]], axis: str, smoothing: float) -> None:
    drawn = {name: [curve for curve in map(curves.load, members) if len(curve.epochs)] for name, members in groups.items()}
    drawn = {name: several for name, several in drawn.items() if several}
    if not drawn:
        st.caption("None of them has ended an epoch yet.")
        return
    is_each = all(len(members) == 1 for members in groups.values())
    for measure, column in zip(curves.MEASURES, st.columns(2), strict=True):
        with column:
            if is_each:
                figure = learning_curves.draw({name: several[0] for name, several in drawn.items()}, measure, axis, smoothing)
            else:
                figure = learning_curves.draw_groups(drawn, measure, axis, smoothing)
            chart.show(figure, measure.capitalize(), key=f"compared-{measure}")
    st.caption(
        "Training is dashed, validation solid: the gap between the two is overfitting."
        + (" A diamond marks where it began." if is_each else " Lines are means, bands go from the lowest to the highest run.")
        + (" Smoothed." if smoothing else "")
    )


def _show_sentences(groups: dict[str, list[Run]]) -> None:
    """The best group against each of the others: by how much, and whether that is more than noise."""
    evaluated = [group for name, members in groups.items() if (group := repetitions.group(name, members))]
    if len(evaluated) < 2:
        return
    best = max(evaluated, key=lambda group: group.test.mean)
    verdicts.show([(other.name, best.name, repetitions.difference(other, best)) for other in evaluated if other is not best])


def _show_scores(groups: dict[str, list[Run]]) -> None:
    percent = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        pd.DataFrame([_scores(name, members, repetitions.group(name, members)) for name, members in groups.items()]),
        hide_index=True,
        placeholder="–",
        height="content",
        column_config={
            **dict.fromkeys(("held out", "validation", "training"), percent),
            "gap": st.column_config.NumberColumn(format="%.1f", help="Training minus held-out accuracy, in points"),
            "minutes": st.column_config.NumberColumn(format="%.1f", help="Of training, epochs only"),
            "weights": st.column_config.NumberColumn(format="%,d"),
        },
    )


def _scores(name: str, members: list[Run], group: Group | None) -> dict:
    """One line of the table of accuracies: means where the group has several runs."""
    best = [summaries.make(run)["best_epoch"] for run in members]
    began = [curves.overfitting_from(curves.load(run)) for run in members]
    row = {"runs": name, "count": len(members)}
    if group:
        row |= {
            "held out": scores.percent(group.test.mean),
            "95 % interval": _interval(group),
            "validation": scores.percent(group.validation.mean),
            "training": scores.percent(group.training.mean),
            "gap": scores.percent(group.training.mean - group.test.mean),
        }
    else:
        row |= {"95 % interval": "not evaluated"}
    return {
        **row,
        "best epoch": ", ".join(map(str, filter(None, best))),
        "overfitting from": ", ".join(f"epoch {epoch}" if epoch else "never" for epoch in began),
        "minutes": sum(summaries.make(run)["minutes"] for run in members) / len(members),
        "weights": store.environment(members[0]).get("weights"),
    }


def _interval(group: Group) -> str:
    """Of the mean over the seeds (Student) where there are several runs, else of the one run's photographs (Wilson)."""
    if group.test.low is not None:
        return f"{group.test.low:.1%} to {group.test.high:.1%} (seeds)"
    score = evaluation.load(group.runs[0]).test
    return f"{score.low:.1%} to {score.high:.1%} (photographs)"


def _show_cost(groups: dict[str, list[Run]]) -> None:
    evaluated = [(name, run) for name, members in groups.items() for run in members if evaluation.load(run)]
    if len(evaluated) < 2:
        return
    costs = {
        "minutes of training": [max(summaries.make(run)["minutes"], 0.01) for _, run in evaluated],
        "weights": [store.environment(run)["weights"] for _, run in evaluated],
    }
    for (title, values), column in zip(costs.items(), st.columns(2), strict=True):
        points = []
        for (name, run), value in zip(evaluated, values, strict=True):
            score = evaluation.load(run).test
            points.append(accuracy_cost.Point(name, value, score.accuracy, score.low, score.high))
        with column:
            chart.show(accuracy_cost.draw(points, title), f"Accuracy against {title.split()[0]}", key=f"against-{title.split()[0]}")


def _show_differences(compared: list[Run], groups: dict[str, list[Run]], differing: list[str]) -> None:
    st.subheader("What differs between their settings", anchor=False)
    if not differing:
        st.caption("Nothing: these runs were asked for the same.")
        return
    called = {run.id: name for name, members in groups.items() for run in members}
    rows = [{"run": called[run.id], **{name: str(getattr(run.config, name)) for name in differing}, "id": run.id} for run in compared]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
