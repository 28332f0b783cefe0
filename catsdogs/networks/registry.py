"""The name of a network -> a Keras model of it, from uint8 pixels to the probability of the second class.

Rescaling is inside, so a stored model predicts what the page predicts. Each family of networks has its own module.
"""

from collections.abc import Callable

import keras

from catsdogs.networks import backbones, resnet, sequential
from catsdogs.settings.choices import PRETRAINED_MODELS
from catsdogs.settings.config import Config

REGISTRY: dict[str, Callable[[Config, keras.KerasTensor, keras.DTypePolicy], keras.Model]] = {
    "conv2d": sequential.conv2d,
    "dense": sequential.dense,
    "resnet": resnet.build,
    **dict.fromkeys(PRETRAINED_MODELS, backbones.build),
}


def build(config: Config, dtype: str = "float32", any_size: bool = False) -> keras.Model:
    """The configuration's model, (batch, target_size, target_size, 3) uint8 -> (batch, 1) float32, 0 to 1, with random weights.

    `dtype` is the name of a Keras dtype policy; weights are float32 under any. With `any_size`, height and width are open while the weights
    keep their shapes; only the models in `choices.ANY_SIZE_MODELS` can do that.
    """
    side = None if any_size else config.target_size
    images = keras.Input((side, side, 3), dtype="uint8")
    return REGISTRY[config.model](config, images, keras.DTypePolicy(dtype))
