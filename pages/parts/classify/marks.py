"""What a person says that pictures are: kept for the session, by content."""

import streamlit as st

from catsdogs.inference import sheet
from catsdogs.inference.sheet import Row
from pages.parts.shared import names

_MARKS = "classify_marks"  # in the session: a label, or sheet.NEITHER, by the digest of the picture


def load() -> dict[str, str]:
    """The marks by the digests of the pictures."""
    return st.session_state.setdefault(_MARKS, {})


def put(digests: list[str], label: str | None) -> None:
    """Mark these pictures; None takes the mark away."""
    for digest in digests:
        if label is None:
            load().pop(digest, None)
        else:
            load()[digest] = label


def choose(row: Row, labels: tuple[str, ...]) -> None:
    """Draw the choice of what the picture really is."""
    key = f"mark-{row.digest[:20]}"
    st.segmented_control(
        "What it really is",
        (*labels, sheet.NEITHER),
        default=row.mark,
        format_func=names.plain,
        key=key,
        on_change=_keep,
        args=(row.digest, key),
        label_visibility="collapsed",
    )


def _keep(digest: str, key: str) -> None:
    put([digest], st.session_state[key])


def forget() -> None:
    """The pictures were cleared."""
    st.session_state.pop(_MARKS, None)
