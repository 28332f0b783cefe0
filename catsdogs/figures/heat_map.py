"""A heat map over a photograph: warm where the image points to the answer, cool where it points to the other one.

Warm is orange to yellow and cool blue to cyan, which all kinds of colour vision tell apart; both get lighter and more opaque with the
strength. Where the map is near 0, the photograph shows through unchanged.
"""

import numpy as np
from PIL import Image, ImageColor

WARM, COOL = ("#d9480f", "#ff8c1a", "#ffe066"), ("#1c4fa0", "#2f9be0", "#9beaf5")  # from weak to strong
_SHARE_SHOWN = 0.15  # of the strongest value; below, nothing is painted
_LEVELS = np.linspace(0, 1, 256)


def enlarge(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """The map smoothly stretched to (height, width)."""
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC))


def paint(values: np.ndarray, width: int, height: int) -> Image.Image:
    """The map alone, as RGBA of that size, the strongest place being opaque. A map of zeros is transparent."""
    large = enlarge(values, width, height)
    strongest = np.abs(large).max()
    relative = large / strongest if strongest else large
    level = np.round(255 * np.abs(relative)).astype(int)
    colours = np.where(relative[..., None] >= 0, ramp(WARM)[level], ramp(COOL)[level])
    opacity = np.clip((np.abs(relative) - _SHARE_SHOWN) / (1 - _SHARE_SHOWN), 0, 1)
    return Image.fromarray(np.dstack([colours, 255 * opacity]).round().astype(np.uint8), "RGBA")


def lay_over(photograph: Image.Image, values: np.ndarray, strength: float) -> Image.Image:
    """The photograph, RGB, under the map; a `strength` of 0 leaves it as it is, 1 hides it where the map is strongest."""
    painted = paint(values, *photograph.size)
    painted.putalpha(painted.getchannel("A").point(lambda alpha: round(alpha * strength)))
    return Image.alpha_composite(photograph.convert("RGBA"), painted).convert("RGB")


def legend(label: str, other: str) -> tuple[str, str]:
    """What the colours mean, warm first."""
    return f"warm: points to {label}", f"cool: points to {other}"


def ramp(colours: tuple[str, ...]) -> np.ndarray:
    """256 colours, (256, 3) in 0 to 255, through the given ones, #rrggbb."""
    given = np.array([ImageColor.getrgb(colour) for colour in colours])
    return np.stack([np.interp(_LEVELS, np.linspace(0, 1, len(colours)), channel) for channel in given.T], axis=1)
