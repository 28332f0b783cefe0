"""Parts of a network: its layers in order, including those of a backbone, and the network up to one of them."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


def layers(model: "keras.Model") -> list["keras.Layer"]:
    """All layers from the image to the answer, with those of a backbone, except its input, in place of it."""
    flat = []
    for layer in model.layers:
        flat += layer.layers[1:] if _is_backbone(layer) else [layer]
    return flat


def part(model: "keras.Model", layer: "keras.Layer", is_before: bool = False) -> "keras.Model":
    """The network from the image up to the output of that layer or, if `is_before`, to its input."""
    import keras

    end = layer.input if is_before else layer.output
    backbone = next((outer for outer in model.layers if _is_backbone(outer) and layer in outer.layers), None)
    if backbone is None:
        return keras.Model(model.inputs[0], end)
    into_backbone = model.layers[model.layers.index(backbone) - 1].output
    return keras.Model(model.inputs[0], keras.Model(backbone.inputs[0], end)(into_backbone))


def run(part: "keras.Model", batch: np.ndarray) -> np.ndarray:
    """The output for a batch, in float32. Not by `predict_on_batch`, which takes seconds to compile what may be needed only once."""
    from keras import ops

    return ops.convert_to_numpy(ops.cast(part(batch, training=False), "float32"))


def _is_backbone(layer: "keras.Layer") -> bool:
    import keras

    return isinstance(layer, keras.Model)
