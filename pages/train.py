"""Train: hyperparameters -> start; the running and the waiting runs; stop and resume."""

import streamlit as st

from catsdogs import config as configs
from catsdogs import dataset, devices, jobs, runs, split
from catsdogs.config import Config
from catsdogs.errors import InputError
from pages.parts import form, frame, listings, live, preview

frame.require_app()


@st.cache_resource(show_spinner="Looking for a GPU")
def device() -> devices.Device:
    """What trainings run on; asked once a server."""
    return devices.find()


def choose_data() -> None:
    """The data set to train on, among those that were checked before."""
    known = dataset.known()
    chosen = listings.chosen()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox("Data set", known, index=known.index(chosen) if chosen in known else 0, format_func=listings.name, width=420)
        st.page_link(frame.DATA, label="Look at it, or choose another", icon=":material/photo_library:")
    listings.choose(picked)


def start(filled: dict) -> None:
    """Validate what is filled in, and queue a run of it."""
    try:
        config = configs.change(Config(), **filled, data=str(listings.chosen()))
        split.make(listings.checked(listings.chosen()), config)
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    run = runs.create(config)
    jobs.submit(run)
    st.query_params["run"] = run.id
    st.rerun()


frame.heading("Train", "Choose what to change, start, and watch what it does to the network, epoch by epoch.")
live.show(st.query_params.get("run"))

if listings.chosen() is None:
    box = frame.empty_state(
        "model_training", "Nothing to train on yet", "Draw a data set of 2,000 cats and dogs; it takes some seconds and needs no download."
    )
    if box.button("Draw it", type="primary", icon=":material/brush:"):
        listings.choose(listings.draw(2000, 0))
        st.rerun()
    st.stop()

with st.container(border=True, key="form"):
    st.subheader("A new run", anchor=False)
    choose_data()
    filled = form.settings()
    preview.show(filled, listings.checked_or_stop(listings.chosen()))
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Start training", type="primary", icon=":material/play_arrow:")
        st.caption(f":material/memory: It will train on {device()}. {device().note}")
    if pressed:
        start(filled)
