"""What augmentation leaves of a photograph, compared with what follows from its ranges."""

import math

import pytest

from catsdogs.networks import visibility
from catsdogs.settings import presets
from catsdogs.settings.config import Config

EVERYTHING_MOVES = {"width_shift_range": 0.5, "height_shift_range": 0.5, "zoom_range": 0.5, "random_erasing": 1.0}


@pytest.mark.parametrize(
    ("settings", "area"),
    [
        ({}, 1),
        ({"horizontal_flip": True, "vertical_flip": True, "brightness_range": (0.1, 0.2)}, 1),
        ({"width_shift_range": 0.5}, 0.75),  # 1 - shift, on average over 0 to 0.5
        ({"width_shift_range": 0.5, "height_shift_range": 0.5}, 0.75**2),
        ({"width_shift_range": 0.5, "fill_mode": "wrap"}, 1),  # what leaves comes in on the other side
        ({"zoom_range": 0.5}, (1 - 0.5 / 4) ** 2),  # half are made smaller and lose nothing, the others show 1 to 0.5 of a side
        ({"random_erasing": 1.0}, 1 - (0.02 + 0.25) / 2),
        ({"random_erasing": 0.5}, 1 - (0.02 + 0.25) / 4),
    ],
)
def test_the_area_that_is_left_follows_from_the_ranges(settings, area):
    assert visibility.measure(Config(**settings)).area == pytest.approx(area, abs=0.03)


@pytest.mark.parametrize(
    ("settings", "shades"),
    [
        ({}, 1),
        ({"saturation_range": (0.0, 0.0), "rotation_range": 90.0}, 1),
        ({"brightness_range": (0.5, 0.5)}, 0.5),
        ({"brightness_range": (2.0, 2.0)}, 0.5),  # the brighter half is white
        ({"contrast_range": (0.25, 0.25)}, 0.25),
        ({"brightness_range": (0.1, 2.0)}, ((1 - 0.1**2) / 2 + math.log(2)) / 1.9),  # b, and 1 / b above 1
    ],
)
def test_the_shades_that_are_left_follow_from_the_ranges(settings, shades):
    assert visibility.measure(Config(**settings)).shades == pytest.approx(shades, abs=0.03)


@pytest.mark.parametrize("name", [preset.name for preset in presets.PRESETS])
def test_no_preset_is_warned_of(name):
    assert visibility.warnings(presets.config(name)) == []


def test_a_warning_names_the_share_and_the_settings_to_change():
    (moved,) = visibility.warnings(Config(**EVERYTHING_MOVES, rotation_range=0.0))
    area = visibility.measure(Config(**EVERYTHING_MOVES)).area
    assert moved == (
        f"On average only {area:.0%} of each photograph is still in the picture, so the animal "
        f"may be cut off or gone. Lower width_shift_range, height_shift_range, zoom_range or random_erasing."
    )
    (dark,) = visibility.warnings(Config(brightness_range=(0.1, 0.3)))
    assert dark.startswith("On average only 20% of the shades") and dark.endswith("Bring brightness_range closer to 1.")
    both = visibility.warnings(Config(zoom_range=0.5, width_shift_range=0.5, height_shift_range=0.5, contrast_range=(0.1, 0.2)))
    assert len(both) == 2
