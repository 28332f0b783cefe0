"""What to do with the answers: save them as CSV, make a data set of them, or clear them."""

from pathlib import PurePosixPath

import streamlit as st

from catsdogs.data import naming
from catsdogs.inference import sheet
from catsdogs.inference.sheet import Row
from catsdogs.runs import Run
from catsdogs.sources import intake, library
from catsdogs.sources.album import Album
from catsdogs.system import access
from pages.parts.classify import asking, inbox, networks
from pages.parts.shared import chosen_data, frame, names

_EVERY, _MARKED = "all with an answer", "only those that I marked"
_LOOKS_ONLY = "You can look and classify here, but not make data sets. If you need to, ask whoever runs this server."
_FOLDERS = {"cat": "cats", "dog": "dogs"}  # by label, as data sets call them


def show(rows: list[Row], run: Run, other: Run | None, album: Album, is_busy: bool) -> None:
    """Draw both buttons; while answers still come, they wait: what they keep would not be all, and a click could be lost."""
    with st.container(horizontal=True, key="answers_actions"):
        st.download_button(
            "CSV",
            lambda: _csv(rows, run, other, album),
            file_name="answers.csv",
            mime="text/csv",
            icon=":material/download:",
            help="All pictures with everything known about them, including what was left out",
            disabled=is_busy,
            on_click="ignore",  # drawn anew by the click, the button would offer another file before this one is made
        )
        looks_only = access.looks_only()
        reason = _LOOKS_ONLY if looks_only else None
        with st.popover("Keep as a data set", icon=":material/library_add:", disabled=is_busy or looks_only, help=reason):
            _keep(rows)


def offer_clear() -> None:
    """Draw the button, outside of what is drawn again by itself: Streamlit loses a click there when all has been sent meanwhile."""
    st.button("Clear", icon=":material/delete_sweep:", on_click=_clear, help="Delete these pictures, their answers and marks")


def _csv(rows: list[Row], run: Run, other: Run | None, album: Album) -> bytes:
    left_out = [(entry.name, entry.reason) for entry in album.left_out]
    text = sheet.as_csv(rows, left_out, networks.short(run), networks.short(other) if other else None)
    return text.encode("utf-8", "replace")  # names of files need not be valid UTF-8


def _keep(rows: list[Row]) -> None:
    name = st.text_input("Name", "Classified pictures", key="kept_name", max_chars=library.MAX_NAME)
    which = st.radio("Pictures", (_EVERY, _MARKED), key="kept_which")
    classes = sheet.by_class(rows, is_marked_only=which == _MARKED)
    kept = sum(map(len, classes.values()))
    counted = ", ".join(names.plain(naming.counted(len(found), label)) for label, found in classes.items())
    st.markdown(f"{names.counted(kept, 'picture')}{': ' if counted else ''}{counted}. {_explain(rows, kept, which)}")
    told = st.container()  # above the button, as what comes below it may be out of sight
    if st.button("Make the data set", type="primary", icon=":material/check:", disabled=not kept, key="keep"):
        with told:
            _make(classes, name)


def _make(classes: dict[str, list[Row]], name: str) -> None:
    """Make the data set, and say so."""
    files = [
        (f"{_FOLDERS.get(label, label)}/{PurePosixPath(row.name).name}", row.path) for label, found in classes.items() for row in found
    ]
    with frame.reported():
        with chosen_data.progress("Copying") as report:
            added = intake.add_files(files, name, report)
        chosen_data.adopt(added.folder, added)
        st.success(f"{names.counted(added.images, 'picture')} kept as {names.plain(names.data_set(added.folder))}.")
        st.page_link(frame.DATA, label="See it on the Data page", icon=":material/photo_library:")


def _explain(rows: list[Row], kept: int, which: str) -> str:
    """By what they are filed, and what is left out."""
    others = len(rows) - kept
    left = f"The other {'one is' if others == 1 else f'{others:,} are'} left out. " if kept and others else ""
    if not kept:
        return "None of them has a class."
    if which == _MARKED:
        return f"{left}Each is filed by your mark."
    wrong = sum(row.is_wrong and row.mark != sheet.NEITHER for row in rows)
    return (
        f"{left}Each goes to the class that you marked, or else to the network's answer ({wrong:,} marked otherwise). "
        "Check the answers first: a network trained on wrong labels repeats them."
    )


def _clear() -> None:
    inbox.clear()
    asking.forget()
