"""Several runs beside each other: curves overlaid, accuracies, and the settings in which they differ."""

import pandas as pd
import streamlit as st

from catsdogs import charts, config, runs
from catsdogs.runs import Run
from pages.parts import names as titles
from pages.parts import scores


def show(compared: list[Run]) -> None:
    """Overlay the runs, the newest last in the legend as in the table."""
    differing = [name for name in config.differences([run.config for run in compared]) if name not in ("preset", "data")]
    names = {run.id: _name(run, differing, index) for index, run in enumerate(compared, start=1)}
    st.subheader(f"{len(compared)} runs beside each other", anchor=False)
    st.caption("Training is dashed, validation solid. A gap that opens between the two is overfitting.")
    histories = {names[run.id]: runs.history(run) for run in compared}
    for measure, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            st.plotly_chart(charts.curves(histories, measure), key=f"compared-{measure}", config={"displaylogo": False})
    _show_scores(compared, names)
    _show_differences(compared, names, differing)


def _name(run: Run, differing: list[str], index: int) -> str:
    said = [titles.choice(getattr(run.config, name)) for name in differing[:3]]
    return f"{index} · {', '.join(said)}" if said else f"{index} · {titles.run(run)}"


def _show_scores(compared: list[Run], names: dict[str, str]) -> None:
    rows = []
    for run in compared:
        summary, evaluated = runs.summary(run), runs.evaluation(run)
        test = evaluated["test"] if evaluated else None
        rows.append(
            {
                "run": names[run.id],
                "held out": scores.percent(summary["test_accuracy"]),
                "95 % interval": f"{test['low']:.1%} to {test['high']:.1%}" if test else "not evaluated",
                "validation": scores.percent(summary["val_accuracy"]),
                "training": scores.percent(summary["train_accuracy"]),
                "best epoch": summary["best_epoch"],
                "minutes": summary["minutes"],
            }
        )
    percent = st.column_config.NumberColumn(format="%.1f %%")
    columns = dict.fromkeys(("held out", "validation", "training"), percent)
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_config=columns)


def _show_differences(compared: list[Run], names: dict[str, str], differing: list[str]) -> None:
    st.subheader("What differs between their settings", anchor=False)
    if not differing:
        st.caption("Nothing: these runs were asked for the same.")
        return
    table = {names[run.id]: [str(getattr(run.config, name)) for name in differing] for run in compared}
    st.dataframe(pd.DataFrame(table, index=pd.Index(differing, name="setting")))
