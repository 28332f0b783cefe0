"""The box that a ZIP file is dropped into: the browser sends it to `receiver`'s route, with progress, and tells when it is there."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.parts.data import receiver

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sent:
    """A file that came whole: where it is, and what it is called."""

    path: Path
    name: str
    ticket: str


def show(key: str) -> Sent | None:
    """Draw the box. Returns the file once it was sent, and None until then."""
    if f"{key}_ticket" not in st.session_state:
        st.session_state[f"{key}_ticket"] = receiver.open_ticket()
    ticket = st.session_state[f"{key}_ticket"]
    result = _component()(
        key=f"{key}_{ticket[:8]}", data={"path": f"{receiver.PATH}/{ticket}", "limit": receiver.MAX_BYTES}, on_sent_change=lambda: None
    )
    path = receiver.received(ticket)
    if not result.sent or not path.exists():
        return None
    del st.session_state[f"{key}_ticket"]
    return Sent(path, result.sent, ticket)


@st.cache_resource(show_spinner=False)
def _component():
    return st.components.v2.component(
        "zip_box",
        html=(_HERE / "zip_box.html").read_text(),
        css=(_HERE / "zip_box.css").read_text(),
        js=(_HERE / "zip_box.js").read_text(),
    )
