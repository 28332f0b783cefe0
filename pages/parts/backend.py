"""Keras in the server's process: loaded when a page first needs it, and kept out of the garbage collector's way."""

import gc
from pathlib import Path

import streamlit as st

from catsdogs import devices, runs
from catsdogs.runs import Run


@st.cache_resource(show_spinner=False)
def load() -> None:
    """Import Keras once a server."""
    devices.prepare()
    import keras  # noqa: F401  seconds of work, which pages that don't classify must not pay

    gc.freeze()  # Streamlit collects after every run of a page: 0.3 s each time with TensorFlow's objects in it


def classify(run: Run, pictures: list[tuple[str, bytes | Path]]) -> list:
    """The answers of `classifier.classify` by the run's model as it is now. Raises InputError where it has none."""
    load()
    from catsdogs import classifier

    return classifier.classify(_classifier(run.id, runs.model_version(run)), pictures)


@st.cache_resource(show_spinner=False, max_entries=4)
def _classifier(id: str, version: int):
    from catsdogs import classifier

    return classifier.load(runs.load(id))
