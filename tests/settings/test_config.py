import dataclasses
import json
import math

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import config, spelling
from catsdogs.settings.choices import ANY_SIZE_MODELS, MODELS, OPTIMIZERS, PRETRAINED_MODELS, PROPORTIONS
from catsdogs.settings.config import LIMITS, Config, change
from catsdogs.settings.dependence import ONLY, is_used

DEFAULTS = dataclasses.asdict(Config())
NUMBERS = [name for name, limits in LIMITS.items() if limits.low is not None and not isinstance(DEFAULTS[name], tuple)]
CHOICES = [name for name, limits in LIMITS.items() if limits.choices and not isinstance(DEFAULTS[name], bool)]
PRETRAINED = Config(model=PRETRAINED_MODELS[0])
SWITCHES = [name for name in LIMITS if isinstance(DEFAULTS[name], bool)]
MISPLACED = [(name, choice) for name, only in ONLY.items() for choice in LIMITS[only.of].choices if choice not in only.choices]


def fitting(name: str) -> Config:
    """A configuration that leaves the setting its whole range."""
    only = ONLY.get(name)
    return Config(target_size=LIMITS["target_size"].high, **({only.of: only.choices[0]} if only else {}))


@pytest.mark.parametrize("name", NUMBERS)
def test_both_limits_are_allowed(name):
    limits = LIMITS[name]
    free = fitting(name)
    assert getattr(change(free, **{name: limits.low}), name) == limits.low
    assert getattr(change(free, **{name: limits.high}), name) == limits.high


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", NUMBERS)
def test_just_outside_the_limits_is_refused_with_the_limits(name, end):
    value = just_outside(name, end)
    with pytest.raises(InputError) as refused:
        change(Config(), **{name: value})
    assert str(refused.value).startswith(f"{name} = {value!r}: must be ")
    assert f"{LIMITS[name].low:g} to " in str(refused.value)


def test_a_high_limit_is_stated_in_full():
    with pytest.raises(InputError, match="0 to 2147483647"):
        Config(seed=2**31)


def test_the_message_of_a_negative_learning_rate():
    with pytest.raises(InputError) as refused:
        Config(learning_rate=-1)
    assert str(refused.value) == "learning_rate = -1: must be 1e-06 to 1 or auto."


def test_a_fraction_of_an_epoch_is_refused():
    with pytest.raises(InputError) as refused:
        Config(epochs=1.5)
    assert str(refused.value) == "epochs = 1.5: must be a whole number, 1 to 10000 epochs."


def test_a_whole_float_is_taken_as_int():
    assert isinstance(Config(epochs=3.0).epochs, int)
    assert isinstance(Config(rotation_range=40).rotation_range, float)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "0.1", True, [0.1], pytest.param(10**400, id="10^400")])
@pytest.mark.parametrize("name", ["learning_rate", "epochs"])
def test_only_finite_numbers_are_allowed(name, value):
    with pytest.raises(InputError, match=f"{name} = .*must be"):
        change(Config(), **{name: value})


def test_only_the_learning_rate_may_be_none():
    assert Config(learning_rate=None).learning_rate is None
    with pytest.raises(InputError, match="epochs = None: must be a whole number"):
        Config(epochs=None)


def test_the_learning_rate_defaults_to_the_optimizers():
    assert [Config(optimizer=name).rate for name in ("sgd", "adam")] == [0.01, 0.001]
    assert Config(optimizer="sgd", learning_rate=0.3).rate == 0.3


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_takes_its_choices_only_and_names_them(name):
    for choice in LIMITS[name].choices:
        assert getattr(change(Config(), **{name: choice}), name) == choice
    with pytest.raises(InputError) as refused:
        change(Config(), **{name: "nonsense"})
    assert str(refused.value) == f"{name} = 'nonsense': must be {LIMITS[name]}."


def test_choices_are_listed_as_in_a_sentence():
    assert str(LIMITS["precision"]) == "auto, float32, mixed_bfloat16 or mixed_float16"
    assert (str(LIMITS["shuffle"]), str(LIMITS["class_mode"])) == ("true or false", "binary")


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_takes_true_and_false_and_keras_1_and_0(name):
    for value in (True, False):
        assert getattr(change(fitting(name), **{name: value}), name) is value
        assert getattr(change(fitting(name), **{name: int(value)}), name) is value
    for value in (2, 1.0, "true", None):
        with pytest.raises(InputError, match=f"{name} = {value!r}: must be true or false"):
            change(Config(), **{name: value})


@pytest.mark.parametrize("name", ["data", "preset", "optimizer"])
@pytest.mark.parametrize("value", [None, 3])
def test_text_takes_text_only(name, value):
    with pytest.raises(InputError, match=f"{name} = {value}"):
        change(Config(), **{name: value})


@pytest.mark.parametrize("value", [(0.1, 2), [0.5, 1.5], (1, 1)])
def test_a_range_is_kept_as_two_floats(value):
    kept = Config(brightness_range=value).brightness_range
    assert kept == tuple(value) and all(isinstance(end, float) for end in kept)


