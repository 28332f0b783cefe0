"""A dozen pictures for a first visit: held out from the network's training where they are on this machine, else drawn."""

import os
import random
from contextlib import suppress
from pathlib import Path

import streamlit as st

from catsdogs.analysis import learned, originals
from catsdogs.data import images
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.runs import Run, predictions
from catsdogs.sources.album import Album
from catsdogs.system import access
from pages.parts.classify import networks
from pages.parts.shared import encoding, frame, names

_COUNT = 12
_SIDE = 240  # px of a drawn picture
_SMALL = 180  # px of a thumbnail
_SEED = "examples_seed"  # in the session
_ABOUT_DRAWN = "Drawn, not photographed: a network that was trained on photographs may get them wrong, or take them for neither."


def show(run: Run, album: Album) -> None:
    """Draw them, with a button to have them classified, and one for others."""
    st.session_state.setdefault(_SEED, 0)
    held_out = _pick(run)
    picked = held_out or _draw()
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = "held-out photograph" if held_out else "drawn picture"
        if st.button(f"Try {'this' if len(picked) == 1 else 'these'} {names.counted(len(picked), kind)}", icon=":material/play_arrow:"):
            _take(picked, album)
        if st.button("Show others", icon=":material/shuffle:", type="tertiary"):
            st.session_state[_SEED] += 1
            st.rerun()
    st.caption(f"{_about(run) if held_out else _ABOUT_DRAWN} Each name begins with the class.")
    with st.grid(columns=6, min_column_width=90, gap="small"):
        for name, content in picked:
            st.image(_small(content), width="stretch", alt=names.shown(name))


def _take(picked: list[tuple[str, bytes]], album: Album) -> None:
    """Have them classified."""
    with frame.reported():
        for name, content in picked:
            album.add_bytes(name, content)
        st.rerun()


def _about(run: Run) -> str:
    seen = learned.seen(run, "test")
    if seen == 0:
        return "Held out: the network was not trained on these."
    return (
        f"From the held-out photographs. The run that it started from {'may have been' if seen is None else 'was'} trained on some of them."
    )


def _held_out(run: Run) -> list[tuple[str, str]]:
    """Their labels and paths."""
    if not access.may_open(run.config.data):
        return []
    labels = networks.labels(run)
    found = [(labels[label], path) for path, label, _ in predictions.load(run)]
    # os.path.exists, unlike Path's, does not raise where it may not look
    return [(label, path) for label, path in found if os.path.exists(Path(run.config.data, path))]


def _pick(run: Run) -> list[tuple[str, bytes]]:
    """Some held-out photographs that can still be read, with their names, which begin with their labels."""
    held_out, found = _held_out(run), []
    for label, path in random.Random(st.session_state[_SEED]).sample(held_out, min(_COUNT, len(held_out))):
        with suppress(InputError, OSError):
            content = Path(run.config.data, path).read_bytes()
            _small(content)
            if not originals.is_another(run, path):
                found.append((f"{label}/{Path(path).name}", content))
    return found


def _draw() -> list[tuple[str, bytes]]:
    first = st.session_state[_SEED] * _COUNT // 2
    return [(f"{label}.{seed}.png", _drawn(label, seed)) for seed in range(first, first + _COUNT // 2) for label in demo.LABELS]


@st.cache_data(show_spinner=False, max_entries=100)
def _drawn(label: str, seed: int) -> bytes:
    return encoding.encode(demo.draw(label, seed, _SIDE), "PNG")


@st.cache_data(show_spinner=False, max_entries=100)
def _small(content: bytes):
    return images.load(content, _SMALL)
