"""Which network looks for doubtful photographs, the bundled one or one trained on the data set: the buttons, and how far it is."""

from pathlib import Path

import streamlit as st

from catsdogs.analysis import doubts, health, looks
from catsdogs.analysis.looks import Look
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.sources import library
from catsdogs.system import access
from pages.parts.shared import backend, chosen_data, frame, names

_BY = "labels_by"  # in the session: by data set, the id of the run whose network judges the labels
_BOX = "labels_by_box"  # the key of the select box


def bundled(listing: Listing) -> Look | None:
    """What the bundled network has found."""
    return _found(listing, store.load(store.SHIPPED))


def of_labels(listing: Listing) -> Look | None:
    """What the network has found that was chosen to judge the labels."""
    return _found(listing, _chosen(listing))


def judge(listing: Listing) -> str:
    """By whom the labels are judged, in words."""
    chosen = _chosen(listing)
    return "the bundled network" if chosen.id == store.SHIPPED else names.with_seed(chosen)


def is_asked(listing: Listing) -> bool:
    """Draw the button by which the bundled network looks. Returns whether it was pressed: then `look`."""
    found = bundled(listing)
    are_enough = min(listing.counts.values()) >= doubts.FEWEST
    label = "Look again" if found else "Look for doubtful photographs"
    return st.button(label, icon=":material/frame_inspect:", key="look_closer", disabled=not are_enough or access.looks_only())


def look(listing: Listing, run: Run | None = None) -> None:
    """Have that run's network look, else the bundled one; then draw the page anew, which shows what was found."""
    run = run or store.load(store.SHIPPED)
    with frame.reported():
        with chosen_data.progress("Looking at every photograph" if run.id == store.SHIPPED else "Looking") as report:
            _kept()[_key(listing, run)] = backend.look(listing, run, report)
        st.rerun()


def progress(listing: Listing) -> str:
    """How far the bundled network has looked, in a sentence."""
    if min(listing.counts.values()) < doubts.FEWEST:
        return f"Doubtful labels and odd ones out are looked for only if each class has at least {doubts.FEWEST} photographs."
    found = bundled(listing)
    if not found:
        return "Doubtful labels and odd ones out have not been looked for yet; the bundled network can find them, which takes a while."
    return f"The bundled network {_far(listing, found)}."


def show_choice(listing: Listing) -> None:
    """Draw by whom the labels are judged, where there is a choice, with the button by which that one looks, and what its word is worth."""
    folder = Path(listing.folder)
    runs = {run.id: run for run in (store.load(store.SHIPPED), *_trained(folder))}
    chosen, pressed = _chosen(listing), False
    if len(runs) > 1:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            label = names.apart({id: _name(run) for id, run in runs.items()}, lambda id: id)
            st.session_state[_BOX] = chosen.id if chosen.id in runs else store.SHIPPED  # another data set has another one
            st.selectbox("Judged by", list(runs), format_func=label, key=_BOX, on_change=_choose, args=[folder], width=420)
            if chosen.id != store.SHIPPED:
                label = "Look again" if _found(listing, chosen) else "Look with this network"
                pressed = st.button(label, icon=":material/frame_inspect:", key="look_by_run", disabled=access.looks_only())
    if pressed:
        look(listing, chosen)
    found = _found(listing, chosen)
    if chosen.id == store.SHIPPED:
        st.caption(
            "Photographs that look more like the other class, by the bundled network's features and all other labels; most certain first. "
            "In a test with 40 wrong labels among 2,000 photographs, it found 36, and showed 4 other photographs with them."
        )
    else:
        st.caption(
            "By its own probabilities, the surest first, and only among the photographs that it was not trained on: for the others, it has "
            f"learned the labels, right or wrong. {f'It {_far(listing, found)}.' if found else ''}"
        )
    if found and found.agreement < health.POOR:
        st.caption(
            f":material/info: This network agrees with only {found.agreement:.1%} of the labels. It can hardly tell these classes apart, "
            "so most labels that it doubts will be right."
        )


def _choose(folder: Path) -> None:
    st.session_state.setdefault(_BY, {})[folder] = st.session_state[_BOX]


def _far(listing: Listing, found: Look) -> str:
    """How many of the photographs it has looked at."""
    total = len(listing.photos)
    count = sum(photo.digest in found.looked_at for photo in listing.photos)
    if count == total:
        return f"has looked at all {total:,} photographs"
    rest = "; the others are new since" if found.odd is not None else ""
    return f"has looked at {count:,} of {total:,} photographs{rest}"


def _chosen(listing: Listing) -> Run:
    """The run that was chosen, else the bundled one."""
    id = st.session_state.get(_BY, {}).get(Path(listing.folder), store.SHIPPED)
    try:
        return store.load(id)
    except InputError:  # deleted since
        return store.load(store.SHIPPED)


def _trained(folder: Path) -> list[Run]:
    return [run for run in library.runs_on(folder) if run.state == "finished" and run.model_path.exists()]


def _name(run: Run) -> str:
    return "The bundled network" if run.id == store.SHIPPED else names.with_seed(run)


def _found(listing: Listing, run: Run) -> Look | None:
    key = _key(listing, run)
    if key not in _kept():
        _kept()[key] = looks.load(listing, run)
    return _kept()[key]


def _key(listing: Listing, run: Run) -> tuple:
    return listing.folder, listing.class_names, run.id, store.model_version(run)


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple, Look | None]:
    """So that nothing is read at a click."""
    return {}
