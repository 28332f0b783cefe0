"""What a person says of one photograph: left out, of the other class, fine; or none of these any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import streamlit as st

from catsdogs.data import corrections, dataset
from pages.parts.data import gallery
from pages.parts.shared import chosen_data, names


@dataclass(frozen=True)
class Entry:
    """A photograph to be judged: its path in the data set, its class, "" where it was judged before, and what was found.

    A spare one is left out with all others of the finding at one click.
    """

    path: str
    label: str
    note: str = ""
    is_spare: bool = False


def show(folder: Path, entry: Entry, role: str | None, class_names: Sequence[str], key: str) -> None:
    """Draw the photograph with the buttons that judge it, or what was said of it and a button that takes it back."""
    gallery.show(partial(gallery.thumbnail, folder / entry.path), entry.path, PurePosixPath(entry.path).name)
    if role:
        st.markdown(_told(role))
        _button("Take back", folder, entry, None, key, ":material/undo:")
        return
    st.markdown(names.plain(" · ".join(filter(None, (f"In {entry.label}", entry.note)))))
    with st.container(gap="xsmall"):
        _button("Leave out", folder, entry, corrections.LEFT_OUT, key, ":material/block:")
        for name in class_names:
            if name != entry.label:
                _button(f"It's a {names.plain(dataset.label_of(name))}", folder, entry, name, key, ":material/swap_horiz:")
        _button("Fine", folder, entry, corrections.FINE, key, ":material/check:")


def give(folder: Path, paths: Sequence[str], role: str | None) -> None:
    """Keep this of the photographs, and have the page go by it."""
    corrections.change(folder, images=dict.fromkeys(paths, role))
    chosen_data.forget(folder)


def _button(text: str, folder: Path, entry: Entry, role: str | None, key: str, icon: str) -> None:
    st.button(text, icon=icon, width="stretch", key=f"{key}_{text}", on_click=give, args=(folder, [entry.path], role))


def _told(role: str) -> str:
    if role == corrections.LEFT_OUT:
        return ":material/block: Left out"
    if role == corrections.FINE:
        return ":material/check: Fine"
    return f":material/swap_horiz: Now in {names.plain(role)}"
