"""The box that a ZIP file is dropped into: the browser sends it to `receiver`'s route, with progress, and tells when it is there."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.parts.data import receiver
from pages.parts.shared import absence, component

_ENDED = "zip_box_ended"  # in the session: the path of the box that was emptied last; any other one that is gone was lost with its server


@dataclass(frozen=True)
class Sent:
    """A file that came whole: where it is, and what it is called."""

    path: Path
    name: str


def show() -> Sent | None:
    """Draw the box. Returns the file once it was sent, and again in every run until `empty` is called; None before."""
    held = _held()
    if not held or not receiver.is_open(held[0]):  # closed where it was in the way while nobody was here
        held[:] = [receiver.open_ticket()]
    (ticket,) = held
    component.load(__file__)(
        key=f"zip_box_{ticket[:8]}",
        data={"path": _path(ticket), "limit": receiver.MAX_BYTES, "ended": st.session_state.get(_ENDED)},
        on_sent_change=lambda: None,  # runs the page again; a click may take its place, so whether a file is there is asked below
    )
    path = receiver.received(ticket)
    return Sent(path, receiver.name(ticket)) if path.exists() else None


def empty() -> None:
    """Delete the file that was sent; the next run draws a fresh box."""
    held = _held()
    st.session_state[_ENDED] = _path(*held)
    _release(held)


def _path(ticket: str) -> str:
    return f"{receiver.PATH}/{ticket}"


def _held() -> list[str]:
    """The session's ticket, once there is one; closed when the session has ended, so that what it sent counts for nobody."""
    return absence.keep("zip_box_ticket", list, _release)


def _release(held: list[str]) -> None:
    for ticket in held:
        receiver.close_ticket(ticket)
    held.clear()
