"""Small networks with random weights, of each kind that there is, as classifiers."""

import keras
import numpy as np

from catsdogs.inference.classifier import Classifier
from catsdogs.networks import registry
from catsdogs.settings.config import Config

SIDE = 32
NAMES = ("resnet", "conv2d", "dense", "mobilenetv2", "convnext")


def build(name: str) -> Classifier:
    """The network of that name for images of SIDE px; `convnext` ends as ConvNeXt does, in a normalisation of what was pooled."""
    model = _convnext() if name == "convnext" else registry.build(_config(name))
    inner = (part for layer in model.layers for part in (layer.layers if isinstance(layer, keras.Model) else [layer]))
    for layer in inner:
        if isinstance(layer, keras.layers.BatchNormalization):  # at first, those of the residual network let nothing pass
            layer.gamma.assign(np.ones(layer.gamma.shape))
            layer.momentum = 0.0
    # its statistics are then those of the images: by those that it begins with, what passes MobileNetV2 is next to nothing
    model(np.random.default_rng(0).integers(0, 256, (8, SIDE, SIDE, 3), np.uint8), training=True)
    return wrap(model)


def wrap(model: keras.Model) -> Classifier:
    """A classifier of cats and dogs."""
    return Classifier(model, model.input_shape[1], "bilinear", "stretch", ("cat", "dog"))


def _config(name: str) -> Config:
    settings = {"dense_units": 16} if name in ("conv2d", "dense") else {"weights": "none"} if name == "mobilenetv2" else {}
    return Config(model=name, target_size=SIDE, **settings)


def _convnext() -> keras.Model:
    images = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    hidden = keras.layers.Conv2D(8, 4, strides=4, activation="relu")(keras.layers.Rescaling(1 / 255)(images))
    hidden = keras.layers.LayerNormalization(gamma_initializer="random_normal", beta_initializer="random_normal")(
        keras.layers.GlobalAveragePooling2D()(hidden)
    )
    return keras.Model(images, keras.layers.Dense(1, activation="sigmoid", bias_initializer="random_normal")(hidden))
