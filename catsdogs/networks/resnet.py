"""Our own network: a small residual network for images of any size. docs/recipe.md says what it was chosen from.

Sources: K. He et al., Deep Residual Learning (2016); average pooling before a projection, T. He et al., Bag of Tricks (2019).
"""

import keras
from keras import layers

from catsdogs.settings.config import Config

_STEM = (32, 64)  # filters of the strided convolutions
_FILTERS = (64, 128, 160, 240)  # in each group of blocks; every group but the first halves height and width
_BLOCKS = (1, 2, 2, 1)  # in each group
_MOMENTUM = 0.95  # of batch normalisation's statistics; low, as runs are short


def build(config: Config, images: keras.KerasTensor, dtype) -> keras.Model:
    """Two strided convolutions, four groups of residual blocks, global average pooling, one output. Height and width may be open."""
    hidden = layers.Rescaling(config.rescale, dtype=dtype)(images)
    for filters in _STEM:
        hidden = _relu(_convolution(hidden, filters, 3, 2, dtype), dtype)
    for group, (filters, blocks) in enumerate(zip(_FILTERS, _BLOCKS, strict=True)):
        for block in range(blocks):
            hidden = _block(hidden, filters, 2 if group and not block else 1, dtype)
    hidden = layers.GlobalAveragePooling2D(dtype=dtype)(hidden)
    output = layers.Dense(1, activation="sigmoid", dtype="float32")(hidden)  # 16 bits are too coarse for a probability
    return keras.Model(images, output, name=config.model)


def _block(before, filters: int, strides: int, dtype):
    """Two convolutions, added to their input; initially, they add nothing."""
    hidden = _relu(_convolution(before, filters, 3, strides, dtype), dtype)
    hidden = _convolution(hidden, filters, 3, 1, dtype, gamma="zeros")
    if strides > 1:
        before = layers.AveragePooling2D(strides, padding="same", dtype=dtype)(before)
    if before.shape[-1] != filters:
        before = _convolution(before, filters, 1, 1, dtype)
    return _relu(layers.Add(dtype=dtype)([before, hidden]), dtype)


def _convolution(before, filters: int, side: int, strides: int, dtype, gamma: str = "ones"):
    """A convolution with batch normalisation, which makes a bias redundant."""
    convolution = layers.Conv2D(filters, side, strides, padding="same", use_bias=False, kernel_initializer="he_normal", dtype=dtype)
    return layers.BatchNormalization(momentum=_MOMENTUM, gamma_initializer=gamma, dtype=dtype)(convolution(before))


def _relu(before, dtype):
    return layers.ReLU(dtype=dtype)(before)
