"""Components whose browser side is written here: a name.html, name.css and name.js in the folder of the part that draws them."""

from pathlib import Path

import streamlit as st


@st.cache_resource(show_spinner=False)
def load(path: Path):
    """The component of that path, which has no suffix; it is called by the path's name. Registered once per server."""
    html, css, js = (path.with_suffix(suffix).read_text() for suffix in (".html", ".css", ".js"))
    return st.components.v2.component(path.name, html=html, css=css, js=js)
