"""Runs that can't be read: in full on Results, by their number elsewhere."""

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.system import access
from pages.parts.shared import frame, names, undo

_FEW = 3  # shown without a click


def show() -> None:
    """Each with the file, the reason and a button that deletes it; nothing where all can be read."""
    found = store.list_unreadable()
    if not found:
        return
    with st.expander(f":material/broken_image: {_title(len(found))}", expanded=len(found) <= _FEW):
        st.caption("Nothing else is affected. Restore the file from a copy, or delete the run.")
        for run in found:
            text, action = st.columns([6, 1], vertical_alignment="center")
            text.markdown(f"**{names.plain(run.name)}** · {names.plain(run.sentence)}")
            if action.button(
                "Delete",
                icon=":material/delete:",
                key=f"delete-{run.name}",
                help=f"Delete {names.plain(run.name)}",
                disabled=access.looks_only(),
            ):
                undo.delete([run])
                st.rerun()


def mention() -> None:
    """How many there are, with a link to them; nothing where all can be read."""
    found = store.list_unreadable()
    if found:
        st.page_link(frame.RESULTS, label=_title(len(found)), icon=":material/broken_image:")


def explain(id: str, error: InputError) -> None:
    """Say that the run of that id is gone; or, where it is there, why it can't be read."""
    is_there = id in {each.id for each in store.list_unreadable()}
    frame.error(error if is_there else f"There is no run {id} here; it may have been deleted, or cancelled while it waited.")


def _title(count: int) -> str:
    return f"{names.counted(count, 'run')} can't be read"
