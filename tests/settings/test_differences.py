"""The settings in which configurations differ."""

from catsdogs.settings import differences
from catsdogs.settings.config import Config

ON = {"rotation_range": 20.0, "zoom_range": 0.2}


def test_they_are_in_the_order_of_the_fields():
    configs = [Config(), Config(epochs=3, seed=1), Config(brightness_range=(0.5, 1.5))]
    assert differences.among(configs) == ["seed", "brightness_range", "epochs"]
    assert differences.among([Config(), Config()]) == []
    assert differences.among([Config()]) == []


def test_seed_and_preset_are_not_varied():
    assert differences.varied([Config(), Config(seed=1, preset="quick", epochs=3)]) == ["epochs"]


def test_augmentation_as_a_whole_is_one_setting_and_several_kinds_of_it_are_not():
    assert differences.varied([Config(), Config(**ON), Config(epochs=3)]) == ["epochs", "is_augmented"]
    assert differences.varied([Config(), Config(zoom_range=0.2)]) == ["zoom_range"]
    assert differences.varied([Config(), Config(**ON), Config(rotation_range=20.0)]) == ["rotation_range", "zoom_range"]
    assert differences.varied([Config(rotation_range=10.0, zoom_range=0.1), Config(**ON)]) == ["rotation_range", "zoom_range"]
