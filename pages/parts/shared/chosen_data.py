"""The data set that this session works on: choosing one, drawing one, and its listing, which the server checks once."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import streamlit as st

from catsdogs.analysis import looks
from catsdogs.data import corrections, dataset, known_folders, layout, pixels
from catsdogs.data.dataset import Listing
from catsdogs.data.layout import Reading
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.inference import features
from catsdogs.sources import library
from catsdogs.sources.intake import Added
from catsdogs.system import access, home, locks, paths
from catsdogs.system.reports import Report
from pages.parts.shared import frame, names

_ADDED = "data_added"  # in the session
_REDRAW = 0.1  # seconds between two steps of a bar
_GONE = "data_gone"  # in the session: the name of what was chosen, and is to be said to be gone
_CALLED = "data_called"  # in the session: the name of what is chosen, which is deleted with it
_CHOSEN = "data_folder"  # in the session; Data, Train and Results read and set it
_PICKED = "data_picked"  # in the session
_correcting = threading.Lock()  # sessions share a listing: the last one to be kept has to go by what all of them have corrected


@dataclass(frozen=True)
class Kept:
    """A listing as it was checked, and as people have corrected it since."""

    checked: Listing
    listing: Listing

    @cached_property
    def digests(self) -> dict[str, str]:
        return {photo.path: photo.digest for photo in self.listing.photos}


def folder() -> Path | None:
    """The chosen folder; at first, and when that one is gone, the one used last, here or in another tab: of those that this person
    made, if there are any, as in a class it would be somebody else's.

    Where it is gone, the page is drawn anew: a click, such as one on Start training, was not meant for another one.
    """
    if gone := st.session_state.pop(_GONE, None):
        st.toast(names.plain(f"{gone} is gone: it was deleted or moved."), icon=":material/folder_off:", duration="long")
    chosen = st.session_state.get(_CHOSEN)
    if chosen is None or not paths.is_folder(chosen):
        known, name = known_folders.load(), access.person().name
        own = [folder for folder in known if name and library.maker(folder) == name]
        st.session_state[_CHOSEN] = next(iter(own or known), None)
        if chosen is not None:
            st.session_state[_GONE] = st.session_state.get(_CALLED) or names.data_set(chosen)
            st.rerun()
    if chosen is not None:
        st.session_state[_CALLED] = names.data_set(chosen)
    return st.session_state[_CHOSEN]


def choose(folder: Path) -> None:
    """Work on this folder from now on."""
    st.session_state[_CHOSEN] = folder


def emphasis() -> Literal["primary", "secondary"]:
    """How a button that brings a data set looks: the main thing to do until one is there, which is to be trained on then."""
    return "primary" if folder() is None else "secondary"


def adopt(folder: Path, added: Added | None = None) -> None:
    """Work on a data set that was brought here, and offer it from now on, whether it can be used yet or not.

    The page that comes next says what a new one is made of.
    """
    known_folders.remember(folder)
    choose(folder)
    if added:
        st.session_state[_ADDED] = added


def pick(is_elsewhere: bool = True) -> None:
    """Draw a select box of the chosen data set and those checked before; with a link to the page Data where that is another page."""
    chosen = folder()
    folders = {chosen, *known_folders.load()}
    label = names.data_sets(folders)
    st.session_state[_PICKED] = chosen  # another page may have changed it
    with st.container(horizontal=True, vertical_alignment="bottom", key="picked"):
        # sorted, as an order that changes, such as the latest first, loses clicks
        look = {"format_func": label, "key": _PICKED, "on_change": lambda: choose(st.session_state[_PICKED])}
        st.selectbox("Data set", sorted(folders, key=label), width=420, **look)
        if is_elsewhere:
            st.page_link(frame.DATA, label="View or change data set", icon=":material/photo_library:")


def check(folder: Path) -> Listing:
    """The folder's listing; the first time, a bar shows the decoding. Raises InputError, by the data set's name, where it can't be used."""
    with _passing():  # even without a bar: if this place were missing next time, all below it would be rebuilt under the mouse
        while (kept := _kept().get(folder)) is None:
            try:
                listing = dataset.check(folder, _bar("Checking every photograph"))
            except InputError as error:
                raise InputError(str(error).replace(str(folder), names.data_set(folder))) from error
            with _correcting:
                if corrections.load(Path(listing.folder)) == listing.corrections:  # else somebody has corrected it meanwhile
                    _kept()[folder] = Kept(listing, listing)
            library.sweep()
    return kept.listing


def check_or_stop(folder: Path) -> Listing:
    """As `check`; where it can't be used, the page shows why and ends."""
    try:
        return check(folder)
    except InputError as error:
        frame.error(error, ":material/folder_off:")
        st.stop()


def read(folder: Path) -> Reading:
    """How the folder was read, kept as its listing is: for 20,000 files, reading takes half a second. Raises InputError."""
    kept = _readings()
    if folder not in kept:
        kept[folder] = layout.read(folder, corrections.load_folders(folder))
    return kept[folder]


def digest(folder: Path, path: str) -> str | None:
    """That of a photograph, as its data set was last checked; None where it isn't among those that are used."""
    kept = _kept().get(folder)
    return kept.digests.get(path) if kept else None


def correct(folder: Path, images: Mapping[str, str | None], shown: Mapping[str, str | None] | None = None) -> None:
    """Correct these images, as `corrections.change` does, and have the listing go by it; files are read again only if they must be."""
    with _correcting:
        corrected, kept = corrections.change(folder, images=images, shown=shown), _kept().get(folder)
        listing = dataset.amended(kept.checked, corrected) if kept else None
        if listing:
            _kept()[folder] = Kept(kept.checked, listing)
        else:
            forget(folder)


def forget(folder: Path) -> None:
    """Have the folder checked again, because files may have changed."""
    _kept().pop(folder, None)
    _readings().pop(folder, None)


def draw(count: int, seed: int) -> Path:
    """Draw a data set with a progress bar, unless it was drawn before or another session is drawing it, which is waited for.

    Raises InputError.
    """
    folder = home.subfolder("data") / f"drawn-{count}-{seed}"
    with _passing(), locks.hold(folder.with_name(f".{folder.name}.lock")):
        if not folder.exists():
            demo.create(folder, count, seed, _bar("Drawing cats and dogs"))
    return folder


@contextmanager
def progress(text: str, unit: float = 1, suffix: str = "") -> Iterator[Report]:
    """A bar for what takes a while, gone afterwards; gives the function that moves it. It tells in `unit`s, such as 1e6 bytes."""
    with _passing():
        yield _bar(text, unit, suffix)


def take_added() -> Added | None:
    """What a new data set is made of, once."""
    return st.session_state.pop(_ADDED, None)


def drop(folder: Path, fingerprint: str | None) -> None:
    """Work on another data set: this one was deleted. What was made of its photographs is deleted, too."""
    forget(folder)
    st.session_state.pop(_CHOSEN, None)
    features.delete(folder)
    looks.delete(folder)
    if fingerprint:
        pixels.delete(fingerprint)


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
def _readings() -> dict[Path, Reading]:
    return {}


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Path, Kept]:
    return {}


def _bar(text: str, unit: float = 1, suffix: str = "") -> Report:
    bar, shown = st.progress(0.0, text), time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal shown
        if done == total or time.monotonic() - shown > _REDRAW:
            bar.progress(min(done / total, 1.0), f"{text}: {done / unit:,.0f} of {total / unit:,.0f}{suffix}")
            shown = time.monotonic()

    return show
