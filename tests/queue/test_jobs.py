"""Runs are queued, moved, stopped and resumed, and their workers do it, for real."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from catsdogs.analysis import evaluation
from catsdogs.errors import InputError
from catsdogs.queue import dispatcher, jobs, processes
from catsdogs.runs import history, liveness, store
from catsdogs.settings.config import Config
from catsdogs.system import notices, priority
from tests import breaking, storing
from tests.hanging import fall_silent, hold_until_stopped, worker
from tests.images import photographs
from tests.running import create
from tests.waiting import wait_until
from tests.workers import ended, is_in_an_epoch, process_of, state

PROJECT = Path(__file__).parents[2]
PATIENCE = 90  # seconds, for a machine that is busy
SUBMIT = """
from catsdogs.queue import jobs
from catsdogs.runs import store
from catsdogs.system import priority
priority.LOW = 0
jobs.submit(*map(store.load, {ids}))
"""
KILLED_WITHDRAWING = """
import os, signal, sys
from catsdogs.queue import jobs
from catsdogs.runs import store
removed = []
def note(event, arguments):
    if event == "os.remove":
        removed.append(arguments)
        if len(removed) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(note)
jobs.withdraw(store.list_all())
"""


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


def is_halted(process: int) -> bool:
    """Whether all of its threads are."""
    threads = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/stat")]
    return all(each.rpartition(")")[2].split()[0] == "T" for each in threads)


def submitted(folder, **settings):
    run = create(folder, **settings)
    jobs.submit(run)
    return run


def test_runs_wait_in_the_order_of_their_creation(folder):
    created = [create(folder, model=model).id for model in ("dense", "conv2d", "dense", "conv2d")]
    assert [run.id for run in jobs.queue()] == created


def test_where_the_clock_was_set_back_new_runs_wait_behind_those_that_wait(folder, monkeypatch):
    monkeypatch.setattr(jobs, "wake", lambda: None)
    earlier = create(folder)
    path = earlier.folder / "config.json"
    path.write_text(path.read_text().replace(f'"created": "{earlier.created.year}', '"created": "2199'))
    created = jobs.create([earlier.config] * 3)
    assert [run.id for run in jobs.queue()] == [earlier.id, *(run.id for run in created)]


def test_a_waiting_run_is_moved_as_far_as_there_are_places(folder):
    first, second, third = (create(folder) for _ in range(3))
    jobs.move(third, -1)
    assert jobs.queue() == [first, third, second]
    jobs.move(first, 100)
    assert jobs.queue() == [third, second, first]
    jobs.move(second, -100)
    assert jobs.queue() == [second, third, first]


def test_of_the_moves_of_several_processes_at_once_none_is_lost(folder):
    runs = [create(folder) for _ in range(24)]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(jobs.move, [(run, -100) for run in runs[12:]], chunksize=1)
    order = [run.id for run in jobs.queue()]
    assert set(order[:12]) == {run.id for run in runs[12:]}, "a move that did not know of another one has undone it"
    assert order[12:] == [run.id for run in runs[:12]]


@pytest.mark.parametrize("kind", breaking.ALL)
def test_a_damaged_order_is_begun_anew(kind, folder, home):
    first, second, third = (create(folder) for _ in range(3))
    jobs.move(third, -2)
    breaking.ALL[kind](home / "queue.json")
    assert jobs.queue() == [first, second, third]
    jobs.move(second, -1)
    assert jobs.queue() == [second, first, third]
    assert os.path.lexists(home / "queue.json.unreadable-1") and len(notices.take()) == 1


def test_an_order_that_names_runs_that_are_gone_is_followed(folder, home):
    first, second = create(folder), create(folder)
    (home / "queue.json").write_text(f'["gone", "{second.id}", "{second.id}", "\\u0000"]')
    assert jobs.queue() == [second, first]


def test_a_new_run_waits_behind_those_that_were_moved(folder):
    first, second = create(folder), create(folder)
    jobs.move(second, -1)
    third = create(folder)
    assert jobs.queue() == [second, first, third]


def test_a_run_that_does_not_wait_is_not_moved(folder):
    run = create(folder)
    jobs.stop(run)
    with pytest.raises(InputError, match="is stopped; only a waiting one can be moved"):
        jobs.move(run, -1)


@pytest.mark.parametrize("kind", breaking.PLACES)
def test_whatever_is_in_the_place_of_the_lock_a_dispatcher_is_woken(kind, home, monkeypatch):
    store.create(Config())
    monkeypatch.setattr(processes, "sys", SimpleNamespace(executable=shutil.which("true")))
    breaking.PLACES[kind](jobs.lock())
    jobs.wake()
    breaking.remove(jobs.lock())
    assert (home / "dispatcher.log").exists()


def test_runs_outlive_their_submitter_one_after_the_other(folder, tmp_path):
    first, second = create(folder), create(tmp_path / "nowhere")
    code = f"{SUBMIT.format(ids=[first.id, second.id])}print('submitted', flush=True); input()"
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as submitter:
        assert submitter.stdout.readline() == b"submitted\n"
        assert state(first) in store.WAITING and state(second) == "queued"
        os.killpg(submitter.pid, signal.SIGKILL)
    first, second = ended(first), ended(second)
    assert (first.state, second.state) == ("finished", "failed"), (first.status, second.status)
    assert first.status["started"] < first.status["ended"] < second.status["started"]
    assert evaluation.load(first) and "epoch 2/2" in first.log_path.read_text(encoding="utf-8")


def test_a_relative_home_folder_is_that_of_the_worker_too(tmp_path, home):
    run = create(tmp_path / "nowhere")
    env = {**os.environ, "CATSDOGS_HOME": home.name, "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "-c", SUBMIT.format(ids=[run.id])], cwd=home.parent, env=env, check=True)
    assert "There is no folder" in ended(run).status["error"]


def test_a_stop_is_heard_while_tensorflow_is_imported(folder):
    run = submitted(folder)
    wait_until(lambda: liveness.is_alive(run.folder) and state(run) == "running")
    running = store.load(run.id)
    assert running.status["phase"] == "starting"
    jobs.stop(running)
    assert ended(run).state == "stopped"
    assert history.load(run) == [] and not run.model_path.exists()


def test_a_worker_that_only_seemed_to_hang_goes_on_and_a_stop_within_an_epoch_keeps_what_was_learned(folder):
    run = submitted(folder, model="conv2d", target_size=64, batch_size=1, epochs=500)
    wait_until(lambda: is_in_an_epoch(run))
    number = process_of("work", run.id)
    os.kill(number, signal.SIGSTOP)
    wait_until(lambda: is_halted(number))  # which takes a thread that is writing its status until that is written
    fall_silent(run, 1000)
    assert state(run) == "hung"
    os.kill(number, signal.SIGCONT)
    wait_until(lambda: state(run) == "running")
    jobs.stop(store.load(run.id), store.PRUNED)
    stopped = ended(run)
    assert stopped.state == "stopped" and stopped.ending == "pruned" and stopped.is_resumable and "note" not in stopped.status
    assert run.model_path.exists() and run.resume_path.exists()
    assert [epoch["epoch"] for epoch in history.load(run)] == list(range(1, history.epochs_done(run) + 1))


def test_a_run_that_a_search_stopped_is_pruned_though_it_had_to_be_killed():
    run = store.create(Config())
    store.write_status(run, "running", started="2026-01-01T10:00:00+00:00")
    liveness.request_stop(run.folder, store.PRUNED)
    jobs.note_killed(store.load(run.id))
    assert store.load(run.id).ending == "pruned" and "killed" in store.load(run.id).status["note"]


def test_a_killed_run_is_resumed_to_its_end(folder, monkeypatch):
    monkeypatch.setattr(priority, "LOW", 1)
    run = submitted(folder, epochs=12, batch_size=2)
    wait_until(lambda: is_in_an_epoch(run))
    assert os.getpriority(os.PRIO_PROCESS, process_of("work", run.id)) == priority.LOW  # pages come first
    os.kill(process_of("work", run.id), signal.SIGKILL)
    wait_until(lambda: not liveness.is_alive(run.folder))
    killed = store.load(run.id)
    assert killed.state == "interrupted" and killed.is_resumable
    before = history.load(run)
    jobs.resume(killed)
    run = ended(run)
    assert run.state == "finished", run.status
    assert run.status["started"] == killed.status["started"] < run.status["resumed"] < run.status["ended"]
    assert run.status["seconds_at_work"] > killed.status["seconds_at_work"]
    assert [epoch["epoch"] for epoch in history.load(run)] == list(range(1, 13))
    assert history.load(run)[: len(before) - 1] == before[:-1]  # the last one may have been reported without being stored


def test_a_queued_run_is_stopped_at_once_and_never_starts(folder):
    with dispatcher.turn(print):  # nothing else starts meanwhile
        run = submitted(folder)
        assert state(run) == "queued"
        jobs.stop(store.load(run.id))
        assert state(run) == "stopped"
    assert jobs.queue() == [] and not run.log_path.exists()


def test_a_stop_that_comes_too_late_changes_nothing(folder):
    seen = create(folder)  # as a page that was drawn a while ago holds it: queued
    store.write_status(storing.evaluated(0.9, seen), "finished")
    jobs.stop(seen)
    assert state(seen) == "finished" and not liveness.is_stop_requested(seen.folder)


def test_to_stop_a_run_that_was_deleted_meanwhile_is_refused_in_words(folder):
    seen = create(folder)
    shutil.rmtree(seen.folder)
    with pytest.raises(InputError, match=f"no run '{seen.id}'"):
        jobs.stop(seen)


def test_of_runs_that_are_withdrawn_those_that_are_gone_are_passed_over(nothing_starts):
    created = jobs.create([Config(seed=seed) for seed in range(3)])
    shutil.rmtree(created[1].folder)
    jobs.withdraw(created)
    assert not store.list_all()


def test_a_run_that_is_withdrawn_is_gone_at_once_and_never_a_damaged_one(nothing_starts):
    jobs.create([Config()])
    assert subprocess.run([sys.executable, "-c", KILLED_WITHDRAWING], cwd=PROJECT).returncode == -signal.SIGKILL
    assert not store.list_all() and not store.list_unreadable()


def test_a_run_that_is_resumed_while_its_worker_says_once_more_that_it_stopped_waits_in_the_queue(nothing_starts, folder):
    run = create(folder)
    with worker(run, hold_until_stopped) as process:
        jobs.stop(store.load(run.id))
        wait_until(lambda: state(run) == "stopped")
        jobs.resume(store.load(run.id))
        process.join(PATIENCE)
    assert state(run) == "queued" and not liveness.is_stop_requested(run.folder)


def test_a_run_that_was_resumed_since_is_not_noted_as_killed(nothing_starts, folder):
    run = create(folder)
    store.write_status(run, "stopped")
    liveness.request_stop(run.folder)
    jobs.resume(store.load(run.id))
    jobs.note_killed(run)
    assert state(run) == "queued"


@pytest.mark.parametrize("name", ["finished", "queued"])
def test_only_a_run_that_ended_early_can_be_resumed(folder, name):
    run = storing.evaluated(0.9, create(folder))
    store.write_status(run, name)
    with pytest.raises(InputError, match=f"{run.id} is {name}"):
        jobs.resume(store.load(run.id))
    assert not (run.folder / "log.txt").exists()


@pytest.mark.parametrize("act", [jobs.stop, jobs.resume])
def test_a_worker_that_hangs_is_killed_where_it_does_not_react(nothing_starts, folder, monkeypatch, act):
    monkeypatch.setattr(jobs, "_GRACE", 0.3)
    run = create(folder)
    with worker(run) as process:
        os.kill(process.pid, signal.SIGSTOP)
        fall_silent(run, 1000)
        act(store.load(run.id))
        process.join(PATIENCE)
        assert process.exitcode == -signal.SIGKILL
        after = store.load(run.id)
    assert after.state == ("stopped" if act is jobs.stop else "queued")
    assert after.is_resumable == (act is jobs.stop) and ("was killed" in after.status.get("note", "")) == (act is jobs.stop)
    assert liveness.is_stop_requested(run.folder) == (act is jobs.stop)


def test_a_killed_worker_gets_the_time_that_the_system_takes_to_take_it_down(nothing_starts, folder, monkeypatch):
    monkeypatch.setattr(jobs, "_GRACE", 0.1)
    run = create(folder)
    with worker(run, lingers=True):
        fall_silent(run, 1000)
        jobs.stop(store.load(run.id))
    assert state(run) == "stopped"
