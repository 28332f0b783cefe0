"""How the first convolution of a network begins where it is asked to: with filters that whiten small patches of the photographs.

The filters are the directions in which patches vary, each over how much they do, the strongest first, and each also with its sign
turned, as relu keeps one side only. So edges and colours are there from the first update on and need not be found. Sources: A. Coates,
A. Ng, Learning Feature Representations with K-means (2012), for patches; K. Jordan, 94% on CIFAR-10 in 3.29 Seconds (2024), for the
first convolution. What it was worth here is in docs/recipe.md.
"""

import keras
import numpy as np

PICTURES = 512  # their patches are some 200,000 of 3 by 3 px


def set_first_filters(network: keras.Model, pictures: np.ndarray) -> None:
    """Set the kernel of the network's first convolution by these pictures, (n, height, width, 3) uint8."""
    first = next(layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D))
    side, _, _, count = first.kernel.shape
    first.kernel.assign(filters(pictures, side, count))


def filters(pictures: np.ndarray, side: int, count: int, least: float = 5e-4) -> np.ndarray:
    """(side, side, 3, count) float32; `count` is even and at most twice as many as a patch has numbers.

    `least` is added to each variance, of pixels in 0 to 1: directions in which patches hardly vary are noise, not to be blown up.
    """
    patches = np.lib.stride_tricks.sliding_window_view(pictures, (side, side), axis=(1, 2))[:, ::side, ::side]
    patches = patches.transpose(0, 1, 2, 4, 5, 3).reshape(-1, side * side * 3).astype(np.float32) / 255  # as a kernel is laid out
    variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))  # the weakest first
    strongest = slice(None, -count // 2 - 1, -1)
    whitening = directions[:, strongest] / np.sqrt(variances[strongest] + least)
    return np.concatenate([whitening, -whitening], axis=1).reshape(side, side, 3, count).astype(np.float32)
