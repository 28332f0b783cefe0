"""Renames a data set, or deletes it and frees its space."""

from pathlib import Path

import streamlit as st

from catsdogs.data.dataset import Listing
from catsdogs.sources import library
from catsdogs.system import files
from pages.parts.shared import chosen_data, frame, names


def show(folder: Path, listing: Listing | None) -> None:
    """Draw a button to rename the data set, and one to delete it where it is the application's own."""
    with st.popover("Rename", icon=":material/edit:", type="tertiary"), st.form("rename", border=False):
        name = st.text_input("Name", names.data_set(folder), max_chars=library.MAX_NAME)
        if st.form_submit_button("Rename"):
            with frame.reported():
                library.rename(folder, name)
                st.rerun()
    if library.is_own(folder) and st.button("Delete", icon=":material/delete:", type="tertiary", help="Frees its disk space"):
        _ask(folder, files.version(folder), listing.fingerprint if listing else None)


@st.dialog("Delete this data set?")
def _ask(folder: Path, version: tuple | None, fingerprint: str | None) -> None:
    size = names.size(files.space(folder))
    st.markdown(f"**{names.plain(names.data_set(folder))}** and its {size} of photographs will be gone for good.")
    if maker := names.other_maker(folder):
        st.warning(f"{names.plain(maker)} made it, not you.", icon=":material/person:")
    runs = library.runs_on(folder)
    if runs:
        st.markdown("The runs trained on it keep their models and results, but can't be resumed or repeated:")
        st.markdown("\n".join(f"- {names.plain(names.with_seed(run))}" for run in runs[:10]) + ("\n- …" if len(runs) > 10 else ""))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep"):
            st.rerun()
        if st.button("Delete for good", type="primary", icon=":material/delete:"):
            with frame.reported():
                library.delete(folder, version)
                chosen_data.drop(folder, fingerprint)
                st.rerun()
