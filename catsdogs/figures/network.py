"""A network as a chain of blocks, as high as what comes out of a layer, and wider with more channels. A click selects a layer."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from catsdogs.figures import style

_KINDS = {  # what a layer does, its colour, and the names of Keras' classes
    "convolution": (style.CAT, ("Conv2D", "DepthwiseConv2D")),
    "pooling": ("#3f8f6b", ("MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D")),
    "dense": (style.DOG, ("Dense",)),
}
_OTHER = "anything else"  # preprocessing, normalisation, activation, addition
_THIN, _WIDE = 0.5, 0.35  # width of a block without channels of its own, and what each doubling of the channels adds
_GAP = 0.5
_HEIGHT = 260  # px
_LOWEST = 0.06  # of the highest block, so that it can be seen and clicked
_VECTOR = 0.5  # of the highest block, at most, for what has no height and width


def draw(layers: Sequence, selected: str | None = None) -> go.Figure:
    """`layers` have a name, kind, shape and weights, as those of `inference.layers`. The custom data of a block is its layer's name."""
    widths = np.array([_width(layer) for layer in layers])
    places = np.cumsum(widths + _GAP) - widths / 2
    heights = _heights([layer.shape for layer in layers])
    figure = go.Figure()
    for kind, (colour, _) in {**_KINDS, _OTHER: (style.QUIET, ())}.items():
        chosen = [index for index, layer in enumerate(layers) if _kind(layer) == kind]
        if not chosen:
            continue
        figure.add_bar(
            x=places[chosen],
            y=heights[chosen],
            base=-heights[chosen] / 2,
            width=widths[chosen],
            name=kind,
            marker={"color": colour, "line": {"width": [2 if layers[index].name == selected else 0 for index in chosen]}},
            customdata=[[layers[index].name] for index in chosen],
            hovertext=[hover(layers[index]) for index in chosen],
            hovertemplate="%{hovertext}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    figure.update_layout(barmode="overlay", clickmode="event+select", dragmode=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, range=[-0.55, 0.55])
    return style.finished(figure, legend_below=True).update_layout(height=_HEIGHT, margin={"t": 8, "b": 60})


def shape(of: tuple[int, ...]) -> str:
    """80 × 80 × 32."""
    return " × ".join(f"{length:,}" for length in of)


def hover(layer) -> str:
    """What is told about a layer, as HTML."""
    weights = f"{layer.weights:,} weights" if layer.weights else "no weights"
    return f"<b>{style.literal(layer.name)}</b> · {layer.kind}<br>out comes {shape(layer.shape)}<br>{weights}"


def _kind(layer) -> str:
    return next((kind for kind, (_, classes) in _KINDS.items() if layer.kind in classes), _OTHER)


def _width(layer) -> float:
    has_own_channels = len(layer.shape) == 3 and _kind(layer) != _OTHER
    return _THIN + (_WIDE * np.log2(layer.shape[-1]) if has_own_channels else 0)


def _heights(shapes: list[tuple[int, ...]]) -> np.ndarray:
    """Of images the square root of the side, of vectors the logarithm of the length, so that small ones remain visible."""
    largest = {len(shape): max(other[0] for other in shapes if len(other) == len(shape)) for shape in shapes}
    relative = [
        (shape[0] / largest[3]) ** 0.5 if len(shape) == 3 else _VECTOR * np.log(shape[0]) / np.log(max(largest[1], 2)) for shape in shapes
    ]
    return np.maximum(relative, _LOWEST)
