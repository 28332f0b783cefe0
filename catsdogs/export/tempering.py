"""A network of this project and the temperature of its run -> a network whose answers are at that temperature, for use elsewhere."""

import keras
from keras import ops

_TINY = 2**-23  # as in `analysis.calibration`; 32 bits can tell 1 - 2**-23 from 1
_BELOW_HALF = 0.5 - 2**-25  # the float32 next to 0.5


def temper(network: keras.Model, temperature: float) -> keras.Model:
    """It answers as `analysis.calibration.temper` does, to the precision of 32 bits, and never another class than the network.

    The network itself where the temperature is 1. It is made of Keras' own operations: to load it takes Keras alone.
    """
    if temperature == 1:
        return network
    given = keras.Input(network.input_shape[1:], dtype=network.inputs[0].dtype, name="pixels")
    answer = network(given)
    clipped = ops.clip(answer, _TINY, 1 - _TINY)
    tempered = ops.sigmoid((ops.log(clipped) - ops.log(1 - clipped)) / temperature)
    return keras.Model(given, ops.where(ops.less(answer, 0.5), ops.minimum(tempered, _BELOW_HALF), tempered), name=network.name)
