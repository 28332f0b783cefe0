"""Train: hyperparameters -> start; the running and the waiting runs; stop and resume."""

from pathlib import Path

import streamlit as st

from catsdogs.analysis import studies
from catsdogs.data import split
from catsdogs.errors import InputError
from catsdogs.networks import pretrained
from catsdogs.queue import jobs
from catsdogs.runs import store
from catsdogs.settings import config as configs
from catsdogs.settings.config import Config
from catsdogs.system import devices
from pages.parts.shared import frame, listings, names, undo
from pages.parts.train import form, live, preview


@st.cache_resource(show_spinner="Looking for a GPU")
def device() -> devices.Device:
    """What trainings run on; asked once a server."""
    return devices.find()


def repeat(id: str) -> None:
    """Fill the form with what that run was asked for, and choose its data set; once, so that the form can be changed after it."""
    del st.query_params["like"]
    try:
        run = store.load(id)
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    form.fill(run.config)
    st.session_state.form_open = True
    st.info(
        f"The form below is filled as for {names.plain(names.with_seed(run))}. Start it again, or change something first.",
        icon=":material/replay:",
    )
    try:
        listings.checked(Path(run.config.data))
    except InputError as error:
        st.warning(f"Its photographs can't be chosen. {error}", icon=":material/folder_off:")
    else:
        listings.choose(Path(run.config.data))


def start(filled: dict, count: int) -> None:
    """Validate what is filled in, and queue that many runs of it, each with the next seed."""
    try:
        seeds = range(filled["seed"], filled["seed"] + count)
        wanted = [configs.change(Config(), **{**filled, "seed": seed}, data=str(listings.chosen())) for seed in seeds]
        split.make(listings.checked(listings.chosen()), wanted[0])
        with st.spinner("Looking for the weights"):
            weights = pretrained.settle(wanted[0]).weights
        wanted = [configs.change(config, weights=weights) for config in wanted]
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    created = jobs.create(wanted)
    st.query_params["run"] = created[0].id
    before = len(jobs.queue()) - len(created)
    st.session_state.told = f"Queued, {before} before it." if before > 0 else "Started."
    st.rerun()


frame.heading("Train", "Choose what to change, start, and watch what it does to the network, epoch by epoch.")
if "told" in st.session_state:  # by the button below, which drew this page again
    st.toast(st.session_state.pop("told"), icon=":material/play_arrow:")
    st.session_state.form_open = False  # the page gets so short that the run is in view, wherever one had scrolled to
with st.container():  # one place for what comes and goes: were it several, the form below would be made anew, under the mouse
    undo.show("train")
    if "like" in st.query_params:
        repeat(st.query_params["like"])
    live.show(st.query_params.get("run"))

if listings.chosen() is None:
    box = frame.empty_state(
        "model_training", "Nothing to train on yet", "Draw a data set of 2,000 cats and dogs; it takes some seconds and needs no download."
    )
    if box.button("Draw it", type="primary", icon=":material/brush:"):
        listings.choose(listings.draw(2000, 0))
        st.rerun()
    st.stop()

with st.expander("**A new run**", expanded=True, key="form_open", on_change="rerun"):
    listings.pick()
    filled = form.settings()
    preview.show(filled, listings.checked_or_stop(listings.chosen()))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pressed = st.button("Start training", type="primary", icon=":material/play_arrow:")
        count = st.number_input(
            "Runs, each with another seed",
            1,
            studies.MOST_SEEDS,
            key="repeats",
            persist_state="session",
            width=250,
            help="Another seed: another split, other first weights, another order. Several show how far a result can be trusted.",
        )
    st.caption(f":material/memory: It will train on {device()}. {device().note}")
    if pressed:
        start(filled, count)
