"""A network of this project -> the same one for use elsewhere, where pixels from 0 to 1 are as usual as those from 0 to 255.

Its own input is uint8, to which Keras casts whatever it is given: pixels from 0 to 1 would all become 0 or 1, without a word.
"""

import keras
from keras import ops

_OVERSHOT = 2.0  # times white: resampling overshoots a little, and an image from 0 to 255 that is as dark shows nothing


def accept_any(network: keras.Model, side: int) -> keras.Model:
    """The network with an input of `side` x `side` float32 pixels, in RGB: from 0 to 255, or from 0 to 1, told apart image by image.

    An image counts as one from 0 to 1 if it is not brighter and some values are fractions, so uint8 pixels get exactly the network's
    answers. An image with values below 0, or far above 255, gets NaN. It is made of Keras' own operations: to load it takes Keras alone.
    """
    given = keras.Input((side, side, 3), dtype="float32", name="pixels")
    uneven = ops.absolute(ops.subtract(given, ops.round(given)))
    is_up_to_1 = ops.logical_and(ops.less_equal(_most(given), _OVERSHOT), ops.greater(_most(uneven), 0.0))
    scaled = ops.round(ops.multiply(given, ops.where(is_up_to_1, 255.0, 1.0)))
    answer = network(ops.cast(ops.clip(scaled, 0.0, 255.0), "uint8"))
    lowest, highest = (extreme(scaled, axis=(1, 2, 3)) for extreme in (ops.min, ops.max))
    is_known = ops.logical_and(ops.greater_equal(lowest, 0.0), ops.less_equal(highest, _OVERSHOT * 255))
    return keras.Model(given, ops.where(ops.expand_dims(is_known, -1), answer, float("nan")), name=network.name)


def _most(values: keras.KerasTensor) -> keras.KerasTensor:
    """The highest value of each image, shape (batch, 1, 1, 1)."""
    return ops.max(values, axis=(1, 2, 3), keepdims=True)
