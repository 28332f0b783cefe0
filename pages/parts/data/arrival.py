"""What came with a new data set and what did not, told once on the page that shows it first."""

import streamlit as st

from pages.parts.shared import chosen_data, names

_MOST = 20  # entries that are named


def show() -> None:
    """Draw it, where a data set has just come."""
    added = chosen_data.told()
    if added is None:
        return
    if not added.left_out:
        st.toast(f"{names.counted(added.images, 'image')} added.", icon=":material/check:")
        return
    with st.container(border=True):
        st.markdown(f"{names.counted(added.images, 'image')} added; {names.counted(len(added.left_out), 'file')} left out:")
        for entry in added.left_out[:_MOST]:
            st.caption(f"{names.plain(entry.name)}: {names.plain(entry.reason)}")
        if len(added.left_out) > _MOST:
            st.caption(f"and {len(added.left_out) - _MOST:,} more.")
