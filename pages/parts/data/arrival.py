"""What a new data set brought and what was left out, shown once."""

import streamlit as st

from catsdogs.sources import intake
from pages.parts.shared import chosen_data, names

_MOST = 20  # lines


def show() -> None:
    """Draw it, where a data set has just come."""
    added = chosen_data.take_added()
    if added is None:
        return
    if not added.left_out:
        st.toast(f"{names.counted(added.images, 'image')} added.", icon=":material/check:")
        return
    with st.container(border=True):
        st.markdown(f"{names.counted(added.images, 'image')} added; {names.counted(len(added.left_out), 'file')} left out:")
        lines = intake.lines_of(added.left_out)
        for line in lines[:_MOST]:
            st.caption(names.plain(line))
        if len(lines) > _MOST:
            st.caption(f"and {len(lines) - _MOST:,} more.")
