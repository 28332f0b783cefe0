"""A name -> a Keras model. Every model takes uint8 pixels and gives the probability of the second class.

Rescaling is in the model, so a stored model predicts what the page predicts. The study's two networks are here, each other
family in a module of its own. How a model is trained is `training`'s and `optimizers`' business.
"""

from collections.abc import Callable

import keras
from keras import layers

from catsdogs.networks import backbones, resnet
from catsdogs.settings.config import PRETRAINED_MODELS, Config


def conv2d(config: Config, pictures: keras.KerasTensor, dtype) -> keras.Model:
    """The study's CNN: four Conv2D layers, each followed by max pooling, then two Dense layers, of which the last is the output.

    The study does not say how wide the first Dense layer is; `dense_units` does.
    """
    blocks = []
    for filters in (32, 64, 128, 256):
        blocks.append(layers.Conv2D(filters, (3, 3), padding="same", activation="relu", dtype=dtype))
        blocks.append(layers.MaxPooling2D(dtype=dtype))
    return _sequential(config, pictures, [*blocks, *_dense(config, dtype)], dtype)


def dense(config: Config, pictures: keras.KerasTensor, dtype) -> keras.Model:
    """The study's first model: two Dense layers on the flattened pixels, of which the last is the output."""
    return _sequential(config, pictures, _dense(config, dtype), dtype)


def _dense(config: Config, dtype) -> list[keras.layers.Layer]:
    return [
        layers.Flatten(dtype=dtype),
        layers.Dense(config.dense_units, activation="relu", dtype=dtype),
        layers.Dense(1, activation="sigmoid", dtype="float32"),  # a probability wants all its digits
    ]


def _sequential(config: Config, pictures: keras.KerasTensor, hidden: list[keras.layers.Layer], dtype) -> keras.Model:
    return keras.Sequential([pictures, layers.Rescaling(config.rescale, dtype=dtype), *hidden], name=config.model)


REGISTRY: dict[str, Callable[[Config, keras.KerasTensor, keras.DTypePolicy], keras.Model]] = {
    "conv2d": conv2d,
    "dense": dense,
    "resnet": resnet.build,
    **dict.fromkeys(PRETRAINED_MODELS, backbones.build),
}


def build(config: Config, precision: str = "float32", any_size: bool = False) -> keras.Model:
    """The configuration's model: (batch, target_size, target_size, 3) uint8 -> (batch, 1) float32 in 0 to 1.

    `precision` is the name of a Keras dtype policy; the weights are float32 whatever it is. With `any_size` height and width
    are open and the weights are the same, which only the models in `config.ANY_SIZE_MODELS` can do. All weights are random, those of
    pretrained models, too.
    """
    side = None if any_size else config.target_size
    pictures = keras.Input((side, side, 3), dtype="uint8")
    return REGISTRY[config.model](config, pictures, keras.DTypePolicy(precision))
