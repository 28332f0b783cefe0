"""Data: choose a data set, see what is in it, what is wrong with it, and what a network sees of it."""

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.system import access
from pages.parts.data import arrival, gallery, health, keeping, reading, source
from pages.parts.shared import chosen_data, frame, names

frame.heading("Data", "Choose what the network learns from, and look at it first.")
may_train = access.person().may_train
if may_train:
    source.show()
else:
    frame.look_only()
    if chosen_data.folder():
        chosen_data.pick(is_elsewhere=False)
folder = chosen_data.folder()
if folder is None:
    ways = "Draw one, bring your own photographs, or download a set. " if may_train else ""
    frame.empty_state("photo_library", "No data set yet", f"{ways}Below are examples of drawn pictures.")
    gallery.show_drawn()
    st.stop()
arrival.show()

try:
    listing, problem = chosen_data.check(folder), None
except InputError as error:
    listing, problem = None, str(error)

with st.container(horizontal=True, vertical_alignment="center"):
    st.header(names.plain(names.data_set(folder)), anchor=False)
    if maker := names.other_maker(folder):
        st.caption(f"made by {names.plain(maker)}")
    st.space("stretch")
    if may_train:
        keeping.show(folder, listing)
    if st.button("Check again", icon=":material/refresh:", type="tertiary", help="After adding, changing or removing files"):
        chosen_data.forget(folder)
        st.rerun()
    if listing and may_train and st.button("Train on it", type="primary", icon=":material/arrow_forward:", icon_position="right"):
        st.switch_page(frame.TRAIN)
if problem:
    frame.error(problem, ":material/folder_off:")
    reading.show(folder)
    health.show_corrections(folder)
    st.stop()

health.show(listing)
reading.show(folder)
gallery.show_listing(listing)
gallery.show_sizes(listing)
