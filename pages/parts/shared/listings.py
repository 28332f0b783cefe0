"""The data set that is chosen: which ones there are, which one it is, and its checked listing, kept for the server's life."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from catsdogs.data import dataset
from catsdogs.data.dataset import Listing
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.system import home
from pages.parts.shared import frame

_CHOSEN = "data_folder"  # in the session; both Data and Train read and set it


def chosen() -> Path | None:
    """The folder that this session works on; at first, and when it is gone, the one that was used last, here or in another tab."""
    folder = st.session_state.get(_CHOSEN)
    if folder is None or not folder.is_dir():
        known = dataset.known()
        st.session_state[_CHOSEN] = known[0] if known else None
    return st.session_state[_CHOSEN]


def choose(folder: Path) -> None:
    """Work on this folder from now on."""
    st.session_state[_CHOSEN] = folder


def pick(is_elsewhere: bool = True) -> None:
    """Draw the choice of a data set: the chosen one, checked or not, and those that were checked before.

    With a link to the page Data, where that is another one.
    """
    known = dataset.known()
    folders = known if chosen() in known else [chosen(), *known]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox("Data set", folders, index=folders.index(chosen()), format_func=name, width=420)
        if is_elsewhere:
            st.page_link(frame.DATA, label="Look at it, or choose another", icon=":material/photo_library:")
    choose(picked)


def checked(folder: Path) -> Listing:
    """The folder's listing; the first time, a bar shows the decoding. Raises InputError where it can't be used."""
    kept = _kept()
    with _passing():  # without a bar, too: were its place missing the second time, all below it would be made anew, under the mouse
        if folder not in kept:
            kept[folder] = dataset.check(folder, _bar("Checking every photograph"))
    return kept[folder]


def forget(folder: Path) -> None:
    """Have the folder checked again, because files may have changed."""
    _kept().pop(folder, None)


def draw(count: int, seed: int) -> Path:
    """Draw a data set, or find it where it was drawn before, with a bar. Raises InputError."""
    folder = home.subfolder("data") / f"drawn-{count}-{seed}"
    if not folder.exists():
        with _passing():
            demo.create(folder, count, seed, _bar("Drawing cats and dogs"))
    return folder


def name(folder: Path) -> str:
    """What people call it."""
    if folder.name.startswith("drawn-") and folder.parent == home.subfolder("data"):
        _, count, seed = folder.name.split("-")
        return f"Drawn · {int(count):,} pictures" + (f", seed {seed}" if seed != "0" else "")
    return str(folder)


def checked_or_stop(folder: Path) -> Listing:
    """`checked`, or the reason on the page and the end of it."""
    try:
        return checked(folder)
    except InputError as error:
        st.error(str(error), icon=":material/folder_off:")
        st.stop()


@contextmanager
def _passing() -> Iterator[None]:
    """A place on the page that is empty again afterwards, whatever happens."""
    place = st.empty()
    try:
        with place:
            yield
    finally:
        place.empty()


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Path, Listing]:
    return {}


def _bar(text: str):
    bar = st.progress(0.0, text)

    def show(done: int, total: int) -> None:
        bar.progress(done / total, f"{text}: {done:,} of {total:,}")

    return show