@pytest.mark.parametrize("value", [(0.09, 1), (1, 2.01), (1.5, 0.5), (1,), (1, 1, 1), 1.0, "1,1", (1, math.nan), (True, 1), None])
def test_a_range_outside_the_limits_is_refused(value):
    with pytest.raises(InputError) as refused:
        Config(brightness_range=value)
    assert str(refused.value).startswith(f"brightness_range = {value!r}: must be two numbers, low,high, each 0.1 to 2")


@pytest.mark.parametrize("value", [(10**400, 1), (1.2, 0.8), (0.7, 1.2)], ids=["beyond all numbers", "the higher first", "uneven"])
def test_a_zoom_that_is_not_about_1_is_refused(value):
    with pytest.raises(InputError, match=r"zoom_range = \(.*low and high have to be as far from 1, as in 0\.8,1\.2"):
        Config(zoom_range=value)


def test_validation_and_test_take_four_fifths_at_most():
    assert Config(validation_split=0.5, test_split=0.3).test_split == 0.3
    with pytest.raises(InputError, match=r"validation_split \+ test_split = 0\.81: must be at most 0\.8"):
        Config(validation_split=0.5, test_split=0.31)


@pytest.mark.parametrize("proportions", PROPORTIONS)
def test_proportions_are_a_choice_between_settings_of_which_one_may_be_on(proportions):
    assert Config(**PROPORTIONS[proportions]).proportions == proportions
    assert Config().proportions == config.from_json({}).proportions == "stretch", "as before there was a choice"


def test_to_crop_and_to_pad_is_refused():
    with pytest.raises(InputError) as refused:
        Config(crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)
    wrong = "crop_to_aspect_ratio = True and pad_to_aspect_ratio = True"
    assert str(refused.value) == f"{wrong}: set one of them, or neither to stretch."


@pytest.mark.parametrize("model", [name for name in MODELS if name not in ANY_SIZE_MODELS])
def test_growing_sizes_need_a_network_of_any_size(model):
    with pytest.raises(InputError) as refused:
        Config(model=model, first_size=64)
    why = f"first_size = 64: {model} takes images of one size"
    assert str(refused.value) == f"{why}; use the default, 0, or another model: resnet."


def test_a_run_to_start_from_gives_any_network_a_head_to_train_first():
    tuned = Config(model="resnet", start_from="shipped", frozen_epochs=2, fine_tuning_rate=0.001)
    assert config.from_json(config.to_json(tuned)) == tuned
    assert is_used("frozen_epochs", vars(tuned)) and not is_used("weights", vars(tuned))


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"frozen_epochs": 1, "first_size": 64}, "first_size = 64: with frozen_epochs, images are of one size; it must be 0."),
        ({"patch_whitening": True}, "patch_whitening = True: the filters come from start_from = shipped; it must be false."),
    ],
)
def test_what_a_run_to_start_from_leaves_no_place_for_is_refused(settings, allowed):
    with pytest.raises(InputError) as refused:
        Config(model="resnet", start_from="shipped", **settings)
    assert str(refused.value) == allowed


def test_sizes_grow_to_the_target_size_at_most():
    assert Config(model="resnet", first_size=150, target_size=150).first_size == 150
    with pytest.raises(InputError, match="first_size = 160: must be at most target_size, 150, or 0."):
        Config(model="resnet", first_size=160, target_size=150)


def test_the_smallest_images_have_two_pixels_left_where_they_are_halved_last():
    assert Config(model="resnet", first_size=17).first_size == 17
    with pytest.raises(InputError, match="first_size = 16: must be 0 or at least 17: resnet halves images five times."):
        Config(model="resnet", first_size=16)


@pytest.mark.parametrize("settings", [{"weights": "none"}, {"weights": "/some.h5"}, {"frozen_epochs": 1}, {"fine_tuning_rate": 0.1}])
def test_other_networks_refuse_pretrained_settings(settings):
    ((name, value),) = settings.items()
    with pytest.raises(InputError) as refused:
        Config(model="resnet", **settings)
    assert str(refused.value).startswith(f"{name} = {value!r}: resnet is trained from scratch; use the default, ")
    assert str(refused.value).endswith("or another model: mobilenetv2, efficientnetv2b0, convnexttiny.")


@pytest.mark.parametrize("model", PRETRAINED_MODELS)
def test_a_pretrained_network_scales_pixels_by_itself(model):
    with pytest.raises(InputError) as refused:
        Config(model=model, rescale=1)
    allowed = f"use the default, {1 / 255}, or another model: conv2d, dense, resnet."
    assert str(refused.value) == f"rescale = 1.0: {model} scales pixels itself; {allowed}"


CHANGED = {
    "first_size": 32,
    "rescale": 1.0,
    "dense_units": 8,
    "patch_whitening": True,
    "weights": "mine.h5",
    "momentum": 0.9,
    "weight_decay": 0.1,
    "frozen_epochs": 2,
    "fine_tuning_rate": 1e-4,
}


