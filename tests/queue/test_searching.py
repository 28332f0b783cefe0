"""A search, from its first run to its end. Most of these runs are not trained: a thread writes what workers would."""

import itertools
import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from catsdogs.queue import jobs, proposals, searches, searching, sweeps
from catsdogs.runs import history, liveness, store
from catsdogs.settings import space
from catsdogs.settings.config import Config
from catsdogs.system import access
from catsdogs.system.access import Limits, Person
from tests import storing
from tests.images import photographs
from tests.limits import files_up_to
from tests.running import SMALL
from tests.waiting import wait_until
from tests.workers import know_precision, process_of

RATES = {"learning_rate": (0.1, 0.01, 0.001, 0.0001)}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Looks more often than a search that shares the machine with its runs."""
    monkeypatch.setattr(searching, "_LOOK_EVERY", 0.01)
    monkeypatch.setattr(searching, "_RETRY_AFTER", 0.05)
    monkeypatch.setattr(access, "_identify", [])


def begin(wanted: dict, seconds: float = 600, **settings) -> searches.Search:
    searches.create("rates", Config(**{"data": "/photos", "learning_rate": 0.01, "epochs": 6, **settings}), wanted, seconds)
    return searches.find("rates")


def end(search: searches.Search, slots: int = 1) -> searches.Search:
    searching.go_on(search.folder, slots)
    return searches.load(search.folder)


@contextmanager
def workers(accuracy=lambda config: 0.8, fails=lambda config: False, until_stopped=lambda config: False, has_seen=lambda config: False):
    """What workers and the dispatcher do: the runs end, with that accuracy after every epoch, or go on until they are stopped.

    One that `has_seen` started from a run that was trained on the photographs that it is judged by.
    """
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.005):
            for run in jobs.queue()[:1]:
                with liveness.claim(run.folder):
                    store.write_environment(run, storing.environment(run))
                    if has_seen(run.config):
                        storing.had_seen(run, validation=50)
                    _work(run, accuracy(run.config), fails(run.config), until_stopped(run.config), over)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _work(run, accuracy: float, fails: bool, goes_on: bool, over) -> None:
    store.write_status(run, "running", started="2026-01-01T10:00:00+00:00")
    if fails:
        return store.write_status(run, "failed", error="Out of memory.")
    for number in range(1, run.config.epochs):
        history.append(run, storing.epoch(number, val_accuracy=accuracy, val_loss=0.7 - number / 100))
    is_hopeless = accuracy < 0.6 and sum(other.state == "finished" for other in store.list_all()) >= 3
    while (is_hopeless or goes_on) and not liveness.is_stop_requested(run.folder) and not over.is_set():
        over.wait(0.005)
    if liveness.is_stop_requested(run.folder):
        return store.write_status(run, "stopped", reason=liveness.stop_reason(run.folder))
    return storing.finish(run, right=round(100 * accuracy), epochs=run.config.epochs)


def states(search: searches.Search) -> list[str]:
    return list(search.runs.values())


@pytest.mark.usefixtures("nothing_starts")
def test_it_begins_with_the_base_and_ends_when_every_combination_was_tried_once():
    with workers():
        search = end(begin(RATES))
    rates = [run.config.learning_rate for run in sweeps.runs("rates")]
    assert rates[0] == 0.01 and sorted(rates) == [0.0001, 0.001, 0.01, 0.1]
    assert states(search) == ["finished"] * 4 and search.said == searching.TRIED and search.ended
    assert list(search.runs) == [run.id for run in sweeps.runs("rates")]


@pytest.mark.usefixtures("nothing_starts")
def test_a_run_that_can_not_be_read_for_a_moment_is_not_given_up(monkeypatch):
    """As on a file server that is away: it went on, and another one was begun beside it."""
    search, looks = begin(RATES), itertools.count()
    folder = sweeps.runs("rates")[0].folder
    away = folder.with_name(".away")
    does = {1: lambda: folder.rename(away), 3: lambda: away.rename(folder), 5: (search.folder / "stop").touch}
    sleep = lambda seconds: does.get(next(looks), lambda: None)()  # noqa: E731
    monkeypatch.setattr(searching, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    assert states(end(search)) == ["stopped"] and next(looks) > 5


@pytest.mark.usefixtures("nothing_starts")
def test_what_is_worse_than_the_median_after_as_many_epochs_is_pruned():
    with workers(accuracy=lambda config: 0.5 if config.learning_rate == 0.1 else 0.8):
        search = begin({"learning_rate": (0.001, 0.01, 0.1), "batch_size": (8, 16, 32)}, batch_size=16)
        search = end(search)
    pruned = [run for run in sweeps.runs("rates") if run.ending == "pruned"]
    assert pruned and all(run.config.learning_rate == 0.1 and run.state == "stopped" for run in pruned)
    assert search.runs[search.first] == "finished" and states(search).count("pruned") == len(pruned)
    assert search.shares["learning_rate"] > search.shares["batch_size"]


@pytest.mark.usefixtures("nothing_starts")
def test_a_run_that_fails_does_not_end_it_but_the_first_three_do():
    with workers(fails=lambda config: config.learning_rate == 0.1):
        assert sorted(states(end(begin(RATES)))) == ["failed", "finished", "finished", "finished"]
    sweeps.forget("rates")
    for folder in searches.list_all():
        (folder.folder / "search.json").unlink()
    with workers(fails=lambda config: True):
        search = end(begin(RATES))
    assert states(search) == ["failed"] * 3 and search.said == "The first 3 runs failed; the last one said: Out of memory."


@pytest.mark.usefixtures("nothing_starts")
def test_ten_failures_in_a_row_end_it_however_much_time_is_left():
    with workers(fails=lambda config: config.learning_rate != 0.01):
        search = end(begin({"learning_rate": space.Range(0.001, 0.1, True)}))
    assert states(search) == ["finished"] + ["failed"] * 10
    assert search.said == "The last 10 runs failed; the last one said: Out of memory."


@pytest.mark.usefixtures("nothing_starts")
def test_where_none_of_the_first_runs_can_be_judged_it_ends_and_says_why():
    with workers(has_seen=lambda config: config.learning_rate != 0.1, fails=lambda config: config.learning_rate == 0.1):
        search = end(begin(RATES))
    assert len(states(search)) == 3 and set(states(search)) <= {"finished", "failed"} and "finished" in states(search)
    assert search.said.startswith("None of the first 3 runs can be judged: each failed, or started from a run that was trained on")


@pytest.mark.usefixtures("nothing_starts")
def test_ten_in_a_row_that_can_not_be_judged_end_it_too():
    with workers(has_seen=lambda config: config.learning_rate != 0.01):
        search = end(begin({"learning_rate": space.Range(0.001, 0.1, True)}))
    assert states(search) == ["finished"] * 11 and search.said.startswith("None of the last 10 runs can be judged: ")


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("size", [500, 2000, 2900, 3600], ids=str)
def test_on_a_full_disk_it_waits_and_then_goes_on(size, capsys):
    search, said = begin(RATES), []
    with workers():
        wait_until(lambda: store.load(search.first).state == "finished")
        with files_up_to(size):
            thread = threading.Thread(target=end, args=(search,))
            thread.start()
            wait_until(lambda: said.append(capsys.readouterr().out) or "It goes on when there is room." in "".join(said))
        thread.join()
    assert "Files of this size are not allowed here: " in "".join(said)
    search = searches.find("rates")
    assert search.said == searching.TRIED and search.note == "" and states(search) == ["finished"] * 4
    assert sorted(run.config.learning_rate for run in sweeps.runs("rates")) == [0.0001, 0.001, 0.01, 0.1]


@pytest.mark.usefixtures("nothing_starts")
def test_where_the_list_of_sweeps_can_not_be_read_any_more_its_runs_are_listed_anew_and_it_can_be_cancelled(home, monkeypatch):
    monkeypatch.setattr(searching, "_SAVE_EVERY", 0.0)
    search = begin(RATES)
    with workers(until_stopped=lambda config: True):
        thread = threading.Thread(target=end, args=(search,))
        thread.start()
        wait_until(lambda: searches.load(search.folder).spent > 0)
        (home / "sweeps.json").write_text("")
        wait_until(lambda: sweeps.members("rates") == [search.first])
        searches.cancel("rates")
        thread.join()
    assert searches.find("rates").said == searching.CANCELLED


@pytest.mark.usefixtures("nothing_starts")
def test_a_run_that_had_seen_what_it_is_judged_by_proposes_nothing():
    with workers(accuracy=lambda config: 0.99 if config.learning_rate == 0.1 else 0.8, has_seen=lambda config: config.learning_rate == 0.1):
        search = end(begin(RATES))
    assert states(search) == ["finished"] * 4
    values = [json.loads(line).get("values") for line in search.journal.read_text().splitlines()]
    assert [0.8] in values and [0.99] not in values


@pytest.mark.usefixtures("nothing_starts")
def test_when_the_time_is_over_the_run_at_hand_is_stopped_as_that():
    search = begin(RATES)
    searches.save(replace(search, spent=599.99))
    with workers(until_stopped=lambda config: True):
        search = end(search)
    (run,) = sweeps.runs("rates")
    assert run.ending == "out of time" and states(search) == ["out of time"] and search.said == searching.OVER


@pytest.mark.usefixtures("nothing_starts")
def test_when_the_time_is_over_one_that_is_only_being_evaluated_finishes():
    search = begin(RATES)
    run = store.load(search.first)
    with liveness.claim(run.folder):
        store.write_status(run, "running", started="2026-01-01T10:00:00+00:00")
        for number in range(1, 7):
            history.append(run, storing.epoch(number))
        searches.save(replace(search, spent=600.0))
        thread = threading.Thread(target=end, args=(search,))
        thread.start()
        wait_until(lambda: searches.is_at_work(search))
        storing.finish(run, epochs=6)
    thread.join()
    assert states(searches.find("rates")) == ["finished"] and searches.find("rates").said == searching.OVER
    assert not liveness.is_stop_requested(run.folder)


@pytest.mark.usefixtures("nothing_starts")
def test_it_is_cancelled_as_one():
    search = begin(RATES)
    with workers(until_stopped=lambda config: True):
        thread = threading.Thread(target=end, args=(search,))
        thread.start()
        wait_until(lambda: store.load(search.first).state == "running")
        assert [run.id for run in searches.cancel("rates")] == [search.first]
        thread.join()
    search = searches.find("rates")
    assert search.said == searching.CANCELLED and states(search) == ["stopped"] and not search.is_busy


@pytest.mark.usefixtures("nothing_starts")
def test_a_base_outside_of_what_is_searched_is_trained_first_all_the_same():
    with workers():
        search = end(begin({"learning_rate": (0.1, 0.001)}))
    assert [run.config.learning_rate for run in sweeps.runs("rates")][0] == 0.01 and states(search) == ["finished"] * 3


@pytest.mark.usefixtures("nothing_starts")
def test_as_many_run_at_once_as_there_are_slots_and_as_one_person_may_have():
    access.identify_by(lambda: Person("Ada", limits=Limits(runs=2)))
    search = begin({"learning_rate": space.Range(0.001, 0.1, True)})
    thread = threading.Thread(target=end, args=(search, 3))
    thread.start()
    wait_until(lambda: len(jobs.queue()) == 2)
    with workers(until_stopped=lambda config: config.learning_rate != 0.01):
        wait_until(lambda: states(searches.find("rates")).count("finished") == 1)
        wait_until(lambda: len([run for run in store.list_all() if run.state in store.WAITING]) == 2)
        searches.cancel("rates")
        thread.join()
    assert {run.by for run in store.list_all()} == {"Ada"} and len(searches.find("rates").runs) == 3


@pytest.mark.usefixtures("nothing_starts")
def test_while_no_more_may_be_queued_it_waits_and_says_why():
    access.identify_by(lambda: Person("Ada", limits=Limits(runs=2)))
    search, (other,) = begin(RATES), jobs.create([Config()])
    jobs.stop(store.load(search.first))
    (another,) = jobs.create([Config(seed=1)])
    thread = threading.Thread(target=end, args=(search,))
    thread.start()
    wait_until(lambda: "You have 2 runs waiting" in searches.find("rates").note)
    for run in (other, another):
        jobs.stop(run)
    with workers():
        thread.join()
    search = searches.find("rates")
    assert search.note == "" and states(search) == ["stopped", "finished", "finished", "finished"]


def killed_while_it_trained(search):
    """The run of the base is interrupted, its trial in the journal is open, and the process that was at it is gone."""
    proposals.Proposals(search).propose(set())
    store.write_status(store.load(search.first), "running")


@pytest.mark.usefixtures("nothing_starts")
def test_an_interrupted_run_that_may_not_be_queued_for_now_is_resumed_later():
    access.identify_by(lambda: Person("Ada", limits=Limits(runs=1)))
    search = begin(RATES)
    killed_while_it_trained(search)
    (other,) = jobs.create([Config(seed=1)])
    thread = threading.Thread(target=end, args=(search,))
    thread.start()
    wait_until(lambda: "You have 1 run waiting" in searches.find("rates").note)
    jobs.stop(other)
    with workers():
        thread.join()
    assert states(searches.find("rates")) == ["finished"] * 4


@pytest.mark.usefixtures("nothing_starts")
def test_a_run_that_a_killed_process_had_not_counted_as_one_of_the_sweep_is_counted():
    search, (run,) = begin(RATES), jobs.create([Config(data="/photos", learning_rate=0.1, epochs=6)])
    searches.changed(search, runs={**search.runs, run.id: searches.IN_PROGRESS})
    with workers():
        search = end(search)
    assert {each.id for each in sweeps.runs("rates")} == set(search.runs) and len(search.runs) == 4


@pytest.mark.usefixtures("nothing_starts")
def test_a_journal_that_can_not_be_read_ends_it_in_words():
    search = begin(RATES)
    search.journal.write_text("no journal\n")
    search = end(search)
    assert search.said.startswith("It broke off") and "log.txt" in search.said and not jobs.queue()


@pytest.mark.usefixtures("nothing_starts")
def test_one_that_is_at_work_or_has_ended_is_left_alone():
    search = begin(RATES)
    with liveness.claim(search.folder):
        assert states(end(search)) == ["in progress"]
    searches.cancel("rates")
    ended = end(search)
    assert end(search) == ended


def test_after_a_kill_the_next_process_goes_on_and_asks_nothing_twice(tmp_path):
    know_precision()
    folder = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
    base = Config(data=str(folder), **{**SMALL, "learning_rate": 0.001, "epochs": 4})
    first = searches.create("rates", base, {"learning_rate": (0.001, 0.01)}, 600)
    search = searches.find("rates")
    wait_until(lambda: search.journal.exists() and first.id in search.journal.read_text())
    os.kill(process_of("search"), signal.SIGKILL)
    with search.journal.open("a") as file:
        file.write('{"op_code":5,"half a line')
    wait_until(lambda: not searches.is_at_work(search))
    searches.wake()
    for number in (1, 2):  # one after the other, as each takes its time on a machine that is busy
        wait_until(lambda number=number: [run.state for run in sweeps.runs("rates")].count("finished") == number)
    wait_until(lambda: searches.find("rates").ended is not None)
    runs = sweeps.runs("rates")
    assert [(run.id == first.id, run.state) for run in runs] == [(True, "finished"), (False, "finished")]
    assert {run.config.learning_rate for run in runs} == {0.001, 0.01} and searches.find("rates").said == searching.TRIED
    wait_until(lambda: not searches.is_at_work(search))
