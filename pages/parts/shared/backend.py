"""Keras for the pages: in a process beside the server's to classify and to look for doubtful photographs, in the server's own to preview
augmentation and to export.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from catsdogs.analysis import doubts, neither, ranking
from catsdogs.analysis.doubts import Doubts
from catsdogs.data.dataset import Listing, Report
from catsdogs.errors import InputError
from catsdogs.inference import features, loaded
from catsdogs.inference.companion import Companion
from catsdogs.runs import Run, store
from catsdogs.system import devices

_PORTION = 20e6  # bytes
_BATCH = 32  # images; as many as are classified at once


@st.cache_resource(show_spinner=False)
def load() -> None:
    """Import Keras, once per server."""
    devices.prepare()
    import keras  # noqa: F401  takes seconds, which pages without it don't wait for

    gc.freeze()  # Streamlit collects after every run of a page, which takes 0.3 s with TensorFlow's objects


def start() -> None:
    """Start the process that classifies, and have it load Keras and the network that Classify selects first. Returns at once.

    It holds some 600 MB from then on, even if nobody classifies: the price of an answer right after the server's start.
    """
    threading.Thread(target=_prepare_default, args=(_companion(),), daemon=True).start()


@st.cache_resource(show_spinner=False, max_entries=100)
def prepare(id: str, version: tuple) -> None:
    """Load this run's model while people choose their photographs. Returns at once; `classify` waits for it."""
    threading.Thread(target=_prepare, args=(_companion(), id, version), daemon=True).start()


def classify(run: Run, images: list[tuple[str, bytes | Path]]) -> list:
    """What `classifier.classify` answers by the run's current model. Raises InputError where it has none."""
    version = store.model_version(run)
    return [answer for portion in portions(images) for answer in _companion().call(loaded.classify, run.id, version, portion)]


def find_doubts(listing: Listing, report: Report) -> Doubts:
    """What `doubts.find` finds in the data set by the bundled network. Raises InputError where a photograph can't be read any more."""
    run = store.load(store.SHIPPED)
    version = store.model_version(run)
    ask = partial(_companion().call, loaded.features, run.id, version)  # a portion a call, so that others can classify in between
    found = features.load(listing, (run.id, version), ask, report)
    labels = np.array([listing.class_names.index(photo.label) for photo in listing.photos])
    weights = np.array(neither.load(run)["weights"], np.float32)
    return _companion().call(doubts.find, found, labels, weights)


def portions(images: list[tuple[str, bytes | Path]]) -> Iterator[list[tuple[str, bytes | Path]]]:
    """The images as they are sent to that process: few enough at once that their copies take little memory."""
    portion, size = [], 0
    for name, source in images:
        added = len(source) if isinstance(source, bytes) else 0
        if portion and (size + added > _PORTION or len(portion) == _BATCH):
            yield portion
            portion, size = [], 0
        portion.append((name, source))
        size += added
    if portion:
        yield portion


def _prepare_default(companion: Companion) -> None:
    default = companion.call(ranking.default).run
    _prepare(companion, default.id, store.model_version(default))


def _prepare(companion: Companion, id: str, version: tuple) -> None:
    with suppress(InputError):  # such as a deleted run: `classify` will report it
        companion.call(loaded.prepare, id, version)


@st.cache_resource(show_spinner=False)
def _companion() -> Companion:
    return Companion()