@pytest.mark.parametrize(("name", "choice"), MISPLACED)
def test_what_means_nothing_to_a_network_or_an_optimizer_is_refused(name, choice):
    only = ONLY[name]
    with pytest.raises(InputError) as refused:
        Config(**{only.of: choice, name: CHANGED[name]})
    unless = f"a run in {only.unless}, " if only.unless else ""
    allowed = f"use the default, {DEFAULTS[name]!r}, {unless}or another {only.of}: {', '.join(only.choices)}."
    assert str(refused.value) == f"{name} = {CHANGED[name]!r}: {choice} {only.why}; {allowed}"
    assert not is_used(name, {**DEFAULTS, only.of: choice})
    assert getattr(Config(**{only.of: choice}), name) == DEFAULTS[name]


@pytest.mark.parametrize("name", ONLY)
def test_what_means_something_is_kept(name):
    only = ONLY[name]
    for choice in only.choices:
        assert getattr(Config(**{only.of: choice, name: CHANGED[name]}), name) == CHANGED[name]
        assert is_used(name, {**DEFAULTS, only.of: choice})


def test_what_earlier_versions_kept_though_it_meant_nothing_takes_its_default():
    stored = {"model": "resnet", "optimizer": "adam", "momentum": 0.9, "weight_decay": 0.05, "dense_units": 64, "epochs": 3}
    assert config.from_json(stored) == Config(model="resnet", optimizer="adam", epochs=3)


@pytest.mark.parametrize("weights", ["imagenet", "none", "/weights/of mine.weights.h5", "~/notop.h5", "old.hdf5", "model.keras"])
def test_weights_are_imagenet_none_or_a_keras_file(weights):
    assert change(PRETRAINED, weights=weights).weights == weights
    assert spelling.parse([f"weights={weights}"]) == {"weights": weights}


@pytest.mark.parametrize("weights", ["", "ImageNet", "weights.pt", "weights.H5"])
def test_other_weights_are_refused(weights):
    with pytest.raises(InputError) as refused:
        change(PRETRAINED, weights=weights)
    allowed = "must be imagenet, none, or the path of a file that ends in .h5, .hdf5, .keras."
    assert str(refused.value) == f"weights = {weights!r}: {allowed}"


def test_random_weights_are_not_frozen():
    with pytest.raises(InputError, match="frozen_epochs = 2: weights = none leaves nothing to freeze; it must be 0."):
        change(PRETRAINED, weights="none", frozen_epochs=2)


def test_an_unknown_setting_is_refused_with_all_names():
    with pytest.raises(InputError) as refused:
        change(Config(), nonsense=1)
    assert str(refused.value).startswith("There is no setting 'nonsense'. The settings are: preset, data, seed, ")


def test_a_configuration_survives_json():
    before = Config(preset="quick", seed=7, brightness_range=(0.5, 1.5), horizontal_flip=True, rescale=1 / 127.5, data="/Bücher, “x”")
    assert config.from_json(json.loads(json.dumps(config.to_json(before)))) == before


def test_json_may_lack_settings_but_not_have_bad_ones():
    assert config.from_json({"epochs": 3}) == Config(epochs=3)
    with pytest.raises(InputError, match="nonsense"):
        config.from_json({"nonsense": 1})
    with pytest.raises(InputError, match="epochs = 0"):
        config.from_json({"epochs": 0})


def test_the_schema_has_the_limits_and_defaults():
    properties = config.schema()["properties"]
    assert json.loads(json.dumps({name: about["default"] for name, about in properties.items()})) == json.loads(json.dumps(DEFAULTS))
    for name, limits in LIMITS.items():
        assert (properties[name]["group"], properties[name]["description"]) == (limits.group, limits.help)
    assert properties["target_size"] == {
        "title": "Target Size",
        "description": "Side of the square that every photograph is resized to.",
        "type": "integer",
        "minimum": 32,
        "maximum": 256,
        "default": 150,
        "group": "data",
        "unit": "px",
    }
    assert properties["optimizer"]["enum"] == list(OPTIMIZERS)
    assert properties["class_weight"]["enum"] == ["none", "balanced"] and properties["class_weight"]["default"] == "none"
    assert properties["saturation_range"]["prefixItems"] == [{"type": "number", "minimum": 0, "maximum": 3}] * 2
    assert properties["learning_rate"]["anyOf"] == [{"type": "number", "minimum": 1e-6, "maximum": 1}, {"type": "null"}]


def test_change_leaves_the_original_as_it_was():
    before = Config()
    assert change(before, epochs=3).epochs == 3
    assert before == Config()


def just_outside(name, end):
    edge, direction = getattr(LIMITS[name], end), -1 if end == "low" else 1
    return edge + direction if isinstance(DEFAULTS[name], int) else math.nextafter(edge, direction * math.inf)
