"""A network that computes in a shorter format where it can, such as bfloat16 -> the same one in 32 bits, as other runtimes have them."""

import keras

_PLAIN = "float32"


def of(network: keras.Model) -> keras.Model:
    """The network itself where it computes in 32 bits already. Its weights are of 32 bits either way."""
    if all(layer.compute_dtype in (_PLAIN, "uint8", None) for layer in network._flatten_layers()):
        return network
    copy = type(network).from_config(_plain(network.get_config()))
    copy.set_weights(network.get_weights())
    return copy


def _plain(value):
    """The configuration with every policy and dtype of the shorter format changed."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(each) for each in value)
    return _PLAIN if value in ("mixed_bfloat16", "mixed_float16", "bfloat16", "float16") else value
