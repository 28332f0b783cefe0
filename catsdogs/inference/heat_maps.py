"""A classifier and an image -> a heat map: which places of the image point to the answer, and which to the other one.

A network's answer is its logit, the number that the sigmoid turns into a probability. If the layers after its last convolution are
linear, or piecewise linear, the logit is exactly a bias plus a sum over the places of the image. The map shows the terms of this sum:

- Global average pooling, then Dense: the class activation map M(x, y) = sum over k of w_k A_k(x, y) / (height x width), of the
  activations A and the weights w of Dense. Source: B. Zhou et al., Learning Deep Features for Discriminative Localization (2016). A layer
  normalisation in between counts as the linear function that it is for this image.
- Flatten, Dense with ReLU, then Dense: the same with weights for each place, w_k(x, y). They are the gradients of the logit, in which only
  the hidden units count that are above 0 for this image. Source: R. Draelos, L. Carin, Use HiResCAM instead of Grad-CAM (2020).

For other networks, such as those without convolutions, patches of the image are covered one after another, and the map shows by how much
that lowers the logit. Source: M. Zeiler, R. Fergus, Visualizing and Understanding Convolutional Networks (2014).

None of them needs automatic differentiation, so they run on every backend of Keras. `figures.heat_map` paints them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from catsdogs.data import images
from catsdogs.inference import anatomy
from catsdogs.inference import classifier as classifiers
from catsdogs.inference.classifier import Classifier

if TYPE_CHECKING:
    import keras

CAM, CONTRIBUTIONS, OCCLUSION = "class activation map", "contributions", "occlusion"
_PATCH = 1 / 4  # side of a patch, relative to the image's
_STEPS = 9  # positions of the patch, across and down
_BATCH = 32


@dataclass(frozen=True)
class HeatMap:
    """`values`, (rows, columns) float32, cover the square that the network sees, and are parts of the logit.

    They are above 0 where the image points to the answer, `label`, and below 0 where it points to the `other` one. `method` is CAM,
    CONTRIBUTIONS or OCCLUSION.
    """

    values: np.ndarray
    label: str
    other: str
    method: str


@dataclass(frozen=True)
class Explainer:
    """A classifier and two parts of its network: `body`, up to the last activations or, for occlusion, the input of the last layer, and
    `head`, the layers behind it, without pooling.
    """

    classifier: Classifier
    method: str
    body: "keras.Model"
    head: tuple["keras.Layer", ...]


def prepare(classifier: Classifier) -> Explainer:
    """The explainer of a classifier's answers, by the method that fits its network."""
    layers = anatomy.layers(classifier.model)
    kinds = [type(layer).__name__ for layer in layers]
    start = max((index for index, kind in enumerate(kinds) if kind in ("GlobalAveragePooling2D", "Flatten")), default=None)
    tail = tuple(kinds[start:]) if start is not None else ()  # from the last one on: EfficientNetV2's blocks pool as well
    if tail in (("GlobalAveragePooling2D", "Dense"), ("GlobalAveragePooling2D", "LayerNormalization", "Dense")):
        method = CAM
    elif tail == ("Flatten", "Dense", "Dense") and "Conv2D" in kinds:
        method = CONTRIBUTIONS
    else:
        return Explainer(classifier, OCCLUSION, anatomy.part(classifier.model, layers[-1], is_before=True), tuple(layers[-1:]))
    return Explainer(classifier, method, anatomy.part(classifier.model, layers[start], is_before=True), tuple(layers[start + 1 :]))


def make(explainer: Explainer, source: bytes | Path) -> HeatMap:
    """The heat map of an image. Raises as `images.load` does."""
    classifier = explainer.classifier
    pixels = classifiers.read(classifier, source)
    (values,), _ = of_pixels(explainer, pixels[None])
    (output,), _ = classifiers.predict(classifier, pixels[None])  # not from the logit, which a network of 16 bits rounds
    place = int(output >= 0.5)
    return HeatMap(values if place else -values, classifier.labels[place], classifier.labels[1 - place], explainer.method)


