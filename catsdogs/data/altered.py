"""Photographs -> pictures of nothing in particular, made of them: what a network that has only seen two classes can be shown besides.

Half are textures: what a photograph is made of, without anything in its place. Half are corners, where animals seldom are. docs/neither.md
has what else was tried: patches in another order, mixtures, blurred and upside-down photographs, none of which teaches more.
"""

import numpy as np
from PIL import Image

_SHARES = (0.15, 0.3)  # of the side, which a corner has


def make(pixels: np.ndarray, seed: int = 0) -> np.ndarray:
    """A picture of each photograph: (n, side, side, 3) uint8, textures and corners in turn. The same for the same seed."""
    random = np.random.default_rng(seed)
    made = np.empty_like(pixels)
    for index, photograph in enumerate(pixels):
        made[index] = corner(photograph, _SHARES[index // 2 % 2], random) if index % 2 else texture(photograph, random)
    return made


def texture(photograph: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The photograph with random phases, the same for each colour: as much of every fineness, in no order.

    Source: B. Galerne, Y. Gousseau and J.-M. Morel, Random Phase Textures: Theory and Synthesis (2011).
    """
    phases = np.angle(np.fft.fft2(random.normal(size=photograph.shape[:2])))
    phases[0, 0] = 0  # which keeps the mean colour
    spectrum = np.fft.fft2(photograph.astype(np.float32), axes=(0, 1)) * np.exp(1j * phases)[..., None]
    return np.clip(np.fft.ifft2(spectrum, axes=(0, 1)).real, 0, 255).astype(np.uint8)


def corner(photograph: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    """One of the four corners, enlarged."""
    whole = len(photograph)
    side = max(1, round(whole * share))
    top, left = random.integers(2, size=2) * (whole - side)
    cut = Image.fromarray(photograph[top : top + side, left : left + side])
    return np.asarray(cut.resize((whole, whole), Image.Resampling.BILINEAR))
