"""Backbones of networks, and weights for them as people bring them."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np


def small(include_top: bool, weights: str | None, input_shape: tuple[int, int, int], pooling: str) -> keras.Model:
    """Takes what Keras Applications take, and has what matters of them: two convolutions, each with batch normalisation.

    Behind them, as in EfficientNetV2, channels are weighed by their means, and some photographs miss them in training.
    """
    inputs = hidden = keras.Input(input_shape)
    for filters in (8, 16):
        hidden = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(hidden)
        hidden = keras.layers.BatchNormalization()(hidden)
        hidden = keras.layers.ReLU()(hidden)
    means = keras.layers.GlobalAveragePooling2D(keepdims=True)(hidden)
    hidden = keras.layers.Multiply()([hidden, keras.layers.Conv2D(16, 1, activation="sigmoid")(means)])
    hidden = keras.layers.Dropout(0.2, noise_shape=(None, 1, 1, 1))(hidden)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(hidden), name="small")


def save_weights(build: Callable[..., keras.Model], path: Path) -> Path:
    """Random weights for images of 32 px, with the statistics of noise, so that features differ by image."""
    keras.utils.set_random_seed(0)
    backbone = build(include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg")
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    backbone(np.random.default_rng(0).uniform(-1, 1, (32, 32, 32, 3)), training=True)
    backbone.save_weights(path)
    return path
