"""The widget for the values of one setting that a sweep or a search varies."""

from collections.abc import Callable, Sequence

import streamlit as st

from catsdogs.settings import Config
from catsdogs.settings.config import LIMITS
from pages.parts.shared import names
from pages.parts.train import form


def ask(kind: str, name: str, filled: dict, suggest: Callable[[object], str]) -> Sequence | str:
    """The values as chosen, or as typed; at first the form's own, or what `suggest` writes for it.

    `kind` keeps those of a sweep apart from those of a search.
    """
    now, limits = filled.get(name, getattr(Config, name)), LIMITS[name]
    if limits.choices:
        options = (False, True) if isinstance(now, bool) else limits.choices
        return st.multiselect(form.label(name), options, default=[now], format_func=names.choice, key=f"{kind}_of_{name}")
    return st.text_input(form.label(name), value=suggest(now), key=f"{kind}_of_{name}", help=f"`{name}`, each: {limits}.")
