"""A name -> a Keras model. Every model takes uint8 pixels and gives the probability of the second class.

Rescaling is the first layer, so a stored model predicts what the page predicts. How it is trained is `training`'s.
"""

from collections.abc import Callable

import keras
from keras import layers

from catsdogs.config import Config


def conv2d(config: Config, dtype) -> list[keras.layers.Layer]:
    """The study's CNN: four Conv2D layers, each followed by max pooling, then two Dense layers, of which the last is the output.

    The study does not say how wide the first Dense layer is; `dense_units` does.
    """
    blocks = []
    for filters in (32, 64, 128, 256):
        blocks.append(layers.Conv2D(filters, (3, 3), padding="same", activation="relu", dtype=dtype))
        blocks.append(layers.MaxPooling2D(dtype=dtype))
    return [*blocks, *dense(config, dtype)]


def dense(config: Config, dtype) -> list[keras.layers.Layer]:
    """The study's first model: two Dense layers on the flattened pixels, of which the last is the output."""
    return [
        layers.Flatten(dtype=dtype),
        layers.Dense(config.dense_units, activation="relu", dtype=dtype),
        layers.Dense(1, activation="sigmoid", dtype="float32"),  # a probability wants all its digits
    ]


REGISTRY: dict[str, Callable[[Config, object], list[keras.layers.Layer]]] = {"conv2d": conv2d, "dense": dense}


def build(config: Config, precision: str = "float32") -> keras.Sequential:
    """The configuration's model: (batch, target_size, target_size, 3) uint8 -> (batch, 1) float32 in 0 to 1.

    `precision` is the name of a Keras dtype policy; the weights are float32 whatever it is.
    """
    dtype = keras.DTypePolicy(precision)
    return keras.Sequential(
        [
            keras.Input((config.target_size, config.target_size, 3), dtype="uint8"),
            layers.Rescaling(config.rescale, dtype=dtype),
            *REGISTRY[config.model](config, dtype),
        ],
        name=config.model,
    )


def optimizer(config: Config) -> keras.optimizers.Optimizer:
    """The configuration's optimizer; `momentum` goes to those that have one."""
    rate, momentum = config.rate, config.momentum
    if config.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=momentum)
    if config.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate, momentum=momentum)
    return {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[config.optimizer](rate)
