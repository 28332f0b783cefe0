"""Keras for the pages: in a process beside the server's for what classifies, in the server's own for the preview of augmentation."""

import gc
import threading
from contextlib import suppress
from pathlib import Path

import streamlit as st

from catsdogs.analysis import ranking
from catsdogs.errors import InputError
from catsdogs.inference import loaded
from catsdogs.inference.companion import Companion
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.system import devices


@st.cache_resource(show_spinner=False)
def load() -> None:
    """Import Keras once a server."""
    devices.prepare()
    import keras  # noqa: F401  seconds of work, which pages that don't need it must not pay

    gc.freeze()  # Streamlit collects after every run of a page: 0.3 s each time with TensorFlow's objects in it


def start() -> None:
    """Start the process that classifies, and have it load Keras and the network that Classify offers at first. Returns at once.

    It holds some 600 MB from then on, also where nobody classifies: that is the price of an answer right after the server's start.
    """
    threading.Thread(target=_prepare_best, args=(_companion(),), daemon=True).start()


@st.cache_resource(show_spinner=False, max_entries=100)
def prepare(id: str, version: tuple) -> None:
    """Load Keras and this run's model while people choose their pictures. Returns at once; `classify` waits for it."""
    threading.Thread(target=_prepare, args=(_companion(), id, version), daemon=True).start()


def classify(run: Run, pictures: list[tuple[str, bytes | Path]]) -> list:
    """The answers of `classifier.classify` by the run's model as it is now. Raises InputError where it has none."""
    return _companion().call(loaded.classify, run.id, store.model_version(run), pictures)


def _prepare_best(companion: Companion) -> None:
    best = companion.call(ranking.best)
    _prepare(companion, best.id, store.model_version(best))


def _prepare(companion: Companion, id: str, version: tuple) -> None:
    with suppress(InputError):  # such as that its run was deleted; who asks for an answer is told
        companion.call(loaded.prepare, id, version)


@st.cache_resource(show_spinner=False)
def _companion() -> Companion:
    return Companion()
