"""The table of the stored runs: filter, columns, selection; the only run there is is selected unasked."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import pandas as pd
import streamlit as st

from catsdogs.analysis import curves, ranking, summaries
from catsdogs.runs import Run, history, store
from catsdogs.settings import config, presets
from catsdogs.system import access
from pages.parts.results import selection
from pages.parts.shared import names

_PERCENT = {"test_accuracy": "held out", "val_accuracy": "validation", "train_accuracy": "training"}
_FIRST, _LAST = (
    ("star", "test_accuracy", "name", "val_accuracy", "train_accuracy", "best"),
    ("curve", "state", "epochs_done", "caution", "minutes", "started"),
)
_MORE = ("note", "gap", "balanced_accuracy", "best_epoch", "weights", "by", "queued", "resumed", *config.LIMITS, "id")  # can be added
_BEST = "Highest validation accuracy of the runs with the same split of the same photographs; others can't be compared"
_SPARKS = 60  # points of a curve in the table
_SPACE = 0.15  # of the accuracy, above and below all curves: a line along the edge of its cell is not seen
_EVERY = 2.0  # seconds
_TABLE = "runs_table"  # in the session: its number


def show(stored: list[Run]) -> tuple[list[Run], pd.DataFrame]:
    """Draw the table and return the selected runs and its rows, by the runs' ids. The page is drawn again when a run changes its state."""
    if any(run.state in store.WAITING for run in stored):
        st.fragment(_poll, run_every=_EVERY)(_states(stored))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look = {"label_visibility": "collapsed", "icon": ":material/filter_alt:", "width": 360}
        about = "Filter, e.g. adam 150 starred"
        text = st.text_input("Filter", type="search", placeholder=about, key="filter", live=True, bind="query-params", **look)
        who = access.person().name
        is_mine = bool(who) and st.checkbox("Mine", key="mine", persist_state="session", help="Only the runs that you started")
        with st.popover("Columns", icon=":material/view_column:"):
            more = st.multiselect("Columns", _MORE, key="columns", persist_state="session", placeholder="Add columns", format_func=_title)
    words = text.lower().split()
    listed = [run for run in stored if run.by == who] if is_mine else stored
    data_sets = {data: names.data_set(data) for data in {run.config.data for run in listed}}
    versions = {run.id: (*_versions(run), data_sets[run.config.data]) for run in listed}
    shown = [run for run in listed if all(word in _searched(run.id, *versions[run.id]) for word in words)]
    if not shown:
        none = f"No run{' of yours' if is_mine else ''} has {names.plain(repr(text))} in its name, note, state or settings."
        st.info(none if listed else "None of these runs is yours.", icon=":material/filter_alt_off:")
        return [], pd.DataFrame()
    selection.come_back(stored)
    selection.keep()
    best = ranking.best_of_each_set(stored)
    facts = pd.DataFrame([{**_facts(run.id, *versions[run.id]), "best": "✓" if run.id in best else ""} for run in shown])
    columns = [name for name in (*_FIRST, *more, *_LAST) if name != "caution" or facts["caution"].any()]
    rows = facts[columns].set_axis([run.id for run in shown])
    return _select(shown, rows, stored if len(stored) == 1 else ()), rows


def _poll(shown: dict[str, str]) -> None:
    if _states(store.list_all()) != shown:
        st.rerun()


def _states(stored: list[Run]) -> dict[str, str]:
    return {run.id: run.state for run in stored}


def renew() -> None:
    """Before it is drawn: another table, as the browser keeps what was selected in that which it has. No filter hides anything."""
    st.session_state[_TABLE] = st.session_state.get(_TABLE, 0) + 1
    st.session_state.filter, st.session_state.mine = "", False


def _select(shown: list[Run], rows: pd.DataFrame, unasked: Sequence[Run]) -> list[Run]:
    linked = selection.ids() or [run.id for run in unasked]
    marked = [index for index, run in enumerate(shown) if run.id in linked]
    key = f"runs-{st.session_state.get(_TABLE, 0)}-{hash(tuple(run.id for run in shown))}"  # another table, another selection

    def link() -> None:  # only at a click: the address keeps what a filter hides
        selection.choose(shown[row].id for row in st.session_state[key].selection.rows)

    selectable = {"on_select": link, "selection_mode": "multi-row"}
    if marked:
        selectable["selection_default"] = {"selection": {"rows": marked}}
    chosen = st.dataframe(rows, hide_index=True, placeholder="–", key=key, column_config=_columns(rows), alt="Runs", **selectable)
    return [shown[row] for row in chosen.selection.rows]


