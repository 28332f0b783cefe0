"""A network layer by layer: the shape and the weights of each, and the activations of a convolution, strongest channel first."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from catsdogs.errors import InputError
from catsdogs.inference import anatomy
from catsdogs.inference import classifier as classifiers
from catsdogs.inference.classifier import Classifier

if TYPE_CHECKING:
    import keras

_CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D")
_SETTLING = ("BatchNormalization", "ReLU", "Activation")  # layers that count as part of a convolution if they follow it directly
_SIDE = 96  # px of an activation map, at most


@dataclass(frozen=True)
class Layer:
    """`shape` is that of its output for one image, `weights` is their number, `kind` the name of its class in Keras."""

    name: str
    kind: str
    shape: tuple[int, ...]
    weights: int

    @property
    def is_convolution(self) -> bool:
        """Whether `activations` can show it."""
        return self.kind in _CONVOLUTIONS


@dataclass(frozen=True)
class Activations:
    """The output of one convolution for one image, the strongest channel first.

    `maps`, (n, height, width) float32, are the channels with the indices `channels`, of `count` in all; `strengths` are the means of their
    absolute values. `filters` are (n, height, width, 3) if they look at colours, (n, height, width, 1) if at single channels, else None.
    `after` is the name of the layer whose output the maps are: the convolution, or the normalisation or activation that follows it.
    """

    maps: np.ndarray
    channels: tuple[int, ...]
    strengths: tuple[float, ...]
    count: int
    filters: np.ndarray | None
    after: str


def describe(model: "keras.Model") -> list[Layer]:
    """All layers in order, those of a backbone among them."""
    return [Layer(layer.name, type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params()) for layer in anatomy.layers(model)]


def activate(classifier: Classifier, name: str, source: bytes | Path, most: int) -> Activations:
    """The activations of the convolution of that name for an image, in at most `most` channels.

    Raises InputError if there is no such convolution, and as `images.load` does.
    """
    layers = anatomy.layers(classifier.model)
    convolutions = {layer.name: layer for layer in layers if type(layer).__name__ in _CONVOLUTIONS}
    if name not in convolutions:
        raise InputError(f"There is no convolution {name!r} in this network; there are: {', '.join(convolutions) or 'none'}.")
    last = _settled(layers, convolutions[name])
    pixels = classifiers.read(classifier, source)
    maps = anatomy.run(anatomy.part(classifier.model, last), pixels[None])[0].transpose(2, 0, 1)
    strengths = np.abs(maps).mean(axis=(1, 2))
    order = np.argsort(-strengths, kind="stable")[:most]
    filters = _filters(convolutions[name])
    return Activations(
        maps=np.stack([_reduced(maps[channel]) for channel in order]),
        channels=tuple(map(int, order)),
        strengths=tuple(map(float, strengths[order])),
        count=len(maps),
        filters=None if filters is None else filters[order],
        after=last.name,
    )


def _settled(layers: list["keras.Layer"], layer: "keras.Layer") -> "keras.Layer":
    """The last of the layers that process the output of this one channel by channel."""
    while True:
        followers = [other for other in layers if other is not layer and _takes(other, layer)]
        if len(followers) != 1 or type(followers[0]).__name__ not in _SETTLING:
            return layer
        (layer,) = followers


def _takes(other: "keras.Layer", layer: "keras.Layer") -> bool:
    from keras import tree

    return any(tensor is layer.output for tensor in tree.flatten(other.input))


def _filters(convolution: "keras.Layer") -> np.ndarray | None:
    """The filters, (n, height, width, 3 or 1), if each looks at a photograph's colours or at a single channel; else None."""
    kernel = np.asarray(convolution.get_weights()[0], np.float32)
    if type(convolution).__name__ == "DepthwiseConv2D":
        return kernel.reshape(*kernel.shape[:2], -1).transpose(2, 0, 1)[..., None]
    return kernel.transpose(3, 0, 1, 2) if kernel.shape[2] == 3 else None


def _reduced(channel: np.ndarray) -> np.ndarray:
    if max(channel.shape) <= _SIDE:
        return channel
    height, width = (min(length, _SIDE) for length in channel.shape)
    return np.asarray(Image.fromarray(channel).resize((width, height), Image.Resampling.BOX))
