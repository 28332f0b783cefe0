"""How a run ended: why, where there is something to say."""

import streamlit as st

from catsdogs.runs.store import Run


def show(run: Run) -> None:
    """The error of a failed run, or what cut a finished one short; nothing where all went well."""
    if "error" in run.status:
        st.error(run.status["error"], icon=":material/error:")
    elif "note" in run.status:
        st.warning(run.status["note"], icon=":material/info:")
