"""The messages of `catsdogs.system.notices` on a page, such as that a list could not be read and was replaced.

They stay, for all who may change something here, until one of them dismisses them.
"""

import streamlit as st

from catsdogs.data import known_folders
from catsdogs.queue import jobs
from catsdogs.system import access, notices
from pages.parts.shared import names


def show() -> None:
    """Draw it, if there is any."""
    known_folders.load()  # what these two set aside is told on this page, not on the next one
    jobs.queue()
    pending = {} if access.looks_only() else notices.pending()
    if not pending:
        return
    for text in pending.values():
        st.warning(names.plain(names.visible(text)), icon=":material/inventory_2:")
    st.button("Dismiss", icon=":material/close:", key="dismiss", on_click=notices.dismiss, args=[list(pending)])
