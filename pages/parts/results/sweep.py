"""A sweep: which of its settings matter, its best runs, how soon they were found. All of it by validation accuracy.

What only a search has is in `search`.
"""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from catsdogs.analysis import best_so_far, importance, learned, repetitions, summaries
from catsdogs.figures import sweep as figures
from catsdogs.queue import searches, sweeps
from catsdogs.queue.searches import Search
from catsdogs.runs import Run, history, store
from catsdogs.settings import differences
from catsdogs.system import access
from pages.parts.results import grouping, search, selection, verdicts
from pages.parts.shared import chart, frame, names

_EVERY = 2.0  # seconds
_CAUTION = "started from a run that may have seen these photographs"
_AXIS = 90  # px from one setting to the next, at least
_NEXT = 3  # combinations that the best one is compared with


def show(compare: Callable[[str], None]) -> None:
    """The whole view: a sweep to choose, and what its runs say; `compare` is called at a click, with its name."""
    search.mention_unreadable()
    known = sweeps.names()[::-1]
    if not known:
        text = "A sweep trains a run for every combination of the values that you choose, or searches for the best within a time budget."
        box = frame.empty_state("grid_view", "No sweep yet", text)
        if not access.looks_only():
            box.page_link(frame.TRAIN, label="Start one at the end of the form", icon=":material/model_training:")
        return
    name = st.selectbox("Sweep", known, key="sweep", bind="query-params", width=640)
    members, found = sweeps.runs(name), searches.find(name)
    states = _states(members)
    if any(run.state in store.WAITING for run in members) or (found and found.is_busy):
        st.fragment(_poll, run_every=_EVERY)(name, states, found)
    shown = selection.compared(name)
    finished = [run for run in shown if run.state == "finished"]
    if found:
        search.say(found)
    else:
        _say(members, finished)
    if not members:
        return
    differing = differences.varied([run.config for run in members])
    _show_table(shown, members, differing, found)
    if len(shown) > 1:
        st.button(f"Compare the curves of all {len(shown)}", icon=":material/stacked_line_chart:", on_click=compare, args=[name])
    fair = [run for run in shown if learned.is_fair(run)]
    if len(fair) < len(shown):
        st.caption(":material/info: The charts leave out the runs that started from one which may have seen these photographs.")
    if len(fair) > 1:
        _show_charts(fair, differing, found)
    elif not found and any(run.state in store.WAITING for run in members):
        st.caption(":material/info: The charts, and what matters, appear once a second run has finished.")
    if found:
        search.show_best(found, members)
    elif len(finished) > 1:
        _show_verdict(finished, differing)


def _states(members: list[Run]) -> dict[str, str]:
    return {run.id: _far(run) for run in members}


def _poll(name: str, shown: dict[str, str], search: Search | None) -> None:
    found = searches.find(name)
    if _states(sweeps.runs(name)) != shown or (search and found and (found.runs, found.ended) != (search.runs, search.ended)):
        st.rerun()


def _say(members: list[Run], finished: list[Run]) -> None:
    waiting = sum(run.state in store.WAITING for run in members)
    others = len(members) - len(finished) - waiting
    parts = [f"{len(finished)} of {names.counted(len(members), 'run')} finished"]
    parts += [f"{waiting} waiting or training"] if waiting else []
    parts += [f"{others} stopped or failed"] if others else []
    st.markdown(", ".join(parts) + ".")
    failed = [run for run in members if run.state == "failed" and run.status.get("error")]
    if failed:
        st.warning(f"{names.plain(names.with_seed(failed[-1]))}: {names.said(failed[-1].status['error'])}", icon=":material/error:")


