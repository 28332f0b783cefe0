"""Pictures with a drawn animal on one side and empty scenery on the other, for the tests and the benchmarks."""

from dataclasses import replace

import numpy as np
from PIL import Image

from catsdogs.drawn import demo
from catsdogs.drawn.brush import Frame

_FILLED = 0.95  # of the side, by the animal
_UPRIGHT = ("sit", "portrait")  # the poses that are no wider than high


def draw(label: str, seed: int, width: int, height: int) -> tuple[Image.Image, bool]:
    """The picture, and whether the animal is on the left of it. Nothing stands in front of the animal."""
    rng = np.random.default_rng([seed, demo.LABELS.index(label)])
    picture = demo.sample(label, height, rng)
    animal = replace(picture.animal, pose=str(rng.choice(_UPRIGHT)))
    left, top, right, bottom = demo.EXTENTS[animal.pose]
    scale = _FILLED * min(width / (right - left), 2 * height / (bottom - top))  # drawing is at twice the size, so a half is `width` wide
    is_left = bool(rng.random() < 0.5)
    x = (width - scale * (left + right)) / 2 + (0 if is_left else width)
    y = 2 * height - scale * bottom
    feet = x / (2 * width), y / (2 * height)
    horizon = min(picture.scene.horizon, feet[1] - 0.06)
    scene = replace(picture.scene, obstacle="none", feet=feet, reach=scale / (4 * width), horizon=horizon)
    frame = Frame.place(x, y, scale, 0.0, False)
    changed = replace(picture, width=width, height=height, frame=frame, animal=animal, scene=scene)
    return demo.render(changed), is_left
