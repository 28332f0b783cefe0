"""What augmentation leaves of a photograph: how much of it is still in the picture, and how many shades can still be told apart.

Both are measured on the changes that the layer itself draws, not on photographs, so they depend on the settings alone.
"""

from dataclasses import dataclass

import numpy as np

from catsdogs.networks import augmentation
from catsdogs.settings.config import Config

# Below what the strongest augmentation in wide use leaves, a network may no longer find the animal.
LEAST_AREA = 0.54  # RandomResizedCrop, as used on ImageNet: the mean of crops of 8 to 100% of the area
LEAST_SHADES = 0.54  # SimCLR's changes of brightness and contrast, each by a factor of 0.2 to 1.8
_SIDE = 16  # px of the images that are changed, each of which has every shade once
_COUNT = 400  # images; the means are exact to about 2 percentage points
_SHADES = 256
_MOVING = ("rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range", "random_erasing")
_COLOURING = ("brightness_range", "contrast_range")


@dataclass(frozen=True)
class Remains:
    """Mean shares that are left over augmented photographs: of their area, and of the shades from black to white."""

    area: float
    shades: float


def measure(config: Config) -> Remains:
    """What the configuration's augmentation leaves."""
    ramp = np.arange(_SHADES, dtype=np.uint8).reshape(1, _SIDE, _SIDE, 1)
    images = np.tile(ramp, (_COUNT, 1, 1, 3))
    drawn = augmentation.Changes(*map(np.asarray, augmentation.layer(config).draw(images)))
    return Remains(_area(drawn, config.fill_mode), _shades(drawn))


def warnings(config: Config) -> list[str]:
    """A sentence for each of the two shares that is too low to recognise the animal."""
    left = measure(config)
    sentences = []
    if left.area < LEAST_AREA:
        sentences.append(
            f"On average only {left.area:.0%} of each photograph is still in the picture, so the animal may be cut off or gone. "
            f"Lower {_named(config, _MOVING, ' or ')}."
        )
    if left.shades < LEAST_SHADES:
        sentences.append(
            f"On average only {left.shades:.0%} of the shades from black to white can still be told apart, "
            f"so the animal may be hard to see. Bring {_named(config, _COLOURING, ' and ')} closer to 1."
        )
    return sentences


def _area(drawn: augmentation.Changes, fill_mode: str) -> float:
    xx, xy, x0, yx, yy, y0, *_ = drawn.transforms.T[:, :, None, None]
    rows, columns = np.arange(_SIDE)[None, :, None], np.arange(_SIDE)[None, None, :]
    top, bottom, left, right = drawn.boxes.T[:, :, None, None]
    is_shown = ~((rows >= top) & (rows < bottom) & (columns >= left) & (columns < right))
    each = np.abs(xx * yy - xy * yx)[:, 0, 0]  # the area of the photograph that a pixel of the picture shows
    if fill_mode == "wrap":  # what leaves on one side returns on the other
        each = np.minimum(each, 1)
    else:
        is_shown &= _is_inside(xx * columns + xy * rows + x0) & _is_inside(yx * columns + yy * rows + y0)
    return float(np.minimum(is_shown.mean(axis=(1, 2)) * each, 1).mean())


def _is_inside(position: np.ndarray) -> np.ndarray:
    return (position > -0.5) & (position < _SIDE - 0.5)


def _shades(drawn: augmentation.Changes) -> float:
    factor, offset = drawn.colours[:, 0].sum(axis=-1)[:, None], drawn.offsets[:, None]  # grey has no saturation to change
    changed = np.clip(np.round(factor * np.arange(_SHADES) + offset), 0, 255)  # in ascending order
    return float(((np.diff(changed, axis=1) > 0).sum(axis=1) + 1).mean() / _SHADES)


def _named(config: Config, names: tuple[str, ...], conjunction: str) -> str:
    *first, last = (name for name in names if getattr(config, name) != getattr(Config, name))
    return conjunction.join(filter(None, (", ".join(first), last)))