def _columns(rows: pd.DataFrame) -> dict:
    lowest = min((0.4, *(min(curve) for curve in rows["curve"] if curve)))  # one scale for all
    percent = {
        name: st.column_config.NumberColumn(title, format="%.1f%%", help=f"Accuracy on the {title} photographs")
        for name, title in _PERCENT.items()
    }
    return {
        **{name: _title(name) for name in _MORE},
        "star": st.column_config.TextColumn("★", width=36, pinned=True, help="Starred runs"),
        "name": st.column_config.TextColumn("run", width=names.width(rows["name"], 320)),  # not pinned: it would cover a phone
        "best": st.column_config.TextColumn(width=48, help=_BEST),
        "curve": st.column_config.LineChartColumn(
            y_min=lowest - _SPACE, y_max=1 + _SPACE, width="small", help="Validation accuracy by epoch"
        ),
        "caution": st.column_config.TextColumn(
            width=240,  # only the first rows would be measured
            help="Always answering the larger class may be as good as the held-out accuracy, or the accuracy is too high",
        ),
        "balanced_accuracy": st.column_config.NumberColumn(
            _title("balanced_accuracy"), format="%.1f%%", help="The mean recall of both classes, held out"
        ),
        "epochs_done": st.column_config.NumberColumn("epochs done"),
        "minutes": st.column_config.NumberColumn(format="%.1f", width="small", help="Training time, without decoding and evaluation"),
        "queued": st.column_config.DatetimeColumn(format="distance", help="When the run was created"),
        "started": st.column_config.DatetimeColumn(format="distance", help="When its training first began"),
        "resumed": st.column_config.DatetimeColumn(format="distance", help="When it was last resumed"),
        "gap": st.column_config.NumberColumn(format="%.1f", help="Training minus held-out accuracy, in percentage points"),
        "weights": st.column_config.NumberColumn(format="%,d"),
        "rescale": st.column_config.NumberColumn(format="%.5f"),
        **percent,
    }


def _title(name: str) -> str:
    return "started by" if name == "by" else names.label(name)


def _versions(run: Run) -> tuple:
    return run.state, store.status_version(run), history.version(run), run.label, names.swept(run)  # a kill writes no status


@lru_cache(maxsize=5000)
def _facts(id: str, *versions) -> dict:
    """One row of the table, with everything that a column can show."""
    run = store.load(id)
    summary, curve = summaries.make(run), curves.load(run)
    accuracies = {name: names.percent(summary[name]) for name in _PERCENT}
    is_scored = None not in accuracies.values()
    facts = {
        **config.to_json(run.config),
        **summary,
        **accuracies,
        "minutes": summary["minutes"] if summary["epochs_done"] else None,
        "state": run.ending,
        "star": "★" if run.label.is_starred else "",
        "name": names.with_seed(run),
        "note": run.label.note,
        "preset": presets.title(run.config),
        "curve": curves.thin(curve.epochs, curve.validation["accuracy"], _SPARKS)[1].tolist(),
        "caution": names.shown(summary["caution"]),
        "balanced_accuracy": names.percent(summary["balanced_accuracy"]),
        "gap": 100 * (summary["train_accuracy"] - summary["test_accuracy"]) if is_scored else None,
        "weights": store.environment(run).get("weights"),
        "data": names.data_set(run.config.data),
        **{name: str(value) for name, value in config.to_json(run.config).items() if isinstance(value, tuple)},
        "by": run.by or None,
        "queued": run.created,
        **{name: datetime.fromisoformat(summary[name]) if summary[name] else None for name in ("started", "resumed")},
    }
    return {name: names.shown(value) if isinstance(value, str) else value for name, value in facts.items()}


@lru_cache(maxsize=5000)
def _searched(id: str, *versions) -> str:
    """All that the filter searches, in lower case."""
    facts = _facts(id, *versions)
    settings = " ".join(f"{names.choice(facts[name])} {name}={facts[name]}" for name in config.LIMITS)
    described = " ".join(facts[name] for name in ("name", "note", "preset", "state", "data", "id"))
    described += f" {facts['by'] or ''}"
    return f"{settings} {described} {'starred' if facts['star'] else ''}".lower()
