"""A closer look at a data set: what is doubtful in it, and the photographs behind each finding, to be corrected one by one."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import streamlit as st

from catsdogs.analysis import doubts
from catsdogs.data import corrections, dataset, headers
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.system import access
from pages.parts.data import verdict
from pages.parts.data.verdict import Entry
from pages.parts.shared import backend, chosen_data, frame, names

_DOUBTFUL, _ODD, _COPIES, _NO_JFIF = "Doubtful labels", "Odd ones out", "Near copies", "No JFIF header"
_CORRECTED = "Your corrections"
_CHOSEN = "finding"  # in the session
_PAGE = 12  # photographs
_ABOUT = {  # by the title of a finding
    _DOUBTFUL: (
        "The other class is likelier, judging by what the bundled network sees and the other labels; the surest first. In a test with 40 "
        "wrong labels among 2,000 photographs, it found 34, and showed 10 other photographs with them."
    ),
    _ODD: (
        "Unlike the others, as the bundled network sees them; the oddest first. It was trained to tell cats from dogs and knows little "
        "else: of 985 pictures of other things it finds 42%, and 2.2% of cats and dogs are shown with them."
    ),
    _COPIES: (
        "Each is followed by those that look the same: saved again, resized, cropped or brightened. They teach a network little. One click "
        "leaves out all but the largest of each, unless they are filed under different classes."
    ),
    _NO_JFIF: (
        "Keras' tutorial on cats and dogs deletes JPEG files without “JFIF” in their header before it trains. Leave them out to do as it "
        "does. Nothing need be wrong with them: many cameras write such files."
    ),
    _CORRECTED: "Photographs that you left out, filed under the other class or called fine. No file was touched.",
}
_POOR = 0.8  # of all labels; below, the network can hardly tell the classes apart


@dataclass(frozen=True)
class Found:
    """Photographs by the title of the finding, and the share of all labels that the network suggests, too."""

    entries: dict[str, list[Entry]]
    agreement: float


def show(listing: Listing) -> None:
    """Draw the button that looks, and what was found."""
    folder = Path(listing.folder)
    found = _kept().get(folder)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Look closer", anchor=False)
        st.space("stretch")
        pressed = st.button("Look again" if found else "Look for doubtful photographs", icon=":material/frame_inspect:", key="look_closer")
    if pressed:
        try:
            found = _kept()[folder] = _look(listing)
        except InputError as error:
            frame.error(error)
    if found is None:
        st.caption("Finds labels that may be wrong, photographs unlike the others, and files that Keras' tutorial leaves out.")
    else:
        _show_limits(listing, found)
    _show_findings(folder, found.entries if found else {}, listing.class_names)


def show_corrections(folder: Path) -> None:
    """Draw what was corrected, for a data set that can't be used as it is now, unless that is because corrections can't be read."""
    with suppress(InputError):
        _show_findings(folder, {}, ())


def _look(listing: Listing) -> Found:
    """What is found, without what was judged before."""
    with chosen_data.progress("Looking at every photograph") as report:
        found = backend.find_doubts(listing, report)
    without = set(headers.without_jfif([listing.path(index) for index in range(len(listing.photos))]))
    probabilities = zip(found.doubtful, found.probabilities, strict=True)
    entries = {
        _DOUBTFUL: [_entry(listing, row, _other(listing, row, 1 - own)) for row, own in probabilities],
        _ODD: [_entry(listing, row) for row in found.odd],
        _COPIES: _near_copies(listing),
        _NO_JFIF: [_entry(listing, row, is_spare=True) for row in range(len(listing.photos)) if listing.path(row) in without],
    }
    judged = listing.corrections.images
    left = {title: [entry for entry in members if entry.path not in judged] for title, members in entries.items()}
    return Found({title: members for title, members in left.items() if members}, found.agreement)


def _entry(listing: Listing, row: int, note: str = "", is_spare: bool = False) -> Entry:
    return Entry(listing.photos[row].path, listing.photos[row].label, note, is_spare)


def _near_copies(listing: Listing) -> list[Entry]:
    """Of each group the largest first."""
    entries = []
    for group in listing.near_copies:
        first, *others = sorted(group, key=lambda row: -listing.photos[row].width * listing.photos[row].height)
        photo = listing.photos[first]
        note = f"like {PurePosixPath(photo.path).name}"
        entries += [_entry(listing, first), *(_entry(listing, row, note, listing.photos[row].label == photo.label) for row in others)]
    return entries


def _other(listing: Listing, row: int, probability: float) -> str:
    """How likely it is of the other class, in words."""
    (name,) = set(listing.class_names) - {listing.photos[row].label}
    return f"{probability:.1%} {dataset.label_of(name)}"


def _show_limits(listing: Listing, found: Found) -> None:
    """What the findings are worth, where it is less than usual."""
    if min(listing.counts.values()) < doubts.FEWEST:
        st.caption(f"Labels and odd ones out are only looked at where there are {doubts.FEWEST} photographs or more of each class.")
    elif found.agreement < _POOR:
        st.caption(
            f":material/info: The bundled network agrees with only {found.agreement:.1%} of all labels. It can hardly tell these classes "
            "apart, so most labels that it doubts will be right."
        )
    if not found.entries:
        st.caption(":material/check: Nothing doubtful was found.")


def _show_findings(folder: Path, found: dict[str, list[Entry]], class_names: tuple[str, ...]) -> None:
    judged = corrections.load(folder).images
    if judged:
        found = {**found, _CORRECTED: [Entry(path, "") for path in judged]}
    if not found:
        return
    if st.session_state.get(_CHOSEN) not in found:
        st.session_state[_CHOSEN] = next(iter(found))
    title = st.pills(
        "Finding",
        list(found),
        format_func=lambda title: f"{title} ({_left(found[title], judged, title):,})",
        required=True,
        key=_CHOSEN,
        label_visibility="collapsed",
        wrap=True,
    )
    st.caption(_ABOUT[title])
    entries = found[title]
    _show_for_all(folder, title, entries, judged)
    shown = st.session_state.setdefault(f"shown_{folder}_{title}", _PAGE)
    with st.grid(columns=4, min_column_width=150):
        for index, entry in enumerate(entries[:shown]):
            with st.container(gap="xsmall"):
                verdict.show(folder, entry, judged.get(entry.path), class_names, key=f"{title}_{index}")
    if shown < len(entries) and st.button(f"Show more of {len(entries):,}", icon=":material/expand_more:", key="more_findings"):
        st.session_state[f"shown_{folder}_{title}"] += _PAGE
        st.rerun()


def _left(entries: list[Entry], judged: dict[str, str], title: str) -> int:
    """How many are still to be judged; of the corrections, all."""
    return len(entries) if title == _CORRECTED else sum(entry.path not in judged for entry in entries)


def _show_for_all(folder: Path, title: str, entries: list[Entry], judged: dict[str, str]) -> None:
    """What can be done with all of a finding at once."""
    spare = [entry.path for entry in entries if entry.is_spare]
    if open_ones := [path for path in spare if path not in judged]:
        arguments = folder, open_ones, corrections.LEFT_OUT
        label = f"Leave out {names.counted(len(open_ones), 'file')}"
        st.button(label, icon=":material/block:", key="leave_all_out", disabled=access.looks_only(), on_click=verdict.give, args=arguments)
    elif spare or title == _CORRECTED:
        paths = spare or [entry.path for entry in entries]
        st.button(
            "Take all back",
            icon=":material/undo:",
            key="take_all_back",
            disabled=access.looks_only(),
            on_click=verdict.give,
            args=(folder, paths, None),
        )


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Path, Found]:
    """What was found in each folder; corrections don't change it until someone looks again."""
    return {}
