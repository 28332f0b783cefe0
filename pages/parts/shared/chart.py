"""A figure on a page, with the ways to take it along: PNG or SVG by its camera, HTML by a button."""

import plotly.graph_objects as go
import streamlit as st

FORMATS = ("PNG", "SVG")


def show(figure: go.Figure, title: str, key: str, help: str | None = None, can_zoom: bool = True, **options):
    """Draw the figure under its title; returns what `st.plotly_chart` does with `options`."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False, help=help)
        st.space("stretch")
        with st.popover("", icon=":material/download:", type="tertiary", help=f"Save the chart “{title}”"):
            camera = st.segmented_control("The camera on the chart saves", FORMATS, default="PNG", required=True, key=f"camera-{key}")
            st.download_button(
                "Save as HTML, to zoom in without a server",
                lambda: figure.to_html(include_plotlyjs=True),
                file_name=f"{key}.html",
                mime="text/html",
                icon=":material/code:",
                key=f"html-{key}",
                on_click="ignore",
            )
    saved = {"format": camera.lower(), "filename": key, "scale": 2}
    buttons = {} if can_zoom else {"modeBarButtons": [["toImage"]]}
    return st.plotly_chart(figure, key=key, config={"displaylogo": False, "toImageButtonOptions": saved, **buttons}, **options)
