import re

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import differences, presets
from catsdogs.settings.config import AUGMENTATION, Config
from catsdogs.settings.presets import PRESETS

NAMES = [preset.name for preset in PRESETS]


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_every_preset_builds_a_config_with_its_settings(preset):
    config = presets.config(preset.name)
    assert config.preset == preset.name
    assert {name: getattr(config, name) for name in preset.settings} == preset.settings


def test_names_and_titles_are_unique():
    assert len(set(NAMES)) == len(NAMES)
    assert len({preset.title for preset in PRESETS}) == len(PRESETS)
    assert "custom" not in NAMES


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_no_preset_promises_a_time_that_depends_on_the_machine(preset):
    assert not re.search(r"\b(second|minute|hour)s?\b", preset.why), preset.why


def test_quick_learns_in_the_epochs_that_it_names():
    assert f"in {presets.config('quick').epochs} epochs" in presets.find("quick").why


def test_best_is_fast_for_longer_with_more_variety():
    fast, best = (presets.config(preset.name) for preset in presets.OURS)
    differ = set(differences.among([fast, best]))
    in_length = {"epochs", "first_size", "target_size", "learning_rate", "schedule", "weight_decay", "data_pruning", "patch_whitening"}
    assert differ <= {"preset", "validation_split", *in_length, *AUGMENTATION}
    assert best.learning_rate < fast.learning_rate
    for name in ("rotation_range", "zoom_range", "width_shift_range", "height_shift_range", "random_erasing"):
        assert getattr(best, name) > getattr(fast, name)
    assert fast.epochs < best.epochs and fast.model == "resnet" and fast.first_size < fast.target_size


def test_transfer_starts_from_imagenet_and_a_frozen_backbone():
    config = presets.config("transfer")
    assert config.is_pretrained and config.weights == "imagenet"
    assert 0 < config.frozen_epochs < config.epochs and config.fine_tuning_rate < config.rate


def test_a_preset_with_settings_on_top():
    config = presets.config("quick", epochs=3, data="/photos")
    assert (config.epochs, config.data, config.target_size) == (3, "/photos", 96)


def test_what_a_preset_sets_for_its_own_network_and_optimizer_is_left_out_for_others():
    config = presets.config("fast", model="conv2d", optimizer="adam")
    assert (config.first_size, config.patch_whitening, config.weight_decay) == (0, False, Config.weight_decay)
    assert (config.label_smoothing, config.learning_rate) == (0.1, 0.015)


def test_what_was_asked_for_is_refused_where_it_means_nothing():
    with pytest.raises(InputError, match="weight_decay = 0.1: adam is used without weight decay"):
        presets.config("fast", optimizer="adam", weight_decay=0.1)


def test_an_unknown_preset_is_refused_with_all_names():
    with pytest.raises(InputError) as refused:
        presets.config("faster")
    assert str(refused.value) == f"There is no preset 'faster'. The presets are: {', '.join(NAMES)}."


def test_an_unknown_or_bad_setting_is_refused():
    with pytest.raises(InputError, match="Did you mean epochs"):
        presets.config("quick", epoch=3)
    with pytest.raises(InputError, match="epochs = 0"):
        presets.config("quick", epochs=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_title_does_not_depend_on_data_and_seed(name):
    assert presets.title(presets.config(name, data="/photos", seed=5)) == presets.find(name).title


@pytest.mark.parametrize("changed", [{"epochs": 9}, {"brightness_range": (0.5, 1.5)}, {"test_split": 0.2}, {"shuffle": False}])
def test_the_title_says_that_a_setting_was_changed(changed):
    config = presets.config("quick", **changed)
    assert config.preset == "quick"
    assert presets.title(config) == "Quick start, changed"


def test_settings_that_came_from_no_preset_are_custom():
    assert presets.title(Config()) == "Custom"
