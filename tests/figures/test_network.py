"""The chain of layers."""

import numpy as np

from catsdogs.figures import network
from catsdogs.inference.layers import Layer

LAYERS = [
    Layer("pixels", "InputLayer", (64, 64, 3), 0),
    Layer("first", "Conv2D", (64, 64, 8), 216),
    Layer("smaller", "MaxPooling2D", (16, 16, 8), 0),
    Layer("second", "Conv2D", (16, 16, 128), 9216),
    Layer("flat", "Flatten", (32768,), 0),
    Layer("a <b>", "Dense", (1,), 32769),
]


def blocks() -> dict[str, tuple[float, float, float]]:
    """Place, height and width by the name of the layer."""
    bars = [zip(trace.customdata, trace.x, trace.y, trace.width, strict=True) for trace in network.draw(LAYERS).data]
    return {data[0]: (x, y, width) for bar in bars for data, x, y, width in bar}


def test_every_layer_is_a_block_in_order_and_none_covers_another():
    found = blocks()
    assert set(found) == {layer.name for layer in LAYERS}
    places = np.array([found[layer.name] for layer in LAYERS])
    left, right = places[:, 0] - places[:, 2] / 2, places[:, 0] + places[:, 2] / 2
    assert (left[1:] > right[:-1]).all()


def test_blocks_are_as_high_as_what_comes_out_and_as_wide_as_it_has_channels():
    found = blocks()
    assert found["pixels"][1] == found["first"][1] > found["smaller"][1] == found["second"][1] > found["a <b>"][1] > 0
    assert found["second"][2] > found["first"][2]


def test_a_block_tells_name_shape_and_weights():
    texts = [text for trace in network.draw(LAYERS).data for text in trace.hovertext]
    assert "<b>first</b> · Conv2D<br>out comes 64 × 64 × 8<br>216 weights" in texts
    assert any("a &lt;b&gt;" in text and "32,769 weights" in text for text in texts)
    assert any("smaller" in text and "no weights" in text for text in texts)