def _show_table(shown: list[Run], members: list[Run], differing: list[str], found: Search | None) -> None:
    """The runs, the best first, then the other members with how far they are; held-out accuracy is not shown where one is chosen."""
    are_fair = all(map(learned.is_fair, shown))
    ranked = {run.id: run for run in sorted(shown, key=lambda run: -summaries.make(run)["val_accuracy"])}
    others = [run for run in members if run.id not in ranked]
    rows = [
        {
            "validation": names.percent(summaries.make(run)["val_accuracy"]) if run.id in ranked else None,
            **{setting: names.shown(names.choice(getattr(run.config, setting))) for setting in differing},
            **(search.columns(found, run) if found else {"seed": run.config.seed}),
            **({"state": _far(run)} if others and not found else {}),
            "minutes": summaries.make(run)["minutes"] if run.id in ranked else None,
            **({} if are_fair else {"caution": "" if run.id not in ranked or learned.is_fair(run) else _CAUTION}),
            "run": frame.address(f"{'results' if run.state in store.ENDED else 'train'}?run={run.id}"),
        }
        for run in (*ranked.values(), *others)
    ]
    columns = {
        "validation": st.column_config.NumberColumn(format="%.1f%%", help="Accuracy on the validation photographs"),
        "minutes": st.column_config.NumberColumn(format="%.1f"),
        **{setting: names.label(setting) for setting in differing},
        "run": st.column_config.LinkColumn("", display_text="Open", width="small"),
    }
    height = min(38 + 35 * len(rows), 300)
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=height, placeholder="–", column_config=columns, alt="Runs of the sweep")


def _far(run: Run) -> str:
    """Its state and, of one that has begun and not finished, its epochs."""
    if run.state == "finished":
        return run.ending
    done = history.epochs_done(run)
    state = {"queued": "waiting", "running": "training"}.get(run.state, run.ending)
    return f"{state}, {done} of {names.counted(run.config.epochs, 'epoch')}" if done or run.state in store.AT_WORK else state


def _show_charts(shown: list[Run], differing: list[str], found: Search | None) -> None:
    accuracies = [summaries.make(run)["val_accuracy"] for run in shown]
    settings = {names.label(setting): [_place(run, setting, found) for run in shown] for setting in differing}
    about = "Each line is a run. Drag along an axis to see only the runs that pass there."
    if settings:
        figure, least = figures.parallel(settings, accuracies, names.choice), _AXIS * (len(settings) + 1)
        chart.show(figure, "Settings and validation accuracy", key="sweep-parallel", help=about, least=least)
    left, right = st.columns(2)
    with left:
        if found:
            search.show_shares(found)
        else:
            _show_importance(shown)
    with right:
        steps = best_so_far.follow(shown)
        if steps:
            labels = [", ".join(names.setting(setting, getattr(step.run.config, setting)) for setting in differing) for step in steps]
            chart.show(figures.best_so_far(steps, labels), "Best validation accuracy so far", key="sweep-best")


def _show_importance(finished: list[Run]) -> None:
    found = importance.rank(finished)
    if not found:
        why = (
            "Known once every combination has the same number of finished runs (at least two if only one setting varies), unless all are "
            "equally good."
        )
        chart.show_missing("What matters", why)
        return
    about = "How much of the differences in validation accuracy each setting explains by itself (eta squared)."
    chart.show(figures.importance(found, names.label), "What matters", key="sweep-importance", help=about, can_zoom=False)
    st.caption(importance.rest(found))


def _show_verdict(finished: list[Run], differing: list[str]) -> None:
    grouped = grouping.by_all_but_seed(finished, differing)
    evaluated = [group for name, members in grouped.items() if (group := repetitions.group(name, members))]
    if len(evaluated) > 1:
        st.header("The best combination", anchor=False)
        others = f" and compared with the {_NEXT} next best of {len(evaluated)}" if len(evaluated) > 1 + _NEXT else ""
        st.caption(f"Chosen by the mean over its seeds{others}.")
        best = verdicts.show_best(evaluated, _NEXT)
        if best and len(differing) > grouping.FEW:  # its name leaves some out
            written = [names.setting(each, getattr(best.runs[0].config, each)) for each in differing]
            st.caption(f"The best one in full: {names.plain(', '.join(written))}.")


def _place(run: Run, setting: str, found: Search | None):
    """Its value on an axis: auto has a place by itself, but not among all the rates of a range."""
    return run.config.rate if found and setting == "learning_rate" else getattr(run.config, setting)
