"""Data: choose a data set, see what is in it, what is wrong with it, and what a network sees of it."""

import pandas as pd
import streamlit as st

from catsdogs.data import class_balance
from catsdogs.errors import InputError
from pages.parts.data import arrival, findings, gallery, keeping, reading, source
from pages.parts.shared import chosen_data, frame, names

frame.heading("Data", "Choose what the network learns from, and look at it first.")
source.show()
folder = chosen_data.folder()
if folder is None:
    frame.empty_state(
        "photo_library",
        "No data set yet",
        "Draw one in less than a minute, bring your own photographs, or download a set. These are some of the drawn ones.",
    )
    gallery.show_drawn(count=12)
    st.stop()
arrival.show()

try:
    listing, problem = chosen_data.check(folder), None
except InputError as error:
    listing, problem = None, str(error)

with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(names.plain(names.data_set(folder)), anchor=False)
    st.space("stretch")
    keeping.show(folder, listing)
    if st.button("Check again", icon=":material/refresh:", type="tertiary", help="After adding, changing or removing files"):
        chosen_data.forget(folder)
        st.rerun()
    if listing:
        st.page_link(frame.TRAIN, label="Train on it", icon=":material/arrow_forward:", icon_position="right")
if problem:
    frame.error(problem, ":material/folder_off:")
    reading.show(folder)
    findings.show_corrections(folder)
    st.stop()

with st.container(horizontal=True):
    for class_name, count in listing.counts.items():
        st.metric(names.plain(class_name), f"{count:,}", border=True, help="Usable photographs")
    st.metric("exact copies", f"{listing.duplicates:,}", border=True, help="Kept in the same subset, so that none leaks")
    near = sum(map(len, listing.near_copies))
    st.metric("near copies", f"{near:,}", border=True, help="Photographs that look like another one, exact copies among them")
    st.metric("set aside", f"{len(listing.set_aside):,}", border=True, help="Files that can't be used. Nothing is deleted.")

if warning := class_balance.warning(listing.counts):
    st.warning(names.plain(warning), icon=":material/balance:")
reading.show(folder)
if listing.set_aside:
    with st.expander(f"{names.counted(len(listing.set_aside), 'file')} set aside, and why", icon=":material/report:"):
        shown = [{"file": names.shown(entry.path), "reason": names.shown(entry.reason)} for entry in listing.set_aside]
        st.dataframe(pd.DataFrame(shown), hide_index=True)

findings.show(listing)
gallery.show_listing(listing)
gallery.show_sizes(listing)
