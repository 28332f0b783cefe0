"""What a person says of one photograph: left out, of the other class, fine; or none of these any more."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import streamlit as st

from catsdogs.analysis.findings import Item
from catsdogs.data import corrections, naming
from catsdogs.system import access
from pages.parts.data import gallery
from pages.parts.shared import chosen_data, frame, names


def show(folder: Path, item: Item, role: str | None, class_names: Sequence[str], key: str) -> None:
    """Draw the photograph with the buttons that judge it, or what was said of it and a button that takes it back."""
    gallery.show(partial(gallery.thumbnail, folder / item.path), item.path, PurePosixPath(item.path).name)
    if role:
        st.markdown(_told(role))
        _button("Take back", folder, item, None, key, ":material/undo:")
        return
    st.markdown(names.plain(" · ".join(filter(None, (f"In {item.label}", item.note)))))
    with st.container(gap="xsmall"):
        _button("Leave out", folder, item, corrections.LEFT_OUT, key, ":material/block:")
        for name, label in zip(class_names, naming.labels_of(class_names), strict=True):
            if name != item.label:
                text, role = f"It's a {names.plain(label)}", corrections.role_of(name)
                _button(text, folder, item, role, key, ":material/swap_horiz:")
        if not item.is_in_conflict:
            _button("Fine", folder, item, corrections.FINE, key, ":material/check:")


def as_shown(folder: Path, paths: Sequence[str]) -> dict[str, str | None]:
    """The photographs by their paths, with their digests where these are known: by the time of a click, others may have their names."""
    return {path: chosen_data.digest(folder, path) for path in paths}


def give(folder: Path, shown: Mapping[str, str | None], role: str | None) -> None:
    """Keep this of the photographs that were shown, and have the page go by it; where it can't be kept, tell why."""
    with frame.toasted():
        chosen_data.correct(folder, dict.fromkeys(shown, role), shown)


def _button(text: str, folder: Path, item: Item, role: str | None, key: str, icon: str) -> None:
    st.button(
        text,
        icon=icon,
        width="stretch",
        key=f"{key}_{text}",
        on_click=give,
        args=(folder, as_shown(folder, [item.path]), role),
        disabled=access.looks_only(),
    )


def _told(role: str) -> str:
    if role == corrections.LEFT_OUT:
        return ":material/block: Left out"
    if role == corrections.FINE:
        return ":material/check: Fine"
    return f":material/swap_horiz: Now in {names.plain(corrections.class_of(role))}"
