"""How many runs one person may have waiting or training: held for everybody, whatever asks at the same moment."""

import threading

import pytest

from catsdogs.errors import InputError
from catsdogs.queue import allowance, jobs, sweeps
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.system import access, shortage
from catsdogs.system.access import Limits, Person


@pytest.fixture
def come_in(nothing_starts):
    """Have somebody of that name ask from now on, who may have three runs; the owner again in the end."""
    yield lambda name, **limits: access.identify_by(lambda: Person(name, limits=Limits(**{"runs": 3, **limits})))
    access.identify_by(lambda: access.OWNER)


def ask(count: int, first: int = 0):
    return jobs.create([Config(seed=first + number) for number in range(count)])


def test_one_person_has_as_many_as_are_allowed_and_no_more(come_in):
    come_in("Ada")
    ask(2)
    with pytest.raises(
        InputError,
        match=r"^You have 2 runs waiting or training, 2 more would be 4, and one person may have 3 here\. There is room for 1 more;",
    ):
        ask(2)
    assert allowance.used("Ada") == 2, "of those that were too many, none was made"
    ask(1)
    with pytest.raises(
        InputError, match=r"^You have 3 runs waiting or training, as many as one person may have here\. Wait for one to end"
    ):
        ask(1)
    come_in("Grace")
    assert len(ask(3)) == 3


def test_a_run_that_ended_makes_room(come_in):
    come_in("Ada")
    first, *_ = ask(3)
    jobs.stop(first)
    ask(1)
    with pytest.raises(InputError, match="You have 3 runs"):
        jobs.resume(store.load(first.id))
    assert store.load(first.id).state == "stopped"


def test_resuming_the_runs_of_others_gets_nobody_around_it(come_in):
    come_in("Ada")
    first, *_ = ask(3)
    jobs.stop(first)
    ask(1)
    come_in("Grace")
    with pytest.raises(InputError, match="^Ada has 3 runs"):
        jobs.resume(store.load(first.id))


def test_the_command_line_has_no_limit(nothing_starts):
    assert len(ask(12)) == 12


def test_two_tabs_that_start_at_the_same_moment_do_not_get_past_it(come_in):
    come_in("Ada")
    together, refused = threading.Barrier(8), []

    def start(number: int) -> None:
        together.wait()
        try:
            ask(1, number)
        except InputError as error:
            refused.append(error)

    tabs = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert (allowance.used("Ada"), len(refused)) == (3, 5)


def test_a_sweep_that_is_refused_leaves_its_name_free(come_in):
    come_in("Ada")
    with pytest.raises(InputError, match="may have 3 runs waiting or training here, and these are 4"):
        sweeps.create("rates", [Config(seed=seed) for seed in range(4)])
    assert sweeps.names() == [] and store.list_all() == []
    with pytest.raises(InputError, match="There is no sweep 'rates'"):
        sweeps.runs("rates")
    assert len(sweeps.create("rates", [Config()])) == 1


def test_nothing_is_queued_where_too_little_of_the_disk_would_stay_free(come_in, home):
    come_in("Ada", free=shortage.free(home) + 10**9)
    with pytest.raises(InputError, match=r"^Not enough disk space: .* free, and .* must stay free\. Delete data sets or runs"):
        ask(1)
    assert store.list_all() == []
