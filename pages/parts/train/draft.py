"""What is filled in outlasts a reload of the tab, as when a phone has dropped it meanwhile; `draft.js` keeps it in the browser."""

from contextlib import suppress

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.settings import config
from catsdogs.system import access
from pages.parts.shared import component
from pages.parts.train import form

_KEY = "draft"
_UNTOUCHED = "draft_untouched"  # in the session: the form as it opened, until something else is filled in


def keep(filled: dict, is_opened: bool) -> None:
    """Have the browser keep what is filled in; where the session has just opened the form, fill in what it has kept instead."""
    if is_opened:
        st.session_state[_UNTOUCHED] = filled
    elif filled != st.session_state.get(_UNTOUCHED):
        st.session_state.pop(_UNTOUCHED, None)
    data = {"filled": filled, "is_untouched": _UNTOUCHED in st.session_state, "person": access.person().name}
    component.load(__file__)(key=_KEY, data=data, on_kept_change=_fill_in)


def _fill_in() -> None:
    kept = st.session_state[_KEY].kept
    if _UNTOUCHED in st.session_state and isinstance(kept, dict):
        with suppress(InputError):  # a setting that an earlier version had, or half a number
            form.fill(config.from_json({name: value for name, value in kept.items() if name in config.LIMITS}))
