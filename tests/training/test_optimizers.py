"""Optimizers and their schedules: what is asked for is what Keras is given, and it is stored with the model."""

import keras
import numpy as np
import pytest

from catsdogs.settings.choices import OPTIMIZERS, SCHEDULES
from catsdogs.settings.config import Config
from catsdogs.settings.dependence import ONLY
from catsdogs.training import optimizers
from catsdogs.training.muon import Muon

KINDS = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "adamw": keras.optimizers.AdamW,
    "muon": Muon,
}


def test_every_optimizer_can_be_built():
    assert sorted(KINDS) == sorted(OPTIMIZERS)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_each_optimizer_has_its_name_and_learning_rate(name, kind):
    optimizer = optimizers.build(Config(optimizer=name, learning_rate=0.0125), 10)
    assert type(optimizer) is kind
    assert float(optimizer.learning_rate) == pytest.approx(0.0125)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_what_is_left_open_is_the_default_of_the_optimizer(name, kind):
    ours, theirs = optimizers.build(Config(optimizer=name), 10), kind()
    assert {**ours.get_config(), "name": ""} == {**theirs.get_config(), "name": ""}


@pytest.mark.parametrize("name", ONLY["momentum"].choices)
def test_momentum_reaches_the_optimizers_that_have_one(name):
    assert optimizers.build(Config(optimizer=name, momentum=0.9), 10).momentum == 0.9


def test_weight_decay_reaches_adamw_and_muon_and_the_others_have_none():
    for name in KINDS:
        has_one = name in ONLY["weight_decay"].choices
        asked = Config(optimizer=name, **({"weight_decay": 0.07} if has_one else {}))
        assert optimizers.build(asked, 10).weight_decay == (0.07 if has_one else None)


@pytest.mark.parametrize("name", KINDS)
def test_averaging_is_that_of_the_optimizer(name):
    optimizer = optimizers.build(Config(optimizer=name, ema_momentum=0.99), 10)
    assert (optimizer.use_ema, optimizer.ema_momentum) == (True, 0.99)
    assert not optimizers.build(Config(optimizer=name), 10).use_ema


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("updates", [1, 2, 3])
def test_the_shortest_runs_have_a_rate_too(schedule, updates):
    optimizer = optimizers.build(Config(schedule=schedule, learning_rate=0.01), updates)
    assert 0 < float(optimizer.learning_rate) <= 0.0101


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_stored_model_carries_the_schedule(schedule, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizers.build(Config(schedule=schedule, learning_rate=0.01, ema_momentum=0.9), 20), "mse")
    for _ in range(7):
        model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").optimizer
    assert loaded.get_config() == model.optimizer.get_config()
    assert float(loaded.learning_rate) == float(model.optimizer.learning_rate)
