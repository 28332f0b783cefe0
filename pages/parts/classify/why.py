"""Why a network answers as it does for a picture: the heat map over it; and the network layer by layer, with what it makes of the picture.

`button` is all that a card needs: it opens both in a dialog.
"""

import html
from pathlib import Path

import streamlit as st

from catsdogs.figures import heat_map as painting
from catsdogs.inference import heat_maps, sheet
from catsdogs.inference.classifier import Answer
from catsdogs.inference.heat_maps import HeatMap
from catsdogs.runs import Run
from catsdogs.system import words
from pages.parts.shared import backend, encoding, frame, insight, layers, names

_SIDE = 640  # px of the photograph's longer side
_MAP_SIDE = 200  # px; the browser smooths it further
_HIGHEST = 62  # percent of the window's height
_LONGEST = 4  # times as long as wide; beyond, nothing could be seen in a strip so thin
_HEAT, _LAYERS = "Heat map", "Layer by layer"
_STRENGTH = 60  # percent, at first
_ABOUT = {
    heat_maps.CAM: (
        "The exact sum behind the answer, place by place: a class activation map. Each place is as large as a cell of the network’s last "
        "convolution, so the map is coarse."
    ),
    heat_maps.CONTRIBUTIONS: (
        "The exact sum behind the answer, place by place: what each place of the last convolution adds, through the Dense layers."
    ),
    heat_maps.OCCLUSION: (
        "Measured by covering: a patch of a quarter of the side was painted over in 81 places. The warmer a place, the less sure of its "
        "answer the network was while it was covered."
    ),
}


def button(run: Run, answer: Answer, source: bytes | Path, key: str) -> None:
    """The button on the card of an answer to the picture in `source`."""
    if st.button("Why?", icon=":material/lightbulb:", type="tertiary", key=f"why_{key}", help="Show where the network saw it"):
        _explain(run, answer, source)


@st.dialog("Why this answer?", width="large", icon=":material/lightbulb:")
def _explain(run: Run, answer: Answer, source: bytes | Path) -> None:
    view = frame.switch("View", (_HEAT, _LAYERS), "why_view")
    st.caption(f"{names.plain(answer.picture)} · {names.plain(names.run(run))}")
    if view == _LAYERS:
        layers.show(run, source)
        return
    with frame.reported():
        _show_heat_map(run, answer, source)


def _show_heat_map(run: Run, answer: Answer, source: bytes | Path) -> None:
    with st.spinner("Drawing the heat map"):
        found = insight.heat_map(run, source)
        (photograph, proportion), painted = _photograph(source, run.config.proportions), _painted(found, source, run.config.proportions)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        alt = html.escape(f"Heat map over the picture: {'; '.join(painting.legend(found.label, found.other))}")
        fitting = f"width: min(100%, {_HIGHEST}vh, {_HIGHEST * proportion:.2f}vh); aspect-ratio: {proportion:.4f}"
        stacked = f'<img src="{photograph}" alt=""><img class="heat" src="{painted}" alt="{alt}">'
        st.html(f'<div class="heat-map" style="{fitting}">{stacked}</div>')
    with right:
        st.markdown(f"## {names.plain(sheet.verdict(answer))} {words.probability(answer.probability)}")
        strength = st.slider("Strength of the map", 0, 100, _STRENGTH, 5, format="%d%%", key="why_strength")
        st.html(f"<style>.heat-map .heat {{ opacity: {strength / 100}; }}</style>")
        st.html(_legend(found))
        st.caption(_ABOUT[found.method])


def _legend(found: HeatMap) -> str:
    """Both ramps with their words; between them, what is not coloured."""
    warm, cool = map(html.escape, painting.legend(found.label, found.other))
    ramps = [f"linear-gradient(90deg, transparent, {', '.join(colours)})" for colours in (painting.WARM, painting.COOL)]
    rows = [f'<div><i style="background: {ramp}"></i>{meaning}</div>' for ramp, meaning in zip(ramps, (warm, cool), strict=True)]
    return f'<div class="heat-legend">{"".join(rows)}<div><i></i>uncoloured: hardly matters</div></div>'


@st.cache_data(show_spinner=False, max_entries=20, hash_funcs=backend.BY_VERSION)
def _photograph(source: bytes | Path, proportions: str) -> tuple[str, float]:
    """The photograph, and how many times as wide as high it is shown."""
    image = heat_maps.photograph(source, _SIDE, proportions)
    return encoding.data_url(image, "JPEG", quality=88), min(max(image.width / image.height, 1 / _LONGEST), _LONGEST)


@st.cache_data(show_spinner=False, max_entries=20, hash_funcs={**backend.BY_VERSION, HeatMap: lambda found: found.values.tobytes()})
def _painted(found: HeatMap, source: bytes | Path, proportions: str) -> str:
    return encoding.data_url(painting.paint(found.values, *heat_maps.photograph(source, _MAP_SIDE, proportions).size), "PNG")
