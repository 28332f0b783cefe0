"""Components whose browser side is written here: a name.js in the folder of the part that draws them, with name.html and name.css."""

from pathlib import Path

import streamlit as st


@st.cache_resource(show_spinner=False)
def load(path: Path):
    """The component of that path, which has no suffix; it is called by the path's name. Registered once per server."""
    files = {kind: path.with_suffix(f".{kind}") for kind in ("html", "css", "js")}  # one that draws nothing has only the last
    return st.components.v2.component(path.name, **{kind: file.read_text() for kind, file in files.items() if file.exists()})
