"""Train: settings -> start; the running and the waiting runs; stop and resume."""

import streamlit as st

from catsdogs.data.dataset import Listing
from catsdogs.settings import grid
from catsdogs.system import access
from pages.parts.shared import allowance, chosen_data, frame, undo, unreadable
from pages.parts.train import draft, estimate, form, launch, live, place, preview, rate_finder, sweep


@st.fragment  # so that a slider's move draws this again, and not the whole page
def new_run(listing: Listing | None) -> None:
    """The form, the preview and, where there is a data set, the start."""
    advice = st.container()  # above the presets, one of which it is about
    is_opened = "form_preset" not in st.session_state
    filled = form.settings()
    draft.keep(filled, is_opened)
    preview.show(filled, listing)
    if listing is None:
        rate_finder.answer(filled, listing)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="start"):
        pressed = st.button("Start training", type="primary", icon=":material/play_arrow:")
        about = "Each run takes the next seed: another split, initial weights and order. Several runs show how much the result varies."
        count = st.number_input("Number of runs", 1, grid.MOST_SEEDS, key="repeats", persist_state="session", width=180, help=about)
    with advice:
        launch.advise_few(filled, listing)
    launch.advise(filled, listing, count)
    fitting = launch.fit(filled, listing, count)
    rate_finder.answer(fitting, listing)
    estimate.show(fitting, count)
    place.show()
    allowance.show_runs(count)
    if pressed:
        launch.start(fitting, count)
    sweep.show(fitting, listing)


frame.heading("Train", "Choose the settings, start, and follow the training epoch by epoch.")
launch.confirm()
with st.container():  # one place for what comes and goes: with several, the form below would be rebuilt under the mouse
    undo.show("train")
    if "like" in st.query_params:
        launch.repeat(st.query_params["like"])
    if "from" in st.query_params:
        launch.go_on(st.query_params["from"])
    live.show(st.query_params.get("run"))
    unreadable.mention()

if access.looks_only():
    frame.look_only()
    st.stop()
if chosen_data.folder() is None:
    text = "Draw 2,000 cats and dogs: it needs no download."
    box = frame.empty_state("model_training", "Nothing to train on yet", text)
    if box.button("Draw data set", type="primary", icon=":material/brush:"):
        with frame.reported():
            chosen_data.choose(chosen_data.draw(2000, 0))
            st.rerun()
    box.page_link(frame.DATA, label="Use your own photographs", icon=":material/photo_library:")
    with st.expander("Look at the settings first"):
        new_run(None)
    st.stop()

with st.expander("**New run**", expanded=True, key="form_open", on_change="rerun"):
    chosen_data.pick()
    new_run(chosen_data.check_or_stop(chosen_data.folder()))
