"""Components whose browser side is written here: a name.js in the folder of the part that draws them, with name.html and name.css."""

from pathlib import Path

import streamlit as st


@st.cache_resource(show_spinner=False)
def load(path: str | Path):
    """The component beside the module of that path, and called as that is. Registered once per server."""
    files = {kind: Path(path).with_suffix(f".{kind}") for kind in ("html", "css", "js")}  # one that draws nothing has only the last
    return st.components.v2.component(Path(path).stem, **{kind: file.read_text() for kind, file in files.items() if file.exists()})
