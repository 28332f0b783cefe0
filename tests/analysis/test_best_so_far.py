"""The best validation accuracy of several runs against time."""

import pytest

from catsdogs.analysis import best_so_far
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing


def ended(right: int, started: str, at: str) -> store.Run:
    run = storing.finished(Config(), right=right)
    store.write_status(run, "finished", started=f"2026-01-01T{started}:00+00:00", ended=f"2026-01-01T{at}:00+00:00")
    return store.load(run.id)


def test_it_follows_the_runs_in_the_order_in_which_they_ended():
    later, first, second = ended(70, "10:05", "10:20"), ended(60, "10:00", "10:05"), ended(90, "10:05", "10:12")
    steps = best_so_far.follow([later, first, second, store.create(Config())])
    assert [(step.run.id, step.minutes) for step in steps] == [(first.id, 5), (second.id, 12), (later.id, 20)]
    assert [step.best for step in steps] == pytest.approx([0.6, 0.9, 0.9]) and steps[2].accuracy == pytest.approx(0.7)


def test_without_a_finished_run_there_is_nothing():
    assert best_so_far.follow([store.create(Config())]) == []


def test_a_run_that_had_seen_what_it_is_judged_by_is_not_the_best_so_far():
    first, second = ended(60, "10:00", "10:05"), storing.had_seen(ended(90, "10:05", "10:12"), validation=5)
    assert [step.run.id for step in best_so_far.follow([first, second])] == [first.id]
