"""A network -> the same one in 32 bits and without layers that can't be converted, as other runtimes have them.

A network may compute in a shorter format where it can, such as bfloat16.
"""

import keras
import numpy as np

_PLAIN = "float32"


def of(network: keras.Model) -> keras.Model:
    """The network itself where there is nothing to change. Its weights are of 32 bits either way."""
    if not any(_is_changed(layer) for layer in network._flatten_layers()):
        return network
    copy = type(network).from_config(_plain(network.get_config()))
    copy.set_weights(network.get_weights())
    return copy


def _is_changed(layer: keras.Layer) -> bool:
    return layer.compute_dtype not in (_PLAIN, "uint8", None) or isinstance(layer, keras.layers.Normalization)


def _plain(value):
    """The configuration with every policy and dtype of the shorter format changed, and every layer that normalises by given numbers."""
    if isinstance(value, dict):
        changed = {name: _plain(each) for name, each in value.items()}
        return _rescaling(changed) if changed.get("class_name") == "Normalization" else changed
    if isinstance(value, list | tuple):
        return type(value)(_plain(each) for each in value)
    return _PLAIN if value in ("mixed_bfloat16", "mixed_float16", "bfloat16", "float16") else value


def _rescaling(layer: dict) -> dict:
    """A layer that does the same: of Keras' Normalization, ONNX files would ask for its mean and variance as inputs."""
    config = layer["config"]
    deviation, mean = np.sqrt(config["variance"]), np.array(config["mean"])
    kept = {name: config[name] for name in ("name", "trainable", "dtype")}
    return layer | {"class_name": "Rescaling", "config": kept | {"scale": (1 / deviation).tolist(), "offset": (-mean / deviation).tolist()}}
