"""The study, repeated: queue its missing runs, and see which of its conclusions hold for the stored ones."""

import os

import pandas as pd
import streamlit as st

from catsdogs.analysis import comparison, evaluation, studies
from catsdogs.analysis.significance import Spread
from catsdogs.analysis.studies import Conclusion, Variant
from catsdogs.figures import study as figures
from catsdogs.runs import store
from catsdogs.system import access, words
from pages.parts.results import study_queue, verdicts
from pages.parts.shared import chart, chosen_data, frame, names

_EVERY = 5.0  # seconds
_BADGES = {
    studies.HOLDS: ("Holds", "green"),
    studies.FAILS: ("Does not hold", "red"),
    studies.NO_DIFFERENCE: (f"No difference larger than {comparison.alike()}", "blue"),
    studies.OPEN: ("Can't tell", "yellow"),
    studies.UNKNOWN: ("Not known yet", "gray"),
}


def show() -> None:
    """The whole view."""
    st.markdown(
        "The study changed one setting after another. Repeat it: each step differs from the previous one in a single setting, and several "
        "seeds tell a real difference from chance."
    )
    if chosen_data.folder() is None:
        if access.looks_only():
            frame.empty_state("photo_library", "No data set yet", "Once somebody has added one, the study can be repeated on it.")
            return
        box = frame.empty_state("photo_library", "No data set yet", "Choose or draw one first.")
        box.page_link(frame.DATA, label="Choose a data set", icon=":material/photo_library:")
        return
    with st.container(border=True, key="study"):
        chosen_data.pick()
        data = str(chosen_data.folder())
        set_name, seeds = study_queue.show(data)
    st.info(
        "**The study reports 96%.** Trained again for ten epochs, its final network classified 96.4% of its training photographs "
        "correctly, but only 85.4% of the held-out ones. So 96% is most likely training accuracy: compare the two columns below.",
        icon=":material/fact_check:",
    )
    if study_queue.waiting(data):
        st.fragment(_poll, run_every=_EVERY)(set_name, data, seeds)
    else:
        _results(set_name, data, seeds)


def _poll(set_name: str, data: str, seeds: int) -> None:
    if not study_queue.waiting(data):
        st.rerun()
    _results(set_name, data, seeds)


def _results(set_name: str, data: str, seeds: int) -> None:
    states = tuple((run.id, run.state) for run in store.list_all() if run.config.data == data)
    variants, conclusions = _found(set_name, data, states)
    st.header("Results by step" if any(variant.runs for variant in variants) else "Steps", anchor=False)
    _table(variants, seeds)
    done = [variant for variant in variants if variant.group]
    if not done:
        return
    spreads = [(variant.group.test, variant.group.training) for variant in done]
    figure = figures.draw([variant.preset.title for variant in done], *zip(*spreads, strict=True))
    chart.show(figure, "Accuracy by step", "study-steps", help="Means over the seeds, with 95% confidence intervals from three seeds on")
    st.header("The study's conclusions", anchor=False)
    for conclusion in conclusions:
        _conclude(conclusion)
    verdicts.show_tests([conclusion.comparison for conclusion in conclusions if conclusion.comparison])


@st.cache_data(show_spinner=False, max_entries=20, hash_funcs={str: os.fsencode})  # names of folders need not be valid UTF-8
def _found(set_name: str, data: str, states: tuple[tuple[str, str], ...]) -> tuple[list[Variant], list[Conclusion]]:
    """Cached until a run is added or changes its state."""
    variants = studies.variants(set_name, data)
    return variants, studies.conclusions(variants)


def _table(variants: list[Variant], seeds: int) -> None:
    rows = []
    for variant in variants:
        group, seen = variant.group, len(variant.group.runs) if variant.group else 0
        row = {"step": variant.preset.title, "seeds": f"{seen} of {max(seeds, len(variant.runs))}"}
        measured = {title: _mean(getattr(group, subset)) for title, subset in names.SUBSETS.items()} if group else {}
        rows.append({**row, **dict.fromkeys(names.SUBSETS), **measured, "minutes": group.minutes.mean if group else None})
    columns = {
        "step": st.column_config.TextColumn(pinned=True),
        "minutes": st.column_config.NumberColumn("minutes per run", format="%.1f", help="Training time, without decoding and evaluation"),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_config=columns, alt="Accuracies by step")
    said = (
        "Accuracies are means over the seeds with their 95% confidence intervals. Two seeds are too few for an interval; it takes three. "
        "Seeds share most of their training photographs, so intervals are wider than those of independent runs (Nadeau and Bengio 2003)."
    )
    if counts := {evaluation.load(run).test.count for variant in variants if variant.group for run in variant.group.runs}:
        measured = f"Each run was measured on {names.span(counts)} held-out photographs."
        said = f"{measured} Validation accuracy is a little too high, as it chose the epoch. {said}"
    st.caption(said)


def _mean(spread: Spread) -> str:
    return words.share(spread.mean) + ("" if spread.low is None else f"  ({names.interval(spread.low, spread.high)})")


def _conclude(conclusion: Conclusion) -> None:
    compared = conclusion.comparison
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{conclusion.after.title}.** {conclusion.after.why}")
        with st.container(horizontal=True, vertical_alignment="center"):
            label, color = _BADGES[conclusion.verdict]
            st.badge(label, color=color)
            st.markdown(conclusion.sentence, width="stretch")
        if compared and compared.left_out:
            st.caption(compared.left_out)
        if compared and compared.difference:
            found = compared.difference
            interval = f"{100 * found.low:+.1f} to {100 * found.high:+.1f} points".replace("-", "−")
            st.caption(f"95% confidence interval {interval}; {verdicts.p(found)} ({found.test}).")
