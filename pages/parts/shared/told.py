"""What people must be told once, such as a list that could not be read and was begun anew. It stays until they have dismissed it."""

import streamlit as st

from catsdogs.data import known_folders
from catsdogs.queue import jobs
from catsdogs.system import notices
from pages.parts.shared import names


def show() -> None:
    """Draw it, if there is any."""
    known_folders.load()  # what these two set aside is told on this page, not on the next one
    jobs.queue()
    told = st.session_state.setdefault("told", [])
    told += notices.take()
    if not told:
        return
    for text in told:
        st.warning(names.plain(text), icon=":material/inventory_2:")
    if st.button("Dismiss", icon=":material/close:", key="dismiss"):
        told.clear()
        st.rerun()
