"""The study's two networks."""

import keras
from keras import layers

from catsdogs.settings.config import Config


def conv2d(config: Config, images: keras.KerasTensor, dtype) -> keras.Model:
    """The CNN: four Conv2D layers, each followed by max pooling, then `dense`. The study doesn't say how many filters the first has."""
    blocks = []
    for filters in (32, 64, 128, 256):
        blocks.append(layers.Conv2D(filters, (3, 3), padding="same", activation="relu", dtype=dtype))
        blocks.append(layers.MaxPooling2D(dtype=dtype))
    return _sequential(config, images, [*blocks, *_dense(config, dtype)], dtype)


def dense(config: Config, images: keras.KerasTensor, dtype) -> keras.Model:
    """The first model: a Dense layer of `dense_units` on the flattened pixels, and one of a single output."""
    return _sequential(config, images, _dense(config, dtype), dtype)


def _dense(config: Config, dtype) -> list[keras.layers.Layer]:
    return [
        layers.Flatten(dtype=dtype),
        layers.Dense(config.dense_units, activation="relu", dtype=dtype),
        layers.Dense(1, activation="sigmoid", dtype="float32"),  # 16 bits are too coarse for a probability
    ]


def _sequential(config: Config, images: keras.KerasTensor, hidden: list[keras.layers.Layer], dtype) -> keras.Model:
    return keras.Sequential([images, layers.Rescaling(config.rescale, dtype=dtype), *hidden], name=config.model)
