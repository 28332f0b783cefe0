"""A network of this project and the temperature of its run -> a network whose answers are at that temperature, for use elsewhere."""

import keras
from keras import ops

_TINY = 2**-23  # as in `analysis.calibration`; 32 bits can tell 1 - 2**-23 from 1
_BELOW_HALF = 0.5 - 2**-25  # the float32 next to 0.5


def temper(network: keras.Model, temperature: float) -> keras.Model:
    """It answers as `analysis.calibration.temper` does, to the precision of 32 bits, and never another class than the network.

    The network itself where the temperature is 1. Of one with a second output, (n, 1), that becomes a second column, as it is.
    It is made of Keras' own operations: to load it takes Keras alone.
    """
    if temperature == 1 and len(network.outputs) == 1:
        return network
    given = keras.Input(network.input_shape[1:], dtype=network.inputs[0].dtype, name="pixels")
    answer, *others = network(given) if len(network.outputs) > 1 else [network(given)]
    clipped = ops.clip(answer, _TINY, 1 - _TINY)
    tempered = ops.sigmoid((ops.log(clipped) - ops.log(1 - clipped)) / temperature)
    shown = ops.where(ops.less(answer, 0.5), ops.minimum(tempered, _BELOW_HALF), tempered) if temperature != 1 else answer
    return keras.Model(given, ops.concatenate([shown, *others], axis=-1) if others else shown, name=network.name)
