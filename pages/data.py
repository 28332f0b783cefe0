"""Data: choose a data set, see what is in it and what is wrong with it, and how it will look to a network."""

from pathlib import Path

import pandas as pd
import streamlit as st

from catsdogs.data import dataset
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from pages.parts.data import gallery
from pages.parts.shared import frame, listings

DRAWN, FOLDER, KNOWN = "Drawn pictures", "Folder on this server", "Used before"


def choose_drawn() -> None:
    """Count and seed -> a drawn data set, which becomes the chosen one."""
    low, high = demo.COUNT_LIMITS
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input(
            f"Pictures ({low} to {high:,})", value=2000, step=500, key="drawn_count", persist_state="session", width=200
        )
        seed = st.number_input("Seed", value=0, step=1, key="drawn_seed", persist_state="session", width=140)
        pressed = st.button("Draw and use them", type="primary", icon=":material/brush:")
    if pressed:
        try:
            listings.choose(listings.draw(int(count), int(seed)))
        except InputError as error:
            st.error(str(error), icon=":material/error:")


def choose_folder() -> None:
    """A path on the server -> the chosen data set, if it can be used."""
    with st.form("folder", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Folder", placeholder="/home/me/PetImages", key="folder_path", persist_state="session", width=520)
        pressed = st.form_submit_button("Check and use it", type="primary", icon=":material/fact_check:")
    st.caption(
        "Two class folders such as `cats/` and `dogs/`, the same within `train/` and `validation/`, "
        "or files named `cat.0.jpg` and `dog.0.jpg`."
    )
    if pressed and text.strip():
        folder = Path(text.strip()).expanduser().resolve()
        listings.forget(folder)
        try:
            listings.checked(folder)
        except InputError as error:
            st.error(str(error), icon=":material/folder_off:")
        else:
            listings.choose(folder)


frame.heading("Photographs", "Everything starts with them: choose what the network will learn from, and look at it before it does.")

with st.container(border=True):
    source = st.segmented_control(
        "Where from",
        (DRAWN, FOLDER, *((KNOWN,) if dataset.known() else ())),
        default=DRAWN,
        required=True,
        key="source",
        persist_state="session",
        label_visibility="collapsed",
    )
    if source == DRAWN:
        choose_drawn()
    elif source == FOLDER:
        choose_folder()
    else:
        listings.pick(is_elsewhere=False)

folder = listings.chosen()
if folder is None:
    frame.empty_state(
        "photo_library",
        "No data set yet",
        "Draw one: it takes some seconds, needs no download, and everything else here works with it. These are a few of its pictures.",
    )
    gallery.show_drawn(count=12)
    st.stop()

listing = listings.checked_or_stop(folder)
with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(listings.name(folder), anchor=False)
    st.space("stretch")
    if st.button("Check again", icon=":material/refresh:", type="tertiary", help="After files were added, changed or removed"):
        listings.forget(folder)
        st.rerun()
    st.page_link(frame.TRAIN, label="Train on it", icon=":material/arrow_forward:", icon_position="right")

with st.container(horizontal=True):
    for class_name, count in listing.counts.items():
        st.metric(class_name, f"{count:,}", border=True, help="Photographs that can be used")
    st.metric("exact copies", f"{listing.duplicates:,}", border=True, help="Kept on one side of the split, so that none leaks")
    st.metric("set aside", f"{len(listing.set_aside):,}", border=True, help="Can't be used; nothing is deleted")

if listing.set_aside:
    with st.expander(f"{len(listing.set_aside):,} files that can't be used, and why", icon=":material/report:"):
        st.dataframe(pd.DataFrame(listing.set_aside).rename(columns={"path": "file"}), hide_index=True)

gallery.show_listing(listing)
gallery.show_sizes(listing)
