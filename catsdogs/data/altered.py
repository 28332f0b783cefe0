"""Photographs -> pictures of nothing in particular made from them, as examples of neither for a network that saw only two classes.

A texture has the contents of a photograph, but nothing in its place. A corner seldom shows the animal. A warped photograph has everything
in about its place, but nothing in its shape. docs/neither.md says what else was tried.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

_SHARE = 0.15  # side of a corner, relative to the image's
_GRAINS = (1 / 32, 1 / 14)  # scale of a warp's noise, relative to the side; a fine one destroys the legs, a coarse one the outlines
_REACH = 1.5  # standard deviation of how far a warp moves pixels along each axis, in grains


def make(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two pictures of each photograph, texture or corner in turn, and a warped one: (n, side, side, 3) -> (2n, side, side, 3), uint8."""
    made = []
    for index, photograph in enumerate(pixels):
        made.append(corner(photograph, random) if index % 2 else texture(photograph, random))
        made.append(warp(photograph, _GRAINS[index // 2 % 2], random))
    return np.stack(made)


def texture(photograph: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The photograph with random phases, the same for each colour: every spatial frequency keeps its strength and loses its place.

    Source: B. Galerne, Y. Gousseau and J.-M. Morel, Random Phase Textures: Theory and Synthesis (2011).
    """
    phases = np.angle(np.fft.fft2(random.normal(size=photograph.shape[:2])))
    phases[0, 0] = 0  # keeps the mean colour
    spectrum = np.fft.fft2(photograph.astype(np.float32), axes=(0, 1)) * np.exp(1j * phases)[..., None]
    return np.clip(np.fft.ifft2(spectrum, axes=(0, 1)).real, 0, 255).astype(np.uint8)


def corner(photograph: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One of the four corners, enlarged."""
    whole = len(photograph)
    side = max(1, round(whole * _SHARE))
    top, left = random.integers(2, size=2) * (whole - side)
    cut = Image.fromarray(photograph[top : top + side, left : left + side])
    return np.asarray(cut.resize((whole, whole), Image.Resampling.BILINEAR))


def warp(photograph: np.ndarray, grain: float, random: np.random.Generator) -> np.ndarray:
    """The photograph with every pixel moved by smooth noise at the scale of `grain`, relative to its side.

    Source: P. Simard, D. Steinkraus and J. Platt, Best Practices for Convolutional Neural Networks (2003), section 2, where the
    distortions are far weaker.
    """
    side = len(photograph)
    moves = ndimage.gaussian_filter(random.normal(size=(2, side, side)), (0, grain * side, grain * side))
    moves *= _REACH * grain * side / moves.std(axis=(1, 2), keepdims=True)
    places = np.mgrid[:side, :side] + moves
    channels = [ndimage.map_coordinates(photograph[..., channel], places, order=1, mode="reflect") for channel in range(3)]
    return np.stack(channels, axis=-1)
