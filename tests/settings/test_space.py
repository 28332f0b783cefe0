"""What a search may try: how it is written, and what is refused."""

import json

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import space
from catsdogs.settings.config import Config
from catsdogs.settings.space import Range


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        ("learning_rate=0.0001..0.1", Range(0.0001, 0.1, True)),
        ("learning_rate=0.001..0.002", Range(0.001, 0.002, True)),
        ("momentum=0..0.9", Range(0.0, 0.9, False)),
        ("batch_size=16..64", Range(16, 64, False)),
        ("dense_units=16..512", Range(16, 512, True)),
        ("learning_rate=0.0001..0.01:3", (1e-4, 1e-3, 1e-2)),
        ("learning_rate=auto,0.01", (None, 0.01)),
        ("optimizer=adam,sgd", ("adam", "sgd")),
        ("brightness_range=[0.8,1.2],[0.5,1.5]", ((0.8, 1.2), (0.5, 1.5))),
        ("weights=../mine.weights.h5", ("../mine.weights.h5",)),
        ("epochs=4", (4,)),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_ranges_and_lists_are_read(pair, found):
    name = pair.partition("=")[0]
    assert space.parse([pair]) == {name: found}
    assert space.from_json(json.loads(json.dumps(space.to_json({name: found})))) == {name: found}


def test_whole_numbers_stay_whole():
    assert isinstance(space.parse(["epochs=2..6"])["epochs"].low, int)


@pytest.mark.parametrize(
    "pair", ["learning_rate=0.1..0.01", "learning_rate=auto..0.1", "learning_rate=0.1..auto", "learning_rate=..", "learning_rate=low..high"]
)
def test_a_range_that_can_not_be_read_is_refused(pair):
    with pytest.raises(InputError, match="learning_rate = "):
        space.parse([pair])


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "a setting that varies"),
        (["optimizer=adam"], "a setting that varies"),
        (["learning_rate=0.1..10"], "must be 1e-06 to 1"),
        (["validation_split=0.1..0.3"], "same validation photographs"),
        (["momentum=0..0.9"], "Add optimizer=sgd,rmsprop"),
        (["momentum=0..2", "optimizer=adam,sgd"], "must be 0 to 0.99"),
        (["fine_tuning_rate=1e-6..1e-4", "model=mobilenetv2,convnexttiny"], "it is the rate after frozen epochs. Change frozen_epochs"),
        (["fill_mode=reflect,wrap"], "fill_mode would make no difference: .* Change rotation_range, or leave fill_mode out"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_no_run_could_have_is_refused_before_one_is_made(pairs, message):
    with pytest.raises(InputError, match=message):
        space.require(Config(), space.parse(pairs))


def test_the_ends_are_tried_one_by_one_around_the_base():
    ends = space.require(Config(seed=3), space.parse(["learning_rate=0.001..0.1", "optimizer=adam,sgd", "momentum=0..0.9"]))
    assert [(config.learning_rate, config.optimizer, config.momentum) for config in ends] == [
        (0.001, "adam", 0.0),
        (0.1, "adam", 0.0),
        (None, "adam", 0.0),
        (None, "sgd", 0.0),
        (None, "sgd", 0.0),
        (None, "sgd", 0.9),
    ]
    assert {config.seed for config in ends} == {3}
    assert [config.optimizer for config in space.require(Config(), space.parse(["optimizer=adam,sgd"]))] == ["adam", "sgd"]


def test_what_means_nothing_to_the_optimizer_is_left_out():
    assert space.fill(Config(optimizer="sgd", momentum=0.9), {"optimizer": "adam", "learning_rate": 0.01}).momentum == 0.0


def test_the_base_has_its_place_or_is_outside():
    wanted = space.parse(["learning_rate=0.0001..0.01", "optimizer=adam,sgd", "momentum=0..0.9"])
    assert space.place(Config(), wanted) == {"optimizer": "adam", "learning_rate": 0.001}  # auto is Adam's default
    assert space.place(Config(optimizer="sgd", learning_rate=0.1), wanted) is None
    assert space.place(Config(optimizer="muon"), wanted) is None
    tuned = Config(model="mobilenetv2", frozen_epochs=2)
    assert space.place(tuned, space.parse(["frozen_epochs=1..3"])) == {"frozen_epochs": 2}


def test_an_automatic_rate_beside_the_number_that_it_is_is_refused():
    with pytest.raises(InputError, match="auto is 0.001 with adam, which is given as well"):
        space.require(Config(), space.parse(["learning_rate=auto,0.001,0.01"]))
    space.require(Config(), space.parse(["learning_rate=auto,0.001", "optimizer=adam,sgd"]))


def test_only_so_many_combinations_are_counted():
    assert len(space.combinations(space.parse(["optimizer=adam,sgd", "epochs=1,2,3"]))) == 6
    assert space.combinations(space.parse(["optimizer=adam,sgd", "learning_rate=0.1..0.2"])) is None
    assert space.combinations({"epochs": tuple(range(1, 502))}) is None


def test_numbers_are_rounded_within_the_range():
    assert space.rounded(0.00123456, Range(0.001, 0.1, True)) == 0.001235
    assert space.rounded(0.99999, Range(0.1, 0.9999, False)) == 0.9999


def test_a_setting_that_another_one_in_the_space_gives_a_meaning_can_be_searched():
    base = Config(model="mobilenetv2")
    ends = space.require(base, space.parse(["fine_tuning_rate=1e-6..1e-4", "frozen_epochs=1..5"]))
    assert [(config.fine_tuning_rate, config.frozen_epochs) for config in ends] == [(1e-6, 0), (1e-4, 0), (1e-5, 1), (1e-5, 5)]
