from itertools import pairwise

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import presets
from catsdogs.settings.config import AUGMENTATION, Config, differences
from catsdogs.settings.presets import PRESETS

NAMES = [preset.name for preset in PRESETS]


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_every_preset_builds_a_configuration_that_carries_its_name_and_settings(preset):
    config = presets.config(preset.name)
    assert config.preset == preset.name
    assert {name: getattr(config, name) for name in preset.settings} == preset.settings


def test_names_and_titles_are_unique():
    assert len(set(NAMES)) == len(NAMES)
    assert len({preset.title for preset in PRESETS}) == len(PRESETS)
    assert "custom" not in NAMES


def test_the_final_network_of_the_study_is_conv2d_with_adam_at_150_px_in_batches_of_100():
    config = presets.config("study-adam")
    assert (config.model, config.optimizer, config.target_size, config.batch_size) == ("conv2d", "adam", 150, 100)
    assert config == Config(preset="study-adam", dense_units=512, epochs=10)


def test_only_the_last_step_of_the_study_augments():
    plain = {"rotation_range": 0, "zoom_range": 0, "shear_range": 0, "width_shift_range": 0, "horizontal_flip": False}
    for name in [preset.name for steps in presets.PRESET_SETS.values() for preset in steps]:
        config = presets.config(name)
        augments = any(getattr(config, setting) != value for setting, value in plain.items())
        assert augments == name.startswith("study-augmented")


@pytest.mark.parametrize("name", presets.PRESET_SETS)
def test_each_step_of_the_study_differs_from_the_one_before_in_exactly_one_thing(name):
    steps = [presets.config(preset.name) for preset in presets.find_set(name)]
    changes = [set(differences(pair)) - {"preset"} for pair in pairwise(steps)]
    assert changes[:4] == [{"target_size"}, {"batch_size"}, {"model"}, {"optimizer"}]
    assert changes[4] and changes[4] <= set(AUGMENTATION)


def test_the_small_study_changes_the_same_things_on_smaller_pictures():
    for large, small in zip(*presets.PRESET_SETS.values(), strict=True):
        assert set(differences([presets.config(large.name), presets.config(small.name)])) == {"preset", "target_size", "epochs"}


def test_our_recipe_is_one_recipe_of_two_lengths_the_longer_one_with_more_variety():
    fast, best = (presets.config(preset.name) for preset in presets.OURS)
    differ = set(differences([fast, best]))
    in_length = {"epochs", "target_size", "learning_rate", "schedule", "weight_decay", "data_pruning", "patch_whitening"}
    assert differ <= {"preset", "validation_split", *in_length, *AUGMENTATION}
    assert best.learning_rate < fast.learning_rate
    for name in ("rotation_range", "zoom_range", "width_shift_range", "height_shift_range", "random_erasing"):
        assert getattr(best, name) > getattr(fast, name)
    assert fast.epochs < best.epochs and fast.model == "resnet" and fast.first_size < fast.target_size


def test_transfer_learning_starts_from_imagenet_with_a_frozen_backbone():
    config = presets.config("transfer")
    assert config.is_pretrained and config.weights == "imagenet"
    assert 0 < config.frozen_epochs < config.epochs and config.fine_tuning_rate < config.rate


def test_an_unknown_preset_set_is_refused_with_those_that_there_are():
    with pytest.raises(InputError, match="There is no preset set 'all'. There are: study, study-small."):
        presets.find_set("all")


def test_a_preset_with_settings_on_top():
    config = presets.config("quick", epochs=3, data="/photos")
    assert (config.epochs, config.data, config.target_size) == (3, "/photos", 96)


def test_an_unknown_preset_is_refused_with_those_that_there_are():
    with pytest.raises(InputError) as refused:
        presets.config("faster")
    assert str(refused.value) == f"There is no preset 'faster'. There are: {', '.join(NAMES)}."


def test_a_setting_that_does_not_exist_or_fit_is_refused():
    with pytest.raises(InputError, match="Did you mean epochs"):
        presets.config("quick", epoch=3)
    with pytest.raises(InputError, match="epochs = 0"):
        presets.config("quick", epochs=0)


@pytest.mark.parametrize("name", NAMES)
def test_untouched_settings_have_the_title_of_the_preset_whatever_data_and_seed(name):
    assert presets.title(presets.config(name, data="/photos", seed=5)) == presets.find(name).title


@pytest.mark.parametrize("changed", [{"epochs": 9}, {"brightness_range": (0.5, 1.5)}, {"test_split": 0.2}, {"shuffle": False}])
def test_a_changed_setting_is_said_in_the_title_and_the_preset_stays_known(changed):
    config = presets.config("quick", **changed)
    assert config.preset == "quick"
    assert presets.title(config) == "Quick start, changed"


def test_settings_that_came_from_no_preset_are_custom():
    assert presets.title(Config()) == "Custom"
