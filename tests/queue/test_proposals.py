"""What Optuna is asked and told."""

import math
from datetime import UTC, datetime

import pytest

from catsdogs.queue import proposals, searches
from catsdogs.queue.proposals import Proposals
from catsdogs.settings import space
from catsdogs.settings.config import Config
from catsdogs.system import access


@pytest.fixture
def begin(tmp_path):
    """A search among what is written, whose first run has the id "first"."""

    def begin(*written: str) -> searches.Search:
        wanted, now, runs = space.parse(written), datetime.now(UTC), {"first": searches.IN_PROGRESS}
        return searches.Search(tmp_path, "rates", access.OWNER, Config(), wanted, 600, now, 0.0, runs, {}, "", "", None)

    return begin


def test_the_base_is_proposed_first_for_its_own_run(begin):
    found = Proposals(begin("learning_rate=0.0001..0.1", "optimizer=adam,sgd"))
    trial, config = found.propose(set())
    assert proposals.run_of(trial) == "first" and (config.optimizer, config.rate) == ("adam", 0.001)


def test_what_is_proposed_is_in_the_space_with_few_digits_and_fits_together(begin):
    found = Proposals(begin("learning_rate=0.0001..0.1", "optimizer=adam,sgd", "momentum=0..0.9", "batch_size=8..64"))
    configs = []
    for _ in range(12):
        trial, config = found.propose(set(configs))
        configs.append(config)
        found.tell(trial, 0.5)
    assert all(0.0001 <= config.rate <= 0.1 and 8 <= config.batch_size <= 64 for config in configs)
    assert {config.momentum > 0 for config in configs if config.optimizer == "sgd"} == {True}
    assert {config.momentum for config in configs if config.optimizer == "adam"} == {0.0}
    assert all(len(f"{config.rate:.15g}".strip("0.")) <= 7 for config in configs)


def test_settings_that_can_not_be_together_are_passed_over(begin):
    found = Proposals(begin("crop_to_aspect_ratio=true,false", "pad_to_aspect_ratio=true,false"))
    tried: set[Config] = set()
    while proposed := found.propose(tried):
        tried.add(proposed[1])
        found.tell(proposed[0], 0.5)
    assert len(tried) == 3


def test_it_goes_on_with_other_numbers_than_the_first_process(begin):
    search = begin("learning_rate=0.0001..0.1")
    rates = []
    for _ in range(3):
        found = Proposals(search)
        for _ in range(2):
            trial, config = found.propose(set())
            rates.append(config.rate)
            found.tell(trial, 0.5)
    assert len(set(rates)) == 6


def test_what_was_not_told_the_end_of_is_proposed_again_for_the_same_run(begin):
    search = begin("learning_rate=0.0001..0.1")
    before = Proposals(search)
    first, _ = before.propose(set())
    before.tell(first, 0.5)
    trial, config = before.propose(set())
    proposals.note_run(trial, "second")
    after = Proposals(search)
    assert after.open_runs() == {"second"}
    again, same = after.propose({config})
    assert same == config and proposals.run_of(again) == "second" and proposals.is_again(again)


def test_the_setting_that_makes_the_difference_is_said_to(begin):
    found = Proposals(begin("learning_rate=0.0001..0.1", "horizontal_flip=true,false"))
    assert found.shares() == {}
    for _ in range(15):
        trial, config = found.propose(set())
        found.tell(trial, 0.9 - 0.1 * abs(math.log10(config.rate) + 2))
    shares = found.shares()
    assert shares["learning_rate"] > 0.7 and shares["horizontal_flip"] < 0.2 and sum(shares.values()) <= 1.001


@pytest.mark.parametrize(
    ("written", "possible"),
    [(["epochs=1..10"], 10), (["epochs=1..10", "horizontal_flip=true,false"], 20), (["epochs=1..1000"], 1000)],
)
def test_whole_numbers_go_on_until_all_are_tried_though_the_model_likes_some_best(begin, written, possible):
    found, tried = Proposals(begin(*written)), set()
    while len(tried) < 30 and (proposed := found.propose(tried)):
        tried.add(proposed[1])
        found.tell(proposed[0], proposed[1].epochs / 20)
    assert len(tried) == min(30, possible)
