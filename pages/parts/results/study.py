"""The study, repeated: queue what is missing of it, and see which of its conclusions hold on one's own runs."""

import pandas as pd
import streamlit as st

from catsdogs.analysis import significance, studies
from catsdogs.analysis.significance import Spread
from catsdogs.analysis.studies import Conclusion, Variant
from catsdogs.data import split
from catsdogs.errors import InputError
from catsdogs.figures import study as figures
from catsdogs.queue import forecast, jobs
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.settings import study_presets
from pages.parts.shared import chart, frame, listings, names

_EVERY = 5.0  # seconds
_SCALES = {"study-small": "Small", "study": "As in the study"}
_MEASURED = {  # what to expect where no run is like it, with 20,000 photographs
    "study-small": "18 runs of it took about 20 minutes on a fast machine with two cores, for 20,000 photographs.",
    "study": "Each of its Conv2D steps took about 13 minutes on a fast machine with two cores, for 20,000 photographs.",
}
_COLORS = {"holds": "green", "does not hold": "red", "is noise": "gray", "is not known yet": "yellow"}
_ABOUT_96 = (
    "**The study reports 96 %.** Its final network, trained again for ten epochs, got 96.4 % of the photographs right that it had learned "
    "from, and 85.4 % of those that were held out. So 96 % is most likely the accuracy on its own training photographs: compare held out "
    "and training below."
)


def show() -> None:
    """The whole view: what to repeat, how far it is, and what it says."""
    st.markdown(
        "The study changed one thing after another. Repeat it: each step differs from the one before in exactly one thing, and several "
        "seeds tell a difference from noise."
    )
    if listings.chosen() is None:
        box = frame.empty_state("photo_library", "No data set yet", "Choose or draw photographs first.")
        box.page_link(frame.DATA, label="To the data", icon=":material/photo_library:")
        return
    with st.container(border=True, key="study"):
        listings.pick()
        set_name, seeds = _choose_scale()
        data = str(listings.chosen())
        _queue(set_name, data, seeds)
    st.info(_ABOUT_96.replace(" %", "\N{NO-BREAK SPACE}%"), icon=":material/fact_check:")
    if _waiting(data):
        st.fragment(_poll, run_every=_EVERY)(set_name, data, seeds)
    else:
        _results(set_name, data, seeds)


def _choose_scale() -> tuple[str, int]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        set_name = st.segmented_control(
            "Scale", _SCALES, format_func=_SCALES.get, default="study-small", required=True, key="study_set", persist_state="session"
        )
        seeds = st.number_input("Seeds", 1, studies.MOST_SEEDS, 3, key="study_seeds", persist_state="session", width=140)
    return set_name, int(seeds)


def _queue(set_name: str, data: str, seeds: int) -> None:
    missing = studies.missing(set_name, data, seeds)
    if not missing:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/check_circle: {_complete(set_name, data)}", width="content")
            st.page_link(frame.TRAIN, label="Watch the queue", icon=":material/model_training:")
        return
    count = f"{len(missing)} runs" if len(missing) > 1 else "1 run"
    if st.button(f"Queue {count}", type="primary", icon=":material/playlist_add:"):
        try:
            listing = listings.checked(listings.chosen())
            for config in missing:
                split.make(listing, config)
        except InputError as error:
            st.error(str(error), icon=":material/error:")
            return
        jobs.create(missing)
        st.rerun()
    st.caption(_length(set_name, missing))


def _complete(set_name: str, data: str) -> str:
    names = {preset.name for preset in study_presets.find_set(set_name)}
    count = sum(run.config.preset in names for run in _waiting(data))
    return f"Nothing is missing; {count} of its runs still wait or train." if count else "Everything is there."


def _length(set_name: str, missing: list) -> str:
    """About how long the missing runs take, one after the other."""
    side = {variant.settings["target_size"] for variant in study_presets.find_set(set_name)}
    size = f"Pictures of {' and '.join(map(str, sorted(side)))} px, {study_presets.find_set(set_name)[0].settings['epochs']} epochs a run."
    stored = store.list_all()
    kinds = {config.preset: forecast.duration(config, stored) for config in missing}
    if None in kinds.values():
        return f"{size} {_MEASURED[set_name]}"
    seconds = sum(kinds[config.preset].seconds for config in missing)
    return f"{size} One after the other they take {names.duration(seconds)}, judging by runs like them."


def _waiting(data: str) -> list[Run]:
    return [run for run in store.list_all() if run.config.data == data and run.state in store.WAITING]


def _poll(set_name: str, data: str, seeds: int) -> None:
    if not _waiting(data):
        st.rerun()
    _results(set_name, data, seeds)


def _results(set_name: str, data: str, seeds: int) -> None:
    states = tuple((run.id, run.state) for run in store.list_all() if run.config.data == data)
    variants, concluded = _found(set_name, data, states)
    st.subheader("What the runs say" if any(variant.runs for variant in variants) else "Its steps", anchor=False)
    _table(variants, seeds)
    done = [variant for variant in variants if variant.group]
    if not done:
        return
    spreads = [(variant.group.test, variant.group.training) for variant in done]
    figure = figures.draw([variant.preset.title for variant in done], *zip(*spreads, strict=True))
    chart.show(figure, "Accuracy, step by step", "study-steps", help="Means over the seeds, with their 95 % intervals")
    st.subheader("What the study concluded", anchor=False)
    for conclusion in concluded:
        _conclude(conclusion)


@st.cache_data(show_spinner=False, max_entries=20)
def _found(set_name: str, data: str, states: tuple[tuple[str, str], ...]) -> tuple[list[Variant], list[Conclusion]]:
    """Read again only when a run was added or came into another state."""
    variants = studies.variants(set_name, data)
    return variants, studies.conclusions(variants)


def _table(variants: list[Variant], seeds: int) -> None:
    rows = []
    for variant in variants:
        group = variant.group
        rows.append(
            {
                "step": variant.preset.title,
                "seeds": f"{len(group.runs) if group else 0} of {max(seeds, len(variant.runs))}",
                "held out": _said(group.test) if group else None,
                "validation": _said(group.validation) if group else None,
                "training": _said(group.training) if group else None,
                "minutes": group.minutes.mean if group else None,
            }
        )
    minutes = st.column_config.NumberColumn("minutes a run", format="%.1f", help="Epochs only")
    pinned = st.column_config.TextColumn("step", pinned=True)
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_config={"minutes": minutes, "step": pinned})
    st.caption("Accuracies: the mean over the seeds, and the 95 % interval of that mean (Student's t), which takes two seeds or more.")


def _said(spread: Spread) -> str:
    return f"{spread.mean:.1%}" + ("" if spread.low is None else f"  ({spread.low:.1%} to {min(1.0, spread.high):.1%})")


def _conclude(conclusion: Conclusion) -> None:
    found = conclusion.difference
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{conclusion.after.title}.** {conclusion.after.why}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(conclusion.verdict, color=_COLORS[conclusion.verdict])
            st.markdown(conclusion.sentence, width="stretch")
        if found:
            chance = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
            interval = f"{100 * found.low:+.1f} to {100 * found.high:+.1f} points".replace("-", "−")
            st.caption(f"{found.test} on held-out accuracy: {chance}, 95 % interval {interval}. {significance.SOURCES[found.test]}.")
