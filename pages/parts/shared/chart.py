"""A figure on a page, which can be saved: as PNG or SVG by its camera button, as HTML by another."""

import plotly.graph_objects as go
import streamlit as st

FORMATS = ("PNG", "SVG")
_HEAD = 40  # px of the line that has a figure's title and the button that saves it


def show(figure: go.Figure, title: str, key: str, help: str | None = None, can_zoom: bool = True, least: int = 0, **options):
    """Draw the figure under its title and return what `st.plotly_chart` returns, which gets the `options`.

    Where there are not as many px as the `least`, it has as many, and scrolls sideways.
    """
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.header(title, anchor=False, help=help)
        st.space("stretch")
        label = f"Save the chart “{title}”"  # the style sheet hides it from view
        with st.popover(label, icon=":material/download:", type="tertiary", help=label, key=f"save-{key}"):
            camera = st.segmented_control("The camera above the chart saves", FORMATS, default="PNG", required=True, key=f"camera-{key}")
            st.download_button(
                "Save as interactive HTML",
                lambda: figure.to_html(include_plotlyjs=True),
                file_name=f"{key}.html",
                mime="text/html",
                icon=":material/code:",
                key=f"html-{key}",
                on_click="ignore",
            )
    saved = {"format": camera.lower(), "filename": key, "scale": 2}
    buttons = {} if can_zoom else {"modeBarButtons": [["toImage"]]}
    frame = st.container(key=f"frame-{key}").container(key=f"wide-{key}", width=least) if least else st.container()
    config = {"displaylogo": False, "toImageButtonOptions": saved, **buttons}
    return frame.plotly_chart(figure, key=key, config=config, alt=title, **options)


def show_missing(title: str, why: str) -> None:
    """The title of a figure that can't be drawn yet, as high as one that is drawn beside it; and why."""
    with st.container(horizontal=True, vertical_alignment="center", height=_HEAD, border=False):
        st.header(title, anchor=False)
    st.caption(why)
