"""Keras for the pages: in a process beside the server's to classify, to look for doubtful photographs and to import runs, in the server's
own to preview augmentation and to export.
"""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import Future
from contextlib import suppress
from functools import cache, partial
from pathlib import Path, PosixPath

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from catsdogs.analysis import doubts, looks, neither, ranking
from catsdogs.analysis.looks import Look
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.export import run_import
from catsdogs.inference import features, loaded, unseen
from catsdogs.inference.companion import Companion
from catsdogs.runs import Run, store
from catsdogs.system import access, devices, files, home, words
from catsdogs.system.reports import Report

_PORTION = 20e6  # bytes
_PATIENCE = 20  # seconds; the first answer waits for Keras to load, and for the network
_COUNT_EVERY = 1.0  # seconds
_BATCH = 32  # images; as many as are classified at once
BY_VERSION = {  # how caches tell runs and files apart
    Run: lambda run: (run.id, store.answer_version(run)),
    PosixPath: lambda path: (os.fsencode(path), files.version(path)),
}


@st.cache_resource(show_spinner=False)
def load() -> None:
    """Import Keras, once per server."""
    devices.prepare()
    import keras  # takes seconds, which pages without it don't wait for

    # Streamlit calls it after every run of every session, and TensorFlow would then prepare each operation again: 0.2 s for a preview
    keras.backend.clear_session = lambda: None
    gc.freeze()  # what stays needn't be looked through whenever Python collects, which takes 0.3 s with TensorFlow's objects


@cache  # not Streamlit's, which whoever reaches the server can have cleared
def companion() -> Companion:
    """That process, one for all sessions."""
    return Companion()


def start() -> None:
    """Start the process that classifies, and have it load Keras and the network that Classify selects first. Returns at once.

    It holds some 600 MB from then on, even if nobody classifies: the price of an answer right after the server's start.
    """
    threading.Thread(target=_prepare_default, args=(companion(),), daemon=True).start()


@st.cache_resource(show_spinner=False, max_entries=100)
def prepare(id: str, version: tuple) -> None:
    """Load this run's model while people choose their photographs. Returns at once; `classify` waits for it."""
    threading.Thread(target=_prepare, args=(companion(), id, version), daemon=True).start()


def classify(run: Run, images: list[tuple[str, bytes | Path]], temperature: float = 1.0, mirror: bool = False) -> list:
    """What `classifier.classify` answers by the run's current model. Raises InputError where it has none."""
    call = partial(ask, loaded.classify, run.id, store.answer_version(run))
    return [answer for portion in portions(images) for answer in call(portion, temperature, mirror)]


def look(listing: Listing, run: Run, report: Report) -> Look:
    """What the run's network finds doubtful in the data set: the bundled one by `doubts.find`, one that was trained on it by `unseen`.

    Raises InputError where a photograph can't be read any more, or it isn't known what the run was trained on.
    """
    labels = np.array([listing.class_names.index(photo.label) for photo in listing.photos])
    if run.id != store.SHIPPED:
        rows = unseen.rows(run, listing)
        predicted = unseen.predict(run, listing, rows, partial(classify, run), report)
        return looks.save(listing, run, rows, ask(doubts.judge, predicted, labels[list(rows)]), is_of_labels=True)
    # A portion a call, so that others can classify in between
    extract = partial(ask, loaded.features, run.id, store.answer_version(run))
    found = features.load(listing, (run.id, store.model_version(run)), extract, report)
    weights = np.array(neither.load(run)["weights"], np.float32)
    scores = doubts.oddness(found, weights, lambda rows: features.look_again(listing, rows, lambda paths: extract(paths, True), report))
    return looks.save(listing, run, range(len(listing.photos)), ask(doubts.find, found, labels, scores))


def import_run(path: Path, called: str) -> Run:
    """The run in that ZIP file, as `run_import.add` takes it. Raises InputError as it does."""
    access.require_training()  # that process doesn't know who asks
    access.require_room(home.folder(), run_import.unpacked_size(path, called), f"the run in {called}")
    return ask(run_import.add, path, called)


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


def ask(function: Callable, *arguments):
    """What that process answers, which it is asked from a thread: a page that waits for long says so, as the process may hang."""
    answer = Future()
    threading.Thread(target=_answer, args=(answer, partial(companion().call, function, *arguments)), daemon=True).start()
    futures.wait([answer], _PATIENCE)
    if not answer.done() and get_script_run_ctx():  # else a program asks
        place = st.empty()
        while not answer.done():
            place.warning(_waiting(), icon=":material/hourglass_top:")
            futures.wait([answer], _COUNT_EVERY)
        place.empty()
    return answer.result()


def _answer(answer: Future, call: Callable) -> None:
    try:
        answer.set_result(call())
    except Exception as error:  # whatever it is, it is raised where the answer is waited for
        answer.set_exception(error)


def _waiting() -> str:
    return (
        f"The process that runs the network has not answered for more than {_PATIENCE} s; it may be busy or stuck. "
        f"Unless it answers, another one takes its place in {words.duration(companion().seconds_left)}."
    )


def _prepare_default(companion: Companion) -> None:
    with suppress(InputError):  # it was killed, or hangs: `classify` will report it
        default = companion.call(ranking.default).run
        _prepare(companion, default.id, store.answer_version(default))


def _prepare(companion: Companion, id: str, version: tuple) -> None:
    with suppress(InputError):  # such as a deleted run: `classify` will report it
        companion.call(loaded.prepare, id, version)
