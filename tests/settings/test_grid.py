"""The values of a sweep, as they are written, and their combinations."""

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import grid, presets
from catsdogs.settings.config import Config


@pytest.mark.parametrize(
    ("pair", "values"),
    [
        ("optimizer=adam,sgd", ("adam", "sgd")),
        ("learning_rate=auto,1e-3", (None, 1e-3)),
        ("learning_rate=0.0001..0.01:3", (1e-4, 1e-3, 1e-2)),
        ("epochs=2..6:3", (2, 4, 6)),
        ("horizontal_flip=true,false", (True, False)),
        ("brightness_range=[0.8,1.2],[0.5,1.5]", ((0.8, 1.2), (0.5, 1.5))),
        ("target_size=64", (64,)),
        ("augmentation=off,on", (False, True)),
        ("augmentation=Off, ON", (False, True)),
        ("weights=/w/v:2.h5", ("/w/v:2.h5",)),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_values_are_read(pair, values):
    assert grid.parse([pair]) == {pair.partition("=")[0]: values}


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["optimizer=adam,adam"], "twice"),
        (["optimizer=adam", "optimizer=sgd"], "already"),
        (["seed=1,2"], "--seed N"),
        (["epochs=6..2:3"], "LOW below HIGH"),
        (["epochs=2..6:many"], "LOW..HIGH:COUNT"),
        (["optimizer"], "FIELD=VALUE"),
        (["augmentation=maybe"], "must be on or off"),
        (["optimiser=adam,sgd"], "optimizer"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_can_not_be_read_is_refused(pairs, message):
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        grid.parse(pairs)


def test_every_combination_is_tried_once_before_any_is_repeated():
    values = grid.parse(["optimizer=adam,sgd", "learning_rate=0.001,0.0003", "epochs=2"])
    configs = grid.combine("quick", "/photos", values, 2)
    assert [(config.seed, config.optimizer, config.learning_rate) for config in configs[:5]] == [
        *((0, "adam", 0.001), (0, "adam", 0.0003), (0, "sgd", 0.001), (0, "sgd", 0.0003)),
        (1, "adam", 0.001),
    ]
    assert len(configs) == 8 and {(config.epochs, config.data) for config in configs} == {(2, "/photos")}
    assert [config.seed for config in grid.combine("quick", "/photos", {}, 3, first=7)] == [7, 8, 9]


def test_augmentation_is_one_setting_whose_parts_can_not_vary_beside_it():
    """The page could vary it; the command line did not know it."""
    plain, augmented = grid.combine("quick", "/photos", grid.parse(["augmentation=off,on"]), 1)
    study = presets.config("study-augmented")
    assert not plain.is_augmented and (augmented.rotation_range, augmented.zoom_range) == (study.rotation_range, study.zoom_range)
    off, on = grid.combine("study-augmented", "/photos", grid.parse(["augmentation=off,on"]), 1)
    assert not off.is_augmented and on.rotation_range == study.rotation_range
    assert [config.zoom_range for config in grid.combine("quick", "/photos", grid.parse(["zoom_range=0.1,0.2"]), 1)] == [0.1, 0.2]
    with pytest.raises(InputError, match="zoom_range can't vary beside augmentation"):
        grid.combine("quick", "/photos", grid.parse(["augmentation=off,on", "zoom_range=0.1,0.2"]), 1)


def test_too_many_runs_and_seeds_are_refused():
    with pytest.raises(InputError, match="600 runs"):
        grid.combine("quick", "", grid.parse(["epochs=1..30:30"]), 20)
    with pytest.raises(InputError, match="seeds = 0"):
        grid.combine("quick", "", {}, 0)
    for too_many in (lambda: grid.combine("quick", "", {}, 3, 2**31 - 2), lambda: grid.vary(Config(seed=2**31 - 2), {}, 3)):
        with pytest.raises(InputError, match="3 seeds from 2147483646 on would end beyond 2147483647, the highest seed"):
            too_many()
    assert [config.seed for config in grid.combine("quick", "", {}, 2, 2**31 - 2)] == [2**31 - 2, 2**31 - 1]


def test_the_form_is_varied_from_its_own_seed_on_without_what_another_optimizer_can_not_use():
    base = Config(optimizer="sgd", momentum=0.9, data="/photos", seed=5)
    varied = grid.vary(base, {"optimizer": ("sgd", "adam")}, seeds=2)
    assert [(config.optimizer, config.momentum, config.seed) for config in varied] == [
        ("sgd", 0.9, 5),
        ("adam", 0.0, 5),
        ("sgd", 0.9, 6),
        ("adam", 0.0, 6),
    ]
    with pytest.raises(InputError, match="momentum"):
        grid.vary(base, {"optimizer": ("sgd", "adam"), "momentum": (0.5, 0.9)}, seeds=1)
    with pytest.raises(InputError, match="501 runs"):
        grid.vary(base, {"batch_size": range(1, 502)}, seeds=1)


@pytest.mark.parametrize(
    ("preset", "pairs", "hint"),
    [
        ("transfer", ["fine_tuning_rate=1e-5,1e-4", "frozen_epochs=0"], "Change frozen_epochs, or leave fine_tuning_rate out."),
        ("transfer", ["fine_tuning_rate=1e-5,1e-4", "frozen_epochs=5", "epochs=3,5"], "Change frozen_epochs"),
        ("transfer", ["weights=imagenet,none", "frozen_epochs=0", "start_from=shipped"], "Change start_from, or leave weights out."),
        ("quick", ["fill_mode=reflect,wrap", "horizontal_flip=true"], "Change rotation_range, or leave fill_mode out."),
    ],
)
def test_values_that_make_no_difference_are_refused(preset, pairs, hint):
    """They gave runs that were all the same."""
    values = grid.parse(pairs)
    with pytest.raises(InputError, match=hint):
        grid.combine(preset, "", values, 1)
    with pytest.raises(InputError, match=hint):
        grid.vary(presets.config(preset), values, 1)


@pytest.mark.parametrize("optimizers", ["adam", "adam,rmsprop"])
def test_an_automatic_rate_beside_the_number_that_it_is_is_refused(optimizers):
    """They gave runs that were the same."""
    values = grid.parse(["learning_rate=auto,0.001,0.01", f"optimizer={optimizers}"])
    said = f"learning_rate = auto is 0.001 with {optimizers.replace(',', ', ')}, which is given as well: leave one out."
    with pytest.raises(InputError, match=said):
        grid.combine("quick", "", values, 1)
    with pytest.raises(InputError, match=said):
        grid.vary(presets.config("quick"), values, 1)


@pytest.mark.parametrize(
    ("preset", "pairs", "same"),
    [
        ("transfer", ["fine_tuning_rate=1e-5,1e-4", "frozen_epochs=0,2"], 1),
        ("quick", ["fill_mode=reflect,wrap", "zoom_range=0,0.2"], 1),
        ("quick", ["learning_rate=auto,0.001", "optimizer=adam,sgd"], 1),
        ("quick", ["learning_rate=auto,0.002", "optimizer=adam,sgd"], 0),
        ("transfer", ["frozen_epochs=0,2", "epochs=2,3"], 0),
    ],
)
def test_values_that_make_a_difference_in_some_of_the_runs_are_not_refused_but_the_runs_that_are_the_same_are_counted(preset, pairs, same):
    combined = grid.combine(preset, "", grid.parse(pairs), 2)
    assert len(combined) == 8
    assert grid.repetition(combined).partition(" would be")[0] == (f"{2 * same} of them" if same else "")
