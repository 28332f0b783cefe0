"""The learning-rate range test: what it learns from, at which rates, and that it ends."""

import numpy as np
import pytest

from catsdogs.data import batches, dataset, split
from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.settings.choices import DEFAULT_RATES, OPTIMIZERS
from catsdogs.settings.config import Config, without_misplaced
from catsdogs.training import range_test
from tests.running import SMALL

FEW = 8  # batches


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(range_test, "_FEWEST", FEW)
    monkeypatch.setattr(range_test, "_MOST", FEW)


def config(folder, **settings) -> Config:
    return Config(data=str(folder), **without_misplaced({**SMALL, "learning_rate": None, **settings}))


def silent(message: str, done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_rates_are_four_decades_around_the_default_of_every_optimizer_within_what_is_allowed(optimizer):
    default = DEFAULT_RATES[optimizer]
    assert range_test.rates_of(Config(optimizer=optimizer)) == pytest.approx((default / 100, min(100 * default, 1)))


@pytest.mark.parametrize("settings", [{"optimizer": "adam"}, {"optimizer": "muon", "class_weight": "balanced", "label_smoothing": 0.1}])
def test_every_batch_has_a_higher_rate_than_the_one_before_whatever_schedule_and_rate_are_set(folder, settings):
    found = range_test.run(config(folder, **settings, schedule="one_cycle", learning_rate=0.5), dataset.check(folder), silent)
    default = DEFAULT_RATES[settings["optimizer"]]
    assert found.rates[0] == pytest.approx(default / 100)
    assert len(found.rates) == len(found.losses) and np.all(np.diff(found.rates) > 0) and np.isfinite(found.losses).all()
    assert found.rates[-1] == pytest.approx(min(100 * default, 1)) or found.losses[-1] > found.losses[0]


@pytest.mark.parametrize(
    "settings",
    [{"model": "conv2d"}, {"model": "resnet", "first_size": 32, "target_size": 48}, {"model": "mobilenetv2", "weights": "none"}],
    ids=lambda settings: settings["model"],
)
def test_other_networks_can_be_tested(folder, settings, small_resnet, small_backbones):
    assert len(range_test.run(config(folder, **settings), dataset.check(folder), silent).rates) > 1


def test_it_learns_from_training_photographs_only_and_leaves_nothing_behind(folder, home, monkeypatch):
    seen = set()

    class Watched(batches.Batches):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            seen.update(self.filenames)

    monkeypatch.setattr(range_test, "Batches", Watched)
    asked, listing = config(folder), dataset.check(folder)
    found = range_test.run(asked, listing, silent)
    members = split.make(listing, asked).training
    assert seen <= {listing.photos[index].path for index in members}
    assert found.photographs == len(seen) == len(members) // asked.batch_size * asked.batch_size
    assert not store.list_all()


def test_the_photographs_decoded_for_a_training_are_used_where_they_are_there(folder, monkeypatch):
    asked, listing = config(folder), dataset.check(folder)
    batches.make(listing, asked)
    monkeypatch.setattr(range_test, "_decode", None)
    assert range_test.run(asked, listing, silent).photographs == 40


def test_it_can_be_stopped_at_every_batch(folder):
    class Stopped(Exception):
        pass

    def stop(message: str, done: int, total: int) -> None:
        if message.startswith("Learning") and done > 0:
            raise Stopped

    with pytest.raises(Stopped):
        range_test.run(config(folder), dataset.check(folder), stop)


def test_a_batch_larger_than_the_photographs_is_refused(folder):
    with pytest.raises(InputError, match="batch_size = 100"):
        range_test.run(config(folder, batch_size=100), dataset.check(folder), silent)
