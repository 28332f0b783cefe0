"""Small pictures of what is inside a network: a filter, and what a channel makes of an image."""

import numpy as np

from catsdogs.figures import heat_map

_VIRIDIS = ("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725")  # by S. van der Walt and N. Smith (CC0)
_COLOURS = heat_map.ramp(_VIRIDIS)


def draw_activation(channel: np.ndarray) -> np.ndarray:
    """(height, width) -> uint8 colours of the same size, from the least to the most in this channel; a constant one is dark."""
    low, high = channel.min(), channel.max()
    return _COLOURS[np.round(255 * (channel - low) / ((high - low) or 1)).astype(int)].astype(np.uint8)


def draw_filter(weights: np.ndarray) -> np.ndarray:
    """(height, width, 3 or 1) -> uint8 RGB of the same size; middle grey is 0, and the strongest weight black or full brightness."""
    strongest = np.abs(weights).max() or 1
    grey = np.round(127.5 + 127.5 * weights / strongest).astype(np.uint8)
    return np.broadcast_to(grey, (*grey.shape[:2], 3)).copy()
