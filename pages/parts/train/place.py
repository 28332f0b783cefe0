"""Where runs are trained: on this machine, or on the cluster that `engine.toml` names; and what is wrong with that."""

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import cluster, engine
from catsdogs.runs import Run
from catsdogs.system import devices
from pages.parts.shared import names


def show() -> None:
    """In a line, before a start."""
    try:
        chosen = cluster.settings()
    except InputError as error:
        st.warning(names.said(error), icon=":material/cloud_off:")
        return
    if chosen:
        st.caption(f":material/lan: Trains on the Ray cluster at {names.plain(chosen.address)}, with {chosen.share} a run.")
    else:
        st.caption(f":material/memory: Trains on {_device()}. {_device().note}")


def show_problem() -> None:
    """Why none of the waiting runs can begin, if so."""
    if problem := engine.problem():
        st.warning(names.said(problem), icon=":material/cloud_off:")


def of(run: Run) -> str:
    """The other machine that trains the run, and its device, as far as they are known; empty for this machine."""
    return ", ".join(names.plain(run.status[name]) for name in ("host", "device") if name in run.status) if "host" in run.status else ""


@st.cache_resource(show_spinner="Looking for a GPU")
def _device() -> devices.Device:
    """This machine's; looked up once per server."""
    return devices.find()
