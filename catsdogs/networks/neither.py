"""A network -> the same with a second output: how much an image looks like neither class, beyond a limit.

It goes by what the network's last layer is given, as a weighted sum; the weights are up to `analysis.neither`. A copy of this file goes
into a run's ZIP file, so it needs Keras and NumPy alone.
"""

import keras
import numpy as np
from keras import ops


def features(network: keras.Model) -> keras.Model:
    """The network without its last layer: uint8 pixels -> features (n, d)."""
    return keras.Model(network.inputs[0], network.layers[-1].input)


def attach(network: keras.Model, learned: dict) -> keras.Model:
    """uint8 pixels -> [probability (n, 1), excess (n, 1)]: above 0 it is neither. `learned` is what `analysis.neither.fit` returned.

    Raises ValueError where it is of another network.
    """
    given, weights = network.layers[-1].input, learned["weights"]
    if given.shape[-1] != len(weights):
        raise ValueError(f"the network has {given.shape[-1]} features, not {len(weights)}")
    weighted = ops.multiply(ops.cast(given, "float32"), np.array(weights, "float32"))  # exports keep this exact: large terms cancel out
    return keras.Model(network.inputs[0], [network.outputs[0], ops.sum(weighted, axis=-1, keepdims=True) - learned["limit"]])
