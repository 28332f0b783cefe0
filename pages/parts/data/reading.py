"""How a folder was read: which of its folders hold which class and subset, as a tree that can be corrected."""

import os
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from catsdogs.data import corrections, layout, roles
from catsdogs.data.layout import Reading, Row
from catsdogs.errors import InputError
from catsdogs.system import access
from pages.parts.shared import chosen_data, frame, names

_PAGE = 40  # rows at once
_INDENT = "&emsp;&ensp;"  # Streamlit strips spaces, of whatever width, from both ends of a text
_AS_READ = "as its name says"
_CLASSES = {0: "no class", 1: "one class"}


def show(folder: Path) -> None:
    """Draw the tree, at first folded up where nothing is unclear; nothing where the folder can't be read, as the page has said."""
    try:
        corrected, reading = corrections.load_folders(folder), chosen_data.read(folder)
    except InputError:
        return
    opened = f"reading_{os.fsencode(folder).hex()}"  # stays as it is while corrections are made
    st.session_state.setdefault(opened, bool(reading.problem or (reading.left_out and not corrected)))
    with st.expander(":material/account_tree: How the folder was read", key=opened, on_change="rerun"):
        shown = f"reading_shown_{folder}"
        count = st.session_state.setdefault(shown, _PAGE)
        for row in reading.rows[:count]:
            _show(folder, row, corrected.get(row.path), _classes(reading, corrected))
        if count < len(reading.rows) and st.button(f"Show more of {len(reading.rows):,} folders", icon=":material/expand_more:"):
            st.session_state[shown] += _PAGE
            st.rerun()
        shown_above = {row.path for row in reading.rows[:count]}
        for each in (each for each in reading.left_out if each.path not in shown_above):
            images = f", {names.counted(each.images, 'image')}" if each.images else ""
            st.caption(f":material/block: Left out: {names.plain(each.path)}/{images}. {names.plain(each.reason)}")
        st.caption("Corrections move no files and can be undone.")


def _show(folder: Path, row: Row, correction: str | None, classes: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = row.path.rpartition("/")[2] or folder.name
        line = f"{names.plain(name)}/ · {names.counted(row.images, 'image')} · {_told(row)}"
        st.markdown(f"{_INDENT * row.depth}:material/folder: {line}", width="stretch")
        if not row.path:
            return
        key, stored = f"role_{os.fsencode(folder / row.path).hex()}", correction or _AS_READ  # paths need not be valid UTF-8
        if st.session_state.get(key) != stored:  # another tab may write it, too
            st.session_state[key] = stored
        offered = [_AS_READ, *roles.SUBSETS, *(layout.CLASS + name for name in classes), layout.LEFT_OUT]
        st.selectbox(
            f"Read {names.plain(row.path)} as",
            offered if stored in offered else [*offered, stored],  # a class that no folder is called any more
            format_func=names.shown,
            label_visibility="collapsed",
            key=key,
            on_change=_write,
            args=(folder, row.path, key),
            width=200,
            disabled=access.looks_only(),
        )


def _write(folder: Path, path: str, key: str) -> None:
    role = st.session_state[key]
    with frame.toasted():
        corrections.change(folder, folders={path: None if role == _AS_READ else role})
        chosen_data.forget(folder)


def _told(row: Row) -> str:
    if row.role.left_out:
        return f":orange[left out]: {names.plain(row.role.left_out)}"
    said = [row.role.subset or "", f"class {names.plain(row.role.label)}" if row.role.label else ""]
    return ", ".join(filter(None, said)) or _CLASSES.get(row.classes, "several classes")


def _classes(reading: Reading, corrected: Mapping[str, str]) -> list[str]:
    """Those that there are; the names of folders that were made others, so that two can be swapped; and cats and dogs, as folders may be
    called after each animal, or not say what is in them.
    """
    found = sorted({candidate.label for candidate in reading.candidates if candidate.label})
    own = [path.rpartition("/")[2] for path, role in corrected.items() if role.startswith(layout.CLASS)]
    by_key = {roles.key(name): name for name in reversed((*found, *own, "cats", "dogs"))}
    return list(reversed(by_key.values()))
