"""Runs in processes of their own: started, queued, stopped, killed and resumed, for real."""

import os
import signal
import subprocess
import sys

import pytest

from catsdogs.analysis import evaluation
from catsdogs.errors import InputError
from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import history, liveness, store
from tests.queue.processes import create, ended, is_in_an_epoch, state, submitted
from tests.waiting import wait_until


def test_a_run_outlives_the_process_that_submitted_it(folder, home):
    """Which knows the home folder by a relative path."""
    run = create(folder)
    imports = "from catsdogs.queue import jobs; from catsdogs.runs import store"
    code = f"{imports}; jobs.submit(store.load({run.id!r})); print('submitted', flush=True); input()"
    options = {"cwd": home.parent, "env": {**os.environ, "CATSDOGS_HOME": home.name}, "start_new_session": True}
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options) as submitter:
        assert submitter.stdout.readline() == b"submitted\n"
        assert state(run) in store.WAITING
        os.killpg(submitter.pid, signal.SIGKILL)
    run = ended(run)
    assert run.state == "finished", run.status
    assert evaluation.load(run) and "epoch 1/1" in run.log_path.read_text(encoding="utf-8")


def test_runs_are_queued_in_the_order_of_their_creation(folder):
    created = [create(folder, model=model).id for model in ("dense", "conv2d", "dense", "conv2d")]
    assert [run.id for run in jobs.queue()] == created


def test_a_waiting_run_is_moved_as_far_as_there_are_places(folder):
    first, second, third = (create(folder) for _ in range(3))
    jobs.move(third, -1)
    assert jobs.queue() == [first, third, second]
    jobs.move(first, 100)
    assert jobs.queue() == [third, second, first]
    jobs.move(second, -100)
    assert jobs.queue() == [second, third, first]


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


def test_a_stop_is_noticed_while_tensorflow_is_imported(folder):
    run = submitted(folder)
    wait_until(lambda: liveness.is_alive(run.folder) and state(run) == "running")
    running = store.load(run.id)
    assert running.status["phase"] == "starting"
    jobs.stop(running)
    assert ended(run).state == "stopped" and "epoch" not in store.load(run.id).status


def test_a_stop_within_an_epoch_keeps_the_epochs_before_it(folder):
    run = submitted(folder, model="conv2d", target_size=64, batch_size=1, epochs=500)
    wait_until(lambda: is_in_an_epoch(run))
    jobs.stop(store.load(run.id))
    assert ended(run).state == "stopped"
    assert run.model_path.exists() and run.resume_path.exists()
    assert [epoch["epoch"] for epoch in history.load(run)] == list(range(1, history.epochs_done(run) + 1))


def test_a_queued_run_is_stopped_at_once_and_never_starts(folder):
    with dispatcher.turn(print):  # nothing else starts meanwhile
        run = submitted(folder)
        assert state(run) == "queued"
        jobs.stop(store.load(run.id))
        assert state(run) == "stopped"
    assert jobs.queue() == [] and not run.log_path.exists()


def test_a_stop_that_comes_too_late_leaves_a_finished_run_finished(folder):
    seen = create(folder)  # as a page that was drawn a while ago holds it: queued
    store.write_status(seen, "finished")
    jobs.stop(seen)
    assert state(seen) == "finished"


def test_a_run_has_one_worker_at_most(folder):
    run = create(folder)
    with liveness.claim(run.folder), pytest.raises(InputError, match="already being worked on"), liveness.claim(run.folder):
        pass


@pytest.mark.parametrize("name", ["finished", "queued"])
def test_only_a_run_that_ended_early_can_be_resumed(folder, name):
    run = create(folder)
    store.write_status(run, name)
    with pytest.raises(InputError, match=f"{run.id} is {name}"):
        jobs.resume(store.load(run.id))
    assert not (run.folder / "log.txt").exists()
