"""A dozen pictures for a first visit: held out from the network's training where they are on this machine, else drawn."""

import io
import random
from pathlib import Path

import streamlit as st

from catsdogs.data import images
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.runs import Run, predictions
from catsdogs.sources.album import Album
from pages.parts.shared import frame, names

_COUNT = 12
_SIDE = 240  # px of a drawn picture
_SMALL = 180  # px of a thumbnail
_SEED = "examples_seed"  # in the session


def show(run: Run, album: Album) -> None:
    """Draw them, with a button to have them classified, and one for others."""
    st.session_state.setdefault(_SEED, 0)
    held_out = _held_out(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = "held-out photograph" if held_out else "drawn picture"
        picked = _pick(held_out) if held_out else _draw()
        if st.button(f"Try {'this' if len(picked) == 1 else 'these'} {names.counted(len(picked), kind)}", icon=":material/play_arrow:"):
            _take(picked, album)
        if st.button("Others", icon=":material/casino:", type="tertiary"):
            st.session_state[_SEED] += 1
            st.rerun()
    st.caption(
        "It has not learned from these. The folder tells what they are."
        if held_out
        else "Drawn by this application: no photographs, so a network that learned from photographs may err. The name tells what they are."
    )
    with st.grid(columns=6, min_column_width=90, gap="small"):
        for name, content in picked:
            st.image(_small(content), width="stretch", alt=names.shown(name))


def _take(picked: list[tuple[str, bytes]], album: Album) -> None:
    """Have them classified."""
    try:
        for name, content in picked:
            album.add_bytes(name, content)
    except InputError as error:  # a full disk
        return frame.error(error)
    st.rerun()


def _held_out(run: Run) -> list[Path]:
    paths = [Path(run.config.data, path) for path, _, _ in predictions.load(run)]
    return [path for path in paths if path.exists()]


def _pick(paths: list[Path]) -> list[tuple[str, bytes]]:
    """Some that can still be read."""
    picked = random.Random(st.session_state[_SEED]).sample(paths, min(_COUNT, len(paths)))
    return [(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in picked if _is_readable(path)]


def _is_readable(path: Path) -> bool:
    try:
        _small(path.read_bytes())
    except (InputError, OSError):
        return False
    return True


def _draw() -> list[tuple[str, bytes]]:
    first = st.session_state[_SEED] * _COUNT // 2
    return [(f"{label}.{seed}.png", _drawn(label, seed)) for seed in range(first, first + _COUNT // 2) for label in demo.LABELS]


@st.cache_data(show_spinner=False, max_entries=100)
def _drawn(label: str, seed: int) -> bytes:
    content = io.BytesIO()
    demo.draw(label, seed, _SIDE).save(content, "PNG")
    return content.getvalue()


@st.cache_data(show_spinner=False, max_entries=100)
def _small(content: bytes):
    return images.load(content, _SMALL)
