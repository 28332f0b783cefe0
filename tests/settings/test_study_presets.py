import re
from itertools import pairwise

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import differences, presets
from catsdogs.settings.config import AUGMENTATION, Config
from catsdogs.settings.study_presets import PRESET_SETS, find_set


def test_the_final_network_is_conv2d_with_adam_at_150_px():
    config = presets.config("study-adam")
    assert (config.model, config.optimizer, config.target_size, config.batch_size) == ("conv2d", "adam", 150, 100)
    assert config == Config(preset="study-adam", dense_units=512, epochs=10)


def test_only_the_last_variant_augments():
    for variants in PRESET_SETS.values():
        assert [presets.config(preset.name).is_augmented for preset in variants] == [False] * 5 + [True]


@pytest.mark.parametrize("name", PRESET_SETS)
def test_each_variant_changes_exactly_one_thing(name):
    variants = [presets.config(preset.name) for preset in find_set(name)]
    changes = [set(differences.among(pair)) - {"preset"} for pair in pairwise(variants)]
    assert changes[:4] == [{"target_size"}, {"batch_size"}, {"model"}, {"optimizer"}]
    assert changes[4] and changes[4] <= set(AUGMENTATION)


def test_the_small_study_changes_the_same_things():
    for large, small in zip(*PRESET_SETS.values(), strict=True):
        assert set(differences.among([presets.config(large.name), presets.config(small.name)])) == {"preset", "target_size", "epochs"}
        assert not re.search("64 px|150 px", small.title + small.why), "these are the sizes of the large one"


def test_an_unknown_preset_set_is_refused_with_all_names():
    with pytest.raises(InputError, match="There is no preset set 'all'. The preset sets are: study, study-small."):
        find_set("all")
