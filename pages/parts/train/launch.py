"""From the form to the queue, and from a stored run back to the form."""

from pathlib import Path

import streamlit as st

from catsdogs.data import split
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.networks import pretrained
from catsdogs.queue import jobs
from catsdogs.runs import store
from catsdogs.settings import Config
from catsdogs.settings import config as configs
from pages.parts.shared import chosen_data, frame, names
from pages.parts.train import form


def fit(filled: dict, listing: Listing, count: int) -> dict:
    """What is filled in, with the preset's batch size lowered, and that said, where fewer photographs are to be trained on.

    A batch size that was changed in the form stays as it is; `start` refuses it.
    """
    if "batch_size" in form.changed(filled):
        return filled
    try:
        asked = _requested(filled, count)
        fitted = min((split.fit(listing, config) for config in asked), key=lambda config: config.batch_size)
    except InputError:  # which the start reports
        return filled
    if sentence := split.lowered(asked[0], fitted):
        st.caption(f":material/info: {sentence}")
    return {**filled, "batch_size": fitted.batch_size}


def start(filled: dict, count: int) -> None:
    """Validate what is filled in, and queue that many runs of it, each with the next seed."""
    try:
        requested = _requested(filled, count)
        split.make(chosen_data.check(chosen_data.folder()), requested[0])
        with st.spinner("Looking for the weights"):
            weights = pretrained.settle(requested[0]).weights
        requested = [configs.change(config, weights=weights) for config in requested]
        created = jobs.create(requested)
    except InputError as error:
        frame.error(error)
        return
    st.query_params["run"] = created[0].id
    ahead = len(jobs.queue()) - len(created)
    st.session_state.started = f"Queued behind {names.counted(ahead, 'other run')}." if ahead > 0 else "Started."
    st.rerun()


def _requested(filled: dict, count: int) -> list[Config]:
    seeds = range(filled["seed"], filled["seed"] + count)
    return [configs.change(Config(), **{**filled, "seed": seed}, data=str(chosen_data.folder())) for seed in seeds]


def confirm() -> None:
    """After `start`, which draws the page again: say so, and close the form, so that the run is in view wherever the page was."""
    if "started" in st.session_state:
        st.toast(st.session_state.pop("started"), icon=":material/play_arrow:")
        st.session_state.form_open = False


def repeat(id: str) -> None:
    """Fill the form with that run's settings and choose its data set; once, so that both can be changed afterwards."""
    del st.query_params["like"]
    try:
        run = store.load(id)
    except InputError as error:
        frame.error(error)
        return
    form.fill(run.config)
    st.session_state.form_open = True
    name = names.plain(names.with_seed(run))
    st.info(f"The form below has the settings of {name}. Start it as it is, or change something first.", icon=":material/replay:")
    folder = Path(run.config.data)
    try:
        chosen_data.check(folder)
    except InputError as error:
        st.warning(f"Its data set can't be used. {names.plain(str(error))}", icon=":material/folder_off:")
    else:
        chosen_data.choose(folder)
