"""Which epochs train at which size."""

import pytest

from catsdogs.settings import stages
from catsdogs.settings.config import Config
from catsdogs.settings.stages import Stage


def plan(first_size, target_size, epochs):
    return stages.plan(Config(model="resnet", first_size=first_size, target_size=target_size, epochs=epochs))


@pytest.mark.parametrize("first_size", [0, 128])
def test_without_growth_there_is_one_stage(first_size):
    assert plan(first_size, 128, 7) == (Stage(128, 0, 7),)


def test_sizes_grow_in_up_to_three_stages_of_equal_length():
    assert plan(64, 128, 12) == (Stage(64, 0, 4), Stage(96, 4, 8), Stage(128, 8, 12))
    assert plan(64, 128, 3) == (Stage(64, 0, 1), Stage(96, 1, 2), Stage(128, 2, 3))
    assert plan(100, 112, 6) == (Stage(100, 0, 3), Stage(112, 3, 6))


@pytest.mark.parametrize("epochs", range(1, 12))
@pytest.mark.parametrize("sizes", [(64, 128), (32, 256), (96, 100), (100, 112), (150, 151), (33, 45)])
def test_stages_have_no_gaps_and_end_at_the_target_size(sizes, epochs):
    planned = plan(*sizes, epochs)
    assert planned[0].first == 0 and planned[-1] == Stage(sizes[1], planned[-1].first, epochs)
    assert [stage.first for stage in planned[1:]] == [stage.end for stage in planned[:-1]]
    assert all(stage.end > stage.first for stage in planned)
    ascending = [stage.size for stage in planned]
    assert ascending == sorted(set(ascending)) and ascending[0] >= sizes[0]


def test_the_stage_is_that_of_the_last_epoch_done():
    config = Config(model="resnet", first_size=64, target_size=128, epochs=6)
    assert [stages.at(config, done).size for done in range(7)] == [64, 64, 64, 96, 96, 128, 128]


def frozen(frozen_epochs, epochs):
    return Config(model="mobilenetv2", frozen_epochs=frozen_epochs, epochs=epochs, target_size=64)


def test_a_pretrained_network_learns_its_head_first():
    assert stages.plan(frozen(2, 6)) == (Stage(64, 0, 2, is_frozen=True), Stage(64, 2, 6))
    assert stages.phases(frozen(2, 6)) == (range(2), range(2, 6))


def test_all_or_no_epochs_frozen_are_one_stage():
    assert stages.plan(frozen(0, 6)) == (Stage(64, 0, 6),)
    assert stages.plan(frozen(9, 6)) == (Stage(64, 0, 6, is_frozen=True),)
    assert stages.phases(frozen(0, 6)) == stages.phases(frozen(9, 6)) == (range(6),)


def test_one_optimizer_trains_all_sizes():
    assert stages.phases(Config(model="resnet", first_size=64, target_size=128, epochs=9)) == (range(9),)
