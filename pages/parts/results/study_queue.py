"""The study's missing runs: how many seeds, at which scale, about how long they take, and the button that queues them."""

import streamlit as st

from catsdogs.analysis import studies
from catsdogs.queue import forecast, study_runs
from catsdogs.runs import Run, store
from catsdogs.settings import Config, grid
from catsdogs.system import access
from pages.parts.shared import allowance, chosen_data, frame, names

_SCALES = {"study-small": "Small", "study": "As in the study"}
_MEASURED = {  # what to expect where no stored run is similar
    "study-small": "18 of them took about 20 minutes on a fast machine with two cores and 20,000 photographs.",
    "study": "Each Conv2D run took about 13 minutes on a fast machine with two cores and 20,000 photographs.",
}


def show(data: str) -> tuple[str, int]:
    """Draw it; returns the chosen preset set and number of seeds."""
    with st.container(horizontal=True, vertical_alignment="top"):
        scales = {"options": _SCALES, "format_func": _SCALES.get, "default": "study-small"}
        set_name = st.segmented_control("Scale", **scales, required=True, key="study_set", persist_state="session")
        seeds = st.number_input("Seeds", 1, grid.MOST_SEEDS, 3, key="study_seeds", persist_state="session", width=140)
    missing = studies.missing(set_name, data, seeds)
    if missing:
        if st.button(
            f"Queue {names.counted(len(missing), 'run')}",
            type="primary",
            icon=":material/playlist_add:",
            disabled=access.looks_only(),
        ):
            _queue(set_name, seeds, missing)
        st.caption(_length(set_name, missing))
        allowance.show_runs(len(missing))
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/check_circle: {_progress(set_name, data)}", width="content")
            st.page_link(frame.TRAIN, label="View queue", icon=":material/model_training:")
    return set_name, seeds


def waiting(data: str) -> list[Run]:
    """The runs on that data set that wait or train."""
    return [run for run in store.list_all() if run.config.data == data and run.state in store.WAITING]


def _queue(set_name: str, seeds: int, missing: list[Config]) -> None:
    with frame.reported():
        listing = chosen_data.check(chosen_data.folder())
        studies.require(listing, missing)
        study_runs.queue(set_name, missing[0].data, seeds)
        st.rerun()


def _progress(set_name: str, data: str) -> str:
    count = sum(run.state in store.WAITING for variant in studies.variants(set_name, data) for run in variant.runs)
    return f"{names.counted(count, 'run')} still waiting or training; none left to queue." if count else "All runs have finished."


def _length(set_name: str, missing: list[Config]) -> str:
    """About how long the missing runs take, one after the other."""
    sides = sorted({config.target_size for config in missing})
    size = f"Images of {' and '.join(map(str, sides))} px, {missing[0].epochs} epochs per run."
    stored = store.list_all()
    estimates = {config.preset: forecast.duration(config, stored) for config in missing}
    if None in estimates.values():
        return f"{size} {_MEASURED[set_name]}"
    seconds = sum(estimates[config.preset].seconds for config in missing)
    return f"{size} One after the other, they take {names.forecast(seconds)}, judging by similar runs."
