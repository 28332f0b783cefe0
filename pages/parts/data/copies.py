"""Copies of a photograph side by side, each with what differs from the first: size, file, brightness."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from catsdogs.analysis.findings import Item
from catsdogs.errors import InputError
from pages.parts.data import gallery, verdict
from pages.parts.shared import backend, names

_FEW = 6  # of a group at once
_SEEN = 0.02  # of white: a difference in brightness that is worth a word


def show(folder: Path, group: tuple[Item, ...], judged, class_names: tuple[str, ...], key: str) -> None:
    """Draw the group in a frame of its own: the first of them, and a button for more."""
    shown = f"copies_shown_{folder}_{key}_{group[0].path}"
    count = st.session_state.setdefault(shown, _FEW)
    with st.container(border=True, height="stretch"):
        with st.grid(columns=3, min_column_width=120):
            for index, item in enumerate(_in_turn(group)[:count]):
                with st.container(gap="xsmall"):
                    noted = replace(item, note=_note(folder, item, group[0]))
                    verdict.show(folder, noted, judged.get(item.path), class_names, key=f"{key}_{index}")
        if count < len(group) and st.button(f"Show more of {len(group):,} copies", icon=":material/expand_more:", key=f"more_{key}"):
            st.session_state[shown] += 2 * _FEW
            st.rerun()


def _in_turn(group: tuple[Item, ...]) -> list[Item]:
    """One of each class first, so that it is seen under which ones they are filed; else as they are."""
    firsts = list({item.label: item for item in reversed(group)}.values())
    return sorted(group, key=lambda item: item not in firsts)


def _note(folder: Path, item: Item, first: Item) -> str:
    """What is worth knowing of it beside the first."""
    try:
        size, brightness = _facts(folder / item.path)
        said = [f"{item.size[0]} × {item.size[1]} px" if item.size else "", names.size(size)]
        difference = brightness - _facts(folder / first.path)[1]
    except (InputError, OSError):  # of a file that is gone since; the gallery says so
        return ""
    if abs(difference) >= _SEEN:
        said.append(f"{abs(difference):.0%} {'brighter' if difference > 0 else 'darker'}")
    return " · ".join(filter(None, said))


@st.cache_data(show_spinner=False, max_entries=500, hash_funcs=backend.BY_VERSION)
def _facts(path: Path) -> tuple[int, float]:
    """Bytes of the file, and the mean brightness of the photograph, 0 to 1. Raises as `images.load` does."""
    return path.stat().st_size, float(gallery.thumbnail(path).mean() / 255)
