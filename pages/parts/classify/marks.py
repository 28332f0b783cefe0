"""What people say the pictures show: kept with the album, by content, for networks of the same classes."""

from collections.abc import Callable, Iterable

import streamlit as st

from catsdogs.inference import sheet
from catsdogs.inference.sheet import Row
from pages.parts.classify import inbox
from pages.parts.shared import names


def load(labels: tuple[str, ...]) -> dict[str, str]:
    """The marks by the digests of the pictures: what was said they are of these labels."""
    return inbox.album().marks.setdefault(tuple(sorted(labels)), {})


def put(labels: tuple[str, ...], digests: list[str], mark: str | None) -> None:
    """Mark these pictures, as one of these labels or sheet.NEITHER; None takes the mark away."""
    marks = load(labels)
    for digest in digests:
        if mark is None:
            marks.pop(digest, None)
        else:
            marks[digest] = mark
    inbox.album().keep_marks()


def options(labels: tuple[str, ...]) -> tuple[str, ...]:
    """What a picture can be marked as, by a network of these labels."""
    return (*labels, sheet.NEITHER)


def called(several: Iterable[str]) -> Callable[[str], str]:
    """What each mark or filter is called on a button, told apart from a class of that name, such as "neither" or "all"."""
    return names.apart(
        {each: names.plain(sheet.shown(each)) for each in several}, lambda each: "class" if sheet.shown(each) == each else "no class"
    )


def choose(row: Row, labels: tuple[str, ...], about: str = "") -> None:
    """Draw the choice of what the picture really is; with a title, whose tooltip it is, where something is told `about` it."""
    key = f"mark-{row.digest[:20]}-{'-'.join(labels)}"  # another choice where a network has other classes
    st.segmented_control(
        "What it really is",
        options(labels),
        default=row.mark,
        format_func=called(options(labels)),
        key=key,
        on_change=lambda: put(labels, [row.digest], st.session_state[key]),
        label_visibility="visible" if about else "collapsed",
        help=about or None,
    )
