"""Where the data set comes from: drawn, a folder on the server, or one checked before. Whichever it is becomes the chosen one."""

import streamlit as st

from catsdogs.data import dataset
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.system import paths
from pages.parts.shared import chosen_data, frame

_DRAWN, _FOLDER, _KNOWN = "Drawn images", "Folder on the server", "Used before"


def show() -> None:
    """Draw the choice of a source, and below it what that source needs."""
    sources = (_DRAWN, _FOLDER, *((_KNOWN,) if dataset.known() else ()))
    with st.container(border=True):
        source = st.segmented_control(
            "Source", sources, default=_DRAWN, required=True, key="source", persist_state="session", label_visibility="collapsed"
        )
        if source == _DRAWN:
            _choose_drawn()
        elif source == _FOLDER:
            _choose_folder()
        else:
            chosen_data.pick(is_elsewhere=False)


def _choose_drawn() -> None:
    low, high = demo.COUNT_LIMITS
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = f"Images ({low} to {high:,})"
        count = st.number_input(label, value=2000, step=500, key="drawn_count", persist_state="session", width=200)
        seed = st.number_input("Seed", value=0, step=1, key="drawn_seed", persist_state="session", width=140)
        pressed = st.button("Draw data set", type="primary", icon=":material/brush:")
    if pressed:
        try:
            chosen_data.choose(chosen_data.draw(int(count), int(seed)))
        except InputError as error:
            frame.error(error)


def _choose_folder() -> None:
    with st.form("folder", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Folder", placeholder="/home/me/PetImages", key="folder_path", persist_state="session", width=520)
        pressed = st.form_submit_button("Check and use", type="primary", icon=":material/fact_check:")
    st.caption(
        "One folder per class, such as `cats/` and `dogs/`, at the top level or inside `train/` and `validation/`; "
        "or files named like `cat.0.jpg` and `dog.0.jpg`."
    )
    if pressed and text.strip():
        try:
            folder = paths.resolve(text.strip())
            chosen_data.forget(folder)
            chosen_data.check(folder)
        except InputError as error:
            frame.error(error, ":material/folder_off:")
        else:
            chosen_data.choose(folder)
