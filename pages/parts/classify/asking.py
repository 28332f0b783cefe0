"""What networks answer about this session's pictures: asked for once, portion by portion, and kept by network and content.

The asking is done while the page is drawn; a click in between costs nothing that was answered. Answers with the mirror image, and at
another temperature, are answers of their own.
"""

import time
from collections.abc import Callable

import streamlit as st

from catsdogs.inference.classifier import Answer
from catsdogs.runs import Run, store, temperature
from catsdogs.sources.album import Picture
from pages.parts.shared import backend

_ANSWERS = "classify_answers"  # in the session: answers by network, and by digest of the picture
_MIRROR = "mirror"  # in the session: whether the mirror image is asked about, too
_ABOUT_MIRROR = (
    "Shows the network each picture and its mirror image, and averages the two answers. Takes twice the network's time. On 2,000 "
    "photographs from another source, the bundled network was right on 98.6% instead of 98.0%; on 2,000 like those it was trained on, "
    "on 98.5% instead of 98.9%. Both differences may be chance."
)
_PORTION = 32  # pictures that are asked for at once; the answers are kept after each
_FIRST = 8  # so many of them at first, so that there is soon something to see


def choose_mirror() -> None:
    """Whether to average with the mirror image, for all networks."""
    st.toggle("Average with the mirror image", help=_ABOUT_MIRROR, key=_MIRROR)


def answers(run: Run) -> dict[str, Answer]:
    """Those that have come so far, by the digests of the pictures: of the run's present model and temperature, and as is chosen."""
    return st.session_state.setdefault(_ANSWERS, {}).setdefault((run.id, store.answer_version(run), *_how(run)), {})


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
        if not left_of(runs, pictures):
            return True
        for run in runs:  # in turn, so that both answers of a picture come together
            known, how = answers(run), _how(run)  # before it is asked: a model that comes meanwhile shall not get this one's answers
            portion = [picture for picture in pictures if picture.digest not in known][: _PORTION if known else _FIRST]
            found = backend.classify(run, [(picture.name, picture.path) for picture in portion], *how)
            known.update(zip((picture.digest for picture in portion), found, strict=True))
        report(len(pictures) - left_of(runs, pictures))
    return not left_of(runs, pictures)


def _how(run: Run) -> tuple[float, bool]:
    """The run's temperature, and whether the mirror image is asked about, too."""
    return temperature.load(run).value, bool(st.session_state.get(_MIRROR))


def forget() -> None:
    """The pictures were cleared."""
    st.session_state.pop(_ANSWERS, None)
