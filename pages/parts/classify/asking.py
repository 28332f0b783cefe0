"""What networks answer about this session's pictures: asked for once, portion by portion, and kept by network and content.

The asking is done while the page is drawn; a click in between costs nothing that was answered.
"""

import time
from collections.abc import Callable

import streamlit as st

from catsdogs.inference.classifier import Answer
from catsdogs.runs import Run, store
from catsdogs.sources.album import Picture
from pages.parts.shared import backend

_ANSWERS = "classify_answers"  # in the session: answers by network, and by digest of the picture
_PORTION = 32  # pictures that are asked for at once; the answers are kept after each
_FIRST = 8  # so many of them at first, so that there is soon something to see


def answers(run: Run) -> dict[str, Answer]:
    """Those of the run's present model that have come so far, by the digests of the pictures."""
    return st.session_state.setdefault(_ANSWERS, {}).setdefault((run.id, store.model_version(run)), {})


def missing(run: Run, pictures: tuple[Picture, ...]) -> list[Picture]:
    """The pictures without an answer."""
    known = answers(run)
    return [picture for picture in pictures if picture.digest not in known]


def left_of(runs: list[Run], pictures: tuple[Picture, ...]) -> int:
    """How many pictures lack the answer of one of the networks."""
    return max(len(missing(run, pictures)) for run in runs)


def ask(runs: list[Run], pictures: tuple[Picture, ...], seconds: float, report: Callable[[int], None]) -> bool:
    """Ask these networks for what is missing, for so long; whether all is answered.

    `report(pictures that all have answered)` comes after each portion, and may raise to stop, as Streamlit does at a click. Raises
    InputError where a network has no model.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = [(run, missing(run, pictures)[: _PORTION if answers(run) else _FIRST]) for run in runs]
        if not any(portion for _, portion in left):
            return True
        for run, portion in left:  # in turn, so that both answers of a picture come together
            found = backend.classify(run, [(picture.name, picture.path) for picture in portion])
            answers(run).update(zip((picture.digest for picture in portion), found, strict=True))
        report(len(pictures) - left_of(runs, pictures))
    return not left_of(runs, pictures)


def forget() -> None:
    """The pictures were cleared."""
    st.session_state.pop(_ANSWERS, None)
