"""A second look at the images that look a little like neither class: at their middle, mirrored. Whether one is neither is decided by both.

One look in ten costs little, and tells more than another limit would; docs/neither.md has what it brings, and what else was tried. A copy
of this file goes into a run's ZIP file.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

_MIDDLE = 0.85  # of the side


def take(pixels: np.ndarray) -> np.ndarray:
    """The middle of each image, mirrored and enlarged again: (n, side, side, 3) uint8, as the images."""
    side = pixels.shape[1]
    edge = round(side * (1 - _MIDDLE) / 2)
    middles = [Image.fromarray(np.ascontiguousarray(image[edge : side - edge, edge : side - edge][:, ::-1])) for image in pixels]
    return np.stack([np.asarray(middle.resize((side, side), Image.Resampling.BILINEAR)) for middle in middles])


def settle(excesses: np.ndarray, pixels: np.ndarray, learned: dict, ask: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How far each image is beyond the limit after a second look, (n,): above 0 it is neither.

    `excesses` (n,) are those of the first look, which `ask` gives for pixels (k, side, side, 3). `learned["second_look"]` says from which
    excess on an image is looked at again, and beyond which mean of both it is neither; without it, the first look decides.
    """
    if "second_look" not in learned:
        return excesses
    settled = np.array(excesses, np.float32)
    rows = np.flatnonzero(settled > learned["second_look"]["from"])
    if len(rows):
        settled[rows] = (settled[rows] + ask(take(pixels[rows]))) / 2
    return settled - learned["second_look"]["limit"]
