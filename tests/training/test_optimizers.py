"""Optimizers and their schedules: what is asked for is what Keras is given, and it is stored with the model."""

import keras
import numpy as np
import pytest

from catsdogs.settings import config
from catsdogs.settings.config import Config
from catsdogs.training import optimizers, schedules
from catsdogs.training.muon import Muon

KINDS = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "adamw": keras.optimizers.AdamW,
    "muon": Muon,
}


def rates(updates, **settings):
    """The learning rate of every update."""
    schedule = schedules.build(Config(learning_rate=0.01, **settings), updates)
    return np.array([float(schedule(step)) for step in range(updates + 1)])


def test_the_optimizers_that_can_be_asked_for_are_those_that_there_are():
    assert sorted(KINDS) == sorted(config.OPTIMIZERS)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_the_optimizer_is_the_one_of_that_name_at_that_learning_rate(name, kind):
    optimizer = optimizers.build(Config(optimizer=name, learning_rate=0.0125), 10)
    assert type(optimizer) is kind
    assert float(optimizer.learning_rate) == pytest.approx(0.0125)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_what_is_left_open_is_the_default_of_the_optimizer(name, kind):
    ours, theirs = optimizers.build(Config(optimizer=name), 10), kind()
    assert {**ours.get_config(), "name": ""} == {**theirs.get_config(), "name": ""}


@pytest.mark.parametrize("name", ["sgd", "rmsprop"])
def test_momentum_reaches_the_optimizers_that_have_one(name):
    assert optimizers.build(Config(optimizer=name, momentum=0.9), 10).momentum == 0.9


def test_weight_decay_reaches_adamw_and_muon_alone():
    decays = {name: optimizers.build(Config(optimizer=name, weight_decay=0.07), 10).weight_decay for name in KINDS}
    assert decays == {"adamw": 0.07, "muon": 0.07, "adam": None, "sgd": None, "rmsprop": None}


@pytest.mark.parametrize("name", KINDS)
def test_averaging_is_that_of_the_optimizer(name):
    optimizer = optimizers.build(Config(optimizer=name, ema_momentum=0.99), 10)
    assert (optimizer.use_ema, optimizer.ema_momentum) == (True, 0.99)
    assert not optimizers.build(Config(optimizer=name), 10).use_ema


def test_a_cosine_falls_from_the_learning_rate_to_zero():
    falling = rates(100, schedule="cosine")
    assert falling[0] == pytest.approx(0.01) and falling[-1] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(falling[[25, 50, 75]], [0.00854, 0.005, 0.00146], atol=1e-5)
    assert (np.diff(falling) < 0).all()


def test_a_linear_schedule_falls_by_as_much_with_every_update():
    falling = rates(100, schedule="linear")
    assert falling[0] == pytest.approx(0.01) and falling[-1] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(np.diff(falling), -0.01 / 100, rtol=1e-3)


def test_one_cycle_rises_for_a_fifth_and_falls_to_zero():
    cycle = rates(100, schedule="one_cycle")
    assert cycle[0] == pytest.approx(0.0004) and cycle[20] == pytest.approx(0.01) and cycle[-1] == pytest.approx(0, abs=1e-9)
    assert (np.diff(cycle[:21]) > 0).all() and (np.diff(cycle[20:]) < 0).all()
    np.testing.assert_allclose(np.diff(cycle[:21]), 0.0096 / 20, rtol=1e-3)


@pytest.mark.parametrize("schedule", config.SCHEDULES)
@pytest.mark.parametrize("updates", [1, 2, 3])
def test_the_shortest_runs_have_a_rate_too(schedule, updates):
    optimizer = optimizers.build(Config(schedule=schedule, learning_rate=0.01), updates)
    assert 0 < float(optimizer.learning_rate) <= 0.0101


@pytest.mark.parametrize("schedule", config.SCHEDULES)
def test_a_stored_model_carries_the_schedule(schedule, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizers.build(Config(schedule=schedule, learning_rate=0.01, ema_momentum=0.9), 20), "mse")
    for _ in range(7):
        model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").optimizer
    assert loaded.get_config() == model.optimizer.get_config()
    assert float(loaded.learning_rate) == float(model.optimizer.learning_rate)
