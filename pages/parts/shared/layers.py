"""A network as a picture, layer by layer; and for a picture of one's own, what each of its convolutions makes of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from catsdogs.figures import network, tiles
from catsdogs.inference.layers import Activations, Layer
from catsdogs.runs import Run
from pages.parts.shared import encoding, frame, insight, names

_FEW = 24  # channels that are shown at first
_MOST = 4096  # of any network here


@st.fragment
def show(run: Run, source: bytes | Path | None = None) -> None:
    """Draw the chain of layers and the chosen one; with a picture, what a convolution makes of it. A click redraws only this."""
    with frame.reported():
        with st.spinner("Taking the network apart"):
            layers = insight.layers(run)
        _show(run, layers, source)


def _show(run: Run, layers: list[Layer], source: bytes | Path | None) -> None:
    st.caption(
        f"{len(layers)} layers, {sum(layer.weights for layer in layers):,} weights. The picture comes in on the left. A block's "
        "height is the size of the layer's output; its width grows with the number of channels. Click one for its numbers."
    )
    chosen, chart, by_name = f"layer-{run.id}", f"chain-{run.id}", {layer.name: layer for layer in layers}
    if st.session_state.get(chosen) not in by_name:
        st.session_state[chosen] = next((layer.name for layer in layers if layer.is_convolution), layers[0].name)
    st.plotly_chart(
        network.draw(layers, st.session_state[chosen]),
        key=chart,
        on_select=lambda: _choose(chosen, chart),
        selection_mode="points",
        config={"displayModeBar": False},
        alt="The network, layer by layer",
    )
    layer = by_name[st.selectbox("Layer", list(by_name), key=chosen, format_func=lambda name: _title(by_name[name]))]
    if not layer.is_convolution:
        st.caption("Filters and activations are there for convolutions only.")
    elif source is None:
        st.caption("What a convolution makes of a picture is shown on Classify: click “Why?” below an answer.")
    else:
        _show_activations(run, layer, source)
    with st.expander(":material/table_rows: All layers as a table"):
        _show_table(layers)


def _title(layer: Layer) -> str:
    weights = f"{layer.weights:,} weights" if layer.weights else "no weights"
    return f"{layer.name} · {layer.kind} · {network.shape(layer.shape)} · {weights}"


def _choose(chosen: str, chart: str) -> None:
    """A click on the chain chooses the layer; a second one, which unselects it, changes nothing."""
    points = st.session_state[chart].selection.points
    if points:
        st.session_state[chosen] = points[0]["customdata"][0]


def _show_activations(run: Run, layer: Layer, source: bytes | Path) -> None:
    is_all = st.session_state.get(f"all-channels-{layer.name}", False)
    with st.spinner("Looking through the filters"):
        found = insight.activations(run, layer.name, source, _MOST if is_all else _FEW)
    st.html(_tiles(found))
    st.caption(_explain(found, layer))
    if found.count > _FEW:
        st.toggle(f"Show all {found.count:,} channels", key=f"all-channels-{layer.name}")


def _explain(found: Activations, layer: Layer) -> str:
    """What the tiles are."""
    behind = "" if found.after == layer.name else f" and of {names.plain(found.after)} behind it"
    text = f"The output of this layer{behind} for this picture, one tile per channel, strongest first; yellow is high."
    if found.filters is None:
        return f"{text} Its filters look at the channels of the layer before it, not at colours, so they can’t be shown as pictures."
    seen = "the colours that it looks for" if found.filters.shape[-1] == 3 else "bright where it adds, dark where it subtracts"
    return f"{text} In the corner is the filter that made it: {seen}."


def _tiles(found: Activations) -> str:
    """A tile for each channel, its filter in the corner."""
    drawn = []
    for index, channel in enumerate(found.channels):
        corner = "" if found.filters is None else f'<img class="filter" src="{_address(tiles.draw_filter(found.filters[index]))}" alt="">'
        title = f"channel {channel}, mean {found.strengths[index]:.3g}"
        drawn.append(f'<div title="{title}"><img src="{_address(tiles.draw_activation(found.maps[index]))}" alt="{title}">{corner}</div>')
    return f'<div class="tiles">{"".join(drawn)}</div>'


def _address(pixels: np.ndarray) -> str:
    return encoding.data_url(Image.fromarray(pixels), "PNG")


def _show_table(layers: list[Layer]) -> None:
    rows = {
        "layer": [layer.name for layer in layers],
        "kind": [layer.kind for layer in layers],
        "output": [network.shape(layer.shape) for layer in layers],
        "weights": [layer.weights for layer in layers],
    }
    columns = {"weights": st.column_config.NumberColumn(format="localized")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, alt="All layers")
