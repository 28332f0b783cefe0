"""Networks for transfer learning: a backbone of Keras Applications, with its own preprocessing, and a head of one output.

`freezing` has the head trained alone at first. `pretrained` finds the weights to start from; with `weights` = none there are none.

Sources: M. Sandler et al., MobileNetV2 (2018); M. Tan, Q. V. Le, EfficientNetV2 (2021); Z. Liu et al., A ConvNet for the 2020s (2022).
"""

import json
import warnings
import zipfile
from pathlib import Path

import keras
from keras import layers

from catsdogs.errors import InputError
from catsdogs.networks import freezing
from catsdogs.settings.choices import NO_WEIGHTS
from catsdogs.settings.config import Config
from catsdogs.system import words

BUILDERS = {"mobilenetv2": "MobileNetV2", "efficientnetv2b0": "EfficientNetV2B0", "convnexttiny": "ConvNeXtTiny"}
_SCALED_OUTSIDE = ("mobilenetv2",)  # to -1 to 1; the others have their preprocessing inside


def build(config: Config, images: keras.KerasTensor, dtype: keras.DTypePolicy) -> keras.Model:
    """The backbone with random weights, globally pooled, and a Dense layer of one output.

    Unless it is trained from scratch, batch normalisation keeps its statistics, see `freezing.unfreeze`.
    """
    hidden = images
    if config.model in _SCALED_OUTSIDE:
        hidden = layers.Rescaling(1 / 127.5, offset=-1, dtype=dtype)(hidden)
    backbone = _backbone(config, tuple(images.shape[1:]), dtype)
    output = layers.Dense(1, activation="sigmoid", dtype="float32")(backbone(hidden))  # 16 bits are too coarse for a probability
    network = keras.Model(images, output, name=config.model)
    if config.weights != NO_WEIGHTS:
        freezing.unfreeze(network)
    return network


def _backbone(config: Config, shape: tuple[int, int, int], dtype: keras.DTypePolicy) -> keras.Model:
    make = getattr(keras.applications, BUILDERS[config.model])
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)  # Keras Applications take no dtype
    try:
        return make(include_top=False, weights=None, input_shape=shape, pooling="avg")
    finally:
        keras.config.set_dtype_policy(before)


def expression(config: Config) -> str:
    """The Python expression for the configuration's backbone, as one would write it by hand; with its weights, unless those of another run
    replace them.
    """
    weights = "None" if config.weights == NO_WEIGHTS or config.start_from else json.dumps(config.weights)
    side = config.target_size
    arguments = ("include_top=False", f"weights={weights}", f"input_shape=({side}, {side}, 3)", 'pooling="avg"')
    return f"keras.applications.{BUILDERS[config.model]}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def of(network: keras.Model) -> keras.Model | None:
    """The backbone within a network; None if it has none."""
    return next((layer for layer in network.layers if isinstance(layer, keras.Model)), None)


def load(network: keras.Model, path: Path) -> None:
    """Load a file of weights into the network's backbone. Raises InputError if it can't be read or belongs to another network."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for every layer missing in the file of another network
            of(network).load_weights(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = words.first_line(error)
        raise InputError(
            f"{path} holds no weights of {BUILDERS[network.name]} without its classes ({reason}): give the path of another file."
        ) from None
