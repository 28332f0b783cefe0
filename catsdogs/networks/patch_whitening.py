"""Initial filters for a network's first convolution that whiten small patches of the training images.

They are the principal components of the patches, each divided by its standard deviation, the strongest first, and all again with the
opposite sign, as ReLU keeps one side only. So edges and colours need not be learned. Sources: A. Coates, A. Ng, Learning Feature
Representations with K-means (2012), for patches; K. Jordan, 94% on CIFAR-10 in 3.29 Seconds (2024), for the first convolution.
docs/recipe.md says what it gained here.
"""

import keras
import numpy as np

SAMPLE_SIZE = 512  # images; they have some 200,000 patches of 3 x 3 px
_FLOOR = 5e-4  # added to each variance, for pixels from 0 to 1


def set_first_filters(network: keras.Model, images: np.ndarray) -> None:
    """Set the kernel of the network's first convolution from these images, (n, height, width, 3) uint8."""
    first = next(layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D))
    side, _, _, count = first.kernel.shape
    first.kernel.assign(filters(images, side, count))


def filters(images: np.ndarray, side: int, count: int) -> np.ndarray:
    """The filters, (side, side, 3, count) float32; `count` is even and at most twice the number of values in a patch.

    Directions in which patches hardly vary are noise; _FLOOR prevents it from being amplified.
    """
    windows = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2))[:, ::side, ::side]
    number, total, products = 0, 0.0, 0.0
    for each in windows:  # the patches of all images would take 1 GB at 256 px
        patches = each.transpose(0, 1, 3, 4, 2).reshape(-1, side * side * 3) / 255  # laid out as a kernel
        number, total, products = number + len(patches), total + patches.sum(axis=0), products + patches.T @ patches
    covariances = (products - np.outer(total, total) / number) / (number - 1)
    variances, directions = np.linalg.eigh(covariances)  # the weakest first
    strongest = slice(None, -count // 2 - 1, -1)
    whitening = directions[:, strongest] / np.sqrt(variances[strongest] + _FLOOR)
    return np.concatenate([whitening, -whitening], axis=1).reshape(side, side, 3, count).astype(np.float32)