def photograph(source: bytes | Path, side: int, proportions: str = "stretch") -> Image.Image:
    """The image for a map to lie over, in RGB, at most `side` px on its longer side: as much of it as the network sees.

    An image that the network sees stretched is shown in its own proportions; one that is cropped or padded, as that square.
    """
    if proportions != "stretch":
        return Image.fromarray(images.load(source, side, proportions=proportions))
    image = images.open_rgb(source, draft=2 * side)
    image.thumbnail((side, side))
    return image


def of_pixels(explainer: Explainer, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maps, (n, rows, columns), for the label of output 1, and the logits, (n,), both float32. `batch` is (n, side, side, 3) uint8."""
    if explainer.method == OCCLUSION:
        return np.stack([_occlude(explainer, pixels) for pixels in batch]), _logits(explainer, batch)
    activations = anatomy.run(explainer.body, batch)
    weigh = _weigh_pooled if explainer.method == CAM else _weigh_flat
    terms, biases = zip(*(weigh(each, explainer.head) for each in activations), strict=True)
    maps = np.stack(terms)
    return maps, maps.sum(axis=(1, 2)) + np.array(biases, np.float32)


def _weigh_pooled(activations: np.ndarray, head: tuple) -> tuple[np.ndarray, float]:
    """The terms of the logit at each place, and the bias."""
    weights, bias = _weights(head[-1])
    if len(head) == 2:
        weights, bias = _through_normalisation(activations.mean(axis=(0, 1)), head[0], weights, bias)
    return activations @ weights / activations[..., 0].size, bias


def _through_normalisation(pooled: np.ndarray, layer, weights: np.ndarray, bias: float) -> tuple[np.ndarray, float]:
    """The weights and the bias of the linear function that the layer and Dense together are, given the mean and deviation of `pooled`."""
    gamma, beta = (np.asarray(value, np.float32) for value in layer.get_weights())
    scaled = weights * gamma / np.sqrt(pooled.var() + layer.epsilon)
    return scaled - scaled.mean(), bias + beta @ weights


def _weigh_flat(activations: np.ndarray, head: tuple) -> tuple[np.ndarray, float]:
    """The terms of the logit at each place, and the bias."""
    (inner, inner_bias), (weights, bias) = (_weights(layer) for layer in head)
    open_ones = activations.reshape(-1) @ inner + inner_bias > 0  # the logit is linear in what these units pass
    gradient = (inner[:, open_ones] @ weights[open_ones]).reshape(activations.shape)
    return (activations * gradient).sum(axis=-1), bias + inner_bias[open_ones] @ weights[open_ones]


def _occlude(explainer: Explainer, pixels: np.ndarray) -> np.ndarray:
    """By how much the logit falls, averaged over the patches that cover each pixel, which have the image's mean colour."""
    side = len(pixels)
    length = round(side * _PATCH)
    starts = np.linspace(0, side - length, _STEPS).round().astype(int)
    boxes = [(slice(row, row + length), slice(column, column + length)) for row in starts for column in starts]
    covered = np.repeat(pixels[None], len(boxes), axis=0)
    for image, box in zip(covered, boxes, strict=True):
        image[box] = pixels.mean(axis=(0, 1)).round()
    falls = _logits(explainer, pixels[None]) - _logits(explainer, covered)
    total, count = np.zeros((2, side, side), np.float32)
    for fall, box in zip(falls, boxes, strict=True):
        total[box] += fall
        count[box] += 1
    return total / count


def _logits(explainer: Explainer, batch: np.ndarray) -> np.ndarray:
    portions = np.split(batch, range(_BATCH, len(batch), _BATCH))
    weights, bias = _weights(explainer.head[-1])
    return np.concatenate([anatomy.run(explainer.body, portion) for portion in portions]) @ weights + bias


def _weights(dense) -> tuple[np.ndarray, np.ndarray]:
    """The kernel and the bias of a Dense layer; of one with a single output, (features,) and a number."""
    kernel, bias = (np.asarray(value, np.float32) for value in dense.get_weights())
    return (kernel[:, 0], bias[0]) if kernel.shape[1] == 1 else (kernel, bias)
