"""Runs in processes of their own: started, queued, stopped, killed and resumed, for real."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from catsdogs.analysis import evaluation
from catsdogs.errors import InputError
from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import history, liveness, store, trash
from catsdogs.settings.config import Config
from tests.images import photographs
from tests.waiting import is_free, wait_until

PROJECT = Path(__file__).parents[2]
SMALL = {"model": "dense", "dense_units": 8, "target_size": 32, "batch_size": 8, "precision": "float32", "epochs": 1}
PATIENCE = 90  # seconds, for a machine that is busy


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


def create(folder, **settings):
    return store.create(Config(data=str(folder), **{**SMALL, **settings}))


def submitted(folder, **settings):
    run = create(folder, **settings)
    jobs.submit(run)
    return run


def state(run):
    return store.load(run.id).state


def ended(run):
    """The run when it has ended and its process with it."""
    wait_until(lambda: state(run) in store.ENDED and not liveness.is_alive(run.folder))
    return store.load(run.id)


def is_in_an_epoch(run):
    return history.epochs_done(run) >= 1 and store.load(run.id).status.get("activity") == "training"


def process_of(*words):
    """The process with these words on its command line and this test's home folder."""
    home = f"CATSDOGS_HOME={os.environ['CATSDOGS_HOME']}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, surroundings = ((entry / name).read_bytes().split(b"\0") for name in ("cmdline", "environ"))
        except OSError:  # ended a moment ago
            continue
        if home in surroundings and {word.encode() for word in words} <= set(command):
            return int(entry.name)
    raise AssertionError(f"there is no process with {words}")


def test_a_run_outlives_the_process_that_submitted_it(folder):
    run = create(folder)
    imports = "from catsdogs.queue import jobs; from catsdogs.runs import store"
    code = f"{imports}; jobs.submit(store.load({run.id!r})); print('submitted', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as submitter:
        assert submitter.stdout.readline() == b"submitted\n"
        assert state(run) in store.WAITING
        os.killpg(submitter.pid, signal.SIGKILL)
    run = ended(run)
    assert run.state == "finished", run.status
    assert evaluation.load(run) and "epoch 1/1" in run.log_path.read_text(encoding="utf-8")


def test_runs_are_queued_in_the_order_of_their_creation_whatever_they_are(folder):
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
    with pytest.raises(InputError, match="is stopped; only one that waits can be moved"):
        jobs.move(run, -1)


def test_the_order_that_was_chosen_is_the_order_in_which_they_run(folder, tmp_path):
    first, second = create(tmp_path / "nowhere"), create(tmp_path / "nowhere")
    jobs.move(second, -1)
    dispatcher.dispatch()
    first, second = ended(first), ended(second)
    assert second.status["ended"] < first.status["started"]


def test_with_two_devices_two_runs_train_at_the_same_time_each_told_which_is_its_own(folder):
    made = [create(folder, epochs=500, batch_size=1) for _ in range(3)]
    dispatching = threading.Thread(target=dispatcher.dispatch, args=([{"SLOT": "one"}, {"SLOT": "two"}],))
    dispatching.start()
    wait_until(lambda: all(is_in_an_epoch(run) for run in made[:2]))
    assert state(made[2]) == "queued"
    slots = [Path(f"/proc/{process_of('work', run.id)}/environ").read_bytes() for run in made[:2]]
    assert b"SLOT=one" in slots[0] and b"SLOT=two" in slots[1]
    jobs.stop(store.load(made[0].id))
    wait_until(lambda: is_in_an_epoch(made[2]))
    assert state(made[1]) == "running"
    for run in made[1:]:
        jobs.stop(store.load(run.id))
    dispatching.join()


def test_submitted_runs_run_one_after_the_other(folder, tmp_path):
    first, second = submitted(folder), submitted(tmp_path / "nowhere")
    first, second = ended(first), ended(second)
    assert (first.state, second.state) == ("finished", "failed")
    assert first.status["started"] < first.status["ended"] < second.status["started"]


def test_a_stop_during_the_import_of_tensorflow_takes_less_than_two_seconds(folder):
    run = submitted(folder)
    wait_until(lambda: liveness.is_alive(run.folder) and state(run) == "running")
    running = store.load(run.id)
    assert running.status["phase"] == "starting"
    jobs.stop(running)
    assert wait_until(lambda: state(run) == "stopped" and not liveness.is_alive(run.folder)) < 2


def test_a_stop_in_the_middle_of_an_epoch_takes_less_than_two_seconds_and_keeps_what_was_learned(folder):
    run = submitted(folder, model="conv2d", target_size=64, batch_size=1, epochs=500)
    wait_until(lambda: is_in_an_epoch(run))
    jobs.stop(store.load(run.id))
    assert wait_until(lambda: state(run) == "stopped" and not liveness.is_alive(run.folder)) < 2
    assert run.model_path.exists() and run.resume_path.exists()
    assert [epoch["epoch"] for epoch in history.load(run)] == list(range(1, history.epochs_done(run) + 1))


def test_a_killed_run_is_interrupted_and_can_be_resumed_to_its_end(folder):
    run = submitted(folder, epochs=12, batch_size=2)
    wait_until(lambda: is_in_an_epoch(run))
    os.kill(process_of("work", run.id), signal.SIGKILL)
    wait_until(lambda: not liveness.is_alive(run.folder))
    killed = store.load(run.id)
    assert killed.state == "interrupted" and killed.is_resumable
    before = history.load(run)
    jobs.resume(killed)
    run = ended(run)
    assert run.state == "finished", run.status
    assert [epoch["epoch"] for epoch in history.load(run)] == list(range(1, 13))
    assert history.load(run)[: len(before) - 1] == before[:-1]  # the last one may have been told without being stored


def test_the_next_run_waits_for_a_worker_whose_dispatcher_was_killed(folder, home):
    first = submitted(folder, model="conv2d", target_size=64, batch_size=1, epochs=500)
    wait_until(lambda: liveness.is_alive(first.folder))
    os.kill(process_of("dispatch"), signal.SIGKILL)
    wait_until(is_free)
    second = submitted(folder)
    wait_until(lambda: is_in_an_epoch(first))
    assert (state(first), state(second)) == ("running", "queued")
    jobs.stop(first)
    first, second = ended(first), ended(second)
    assert first.status["ended"] < second.status["started"]


def test_a_queued_run_is_stopped_at_once_and_never_starts(folder):
    with dispatcher.turn(print):  # nothing else starts meanwhile
        run = submitted(folder)
        assert state(run) == "queued"
        jobs.stop(store.load(run.id))
        assert state(run) == "stopped"
    assert jobs.queue() == [] and not run.log_path.exists()


def test_a_run_that_is_deleted_just_before_its_turn_does_not_end_the_dispatcher(folder, monkeypatch):
    run, read = create(folder), jobs.queue

    def read_and_then_delete():
        waiting = read()
        if waiting and not is_free():
            jobs.stop(run)
            trash.put(run)
        return waiting

    monkeypatch.setattr(jobs, "queue", read_and_then_delete)
    dispatcher.dispatch()
    assert read() == [] and store.list_all() == []


def test_a_stop_that_comes_too_late_leaves_a_finished_run_finished(folder):
    seen = create(folder)  # as a page that was drawn a while ago holds it: queued
    store.write_status(seen, "finished")
    jobs.stop(seen)
    assert state(seen) == "finished"


def test_a_worker_that_cannot_start_fails_and_lets_the_next_one_run(folder, tmp_path, monkeypatch):
    hopeless, next_one = create(folder), create(tmp_path / "nowhere")
    (tmp_path / "sitecustomize.py").write_text(f"import os, sys\n{hopeless.id!r} in sys.orig_argv and os._exit(7)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    jobs.submit(hopeless)
    hopeless, next_one = ended(hopeless), ended(next_one)
    assert hopeless.state == "failed" and "status 7" in hopeless.status["error"]
    assert next_one.state == "failed" and "There is no folder" in next_one.status["error"]


def test_a_relative_home_folder_is_the_same_one_for_the_worker(tmp_path, home):
    run = create(tmp_path / "nowhere")
    code = f"from catsdogs.queue import jobs; from catsdogs.runs import store; jobs.submit(store.load({run.id!r}))"
    surroundings = {**os.environ, "CATSDOGS_HOME": home.name, "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "-c", code], cwd=home.parent, env=surroundings, check=True)
    wait_until(lambda: state(run) == "failed", within=20)


def test_a_run_in_the_foreground_waits_for_its_turn_and_is_nobody_elses(folder):
    words = [sys.executable, "-m", "catsdogs", "train", "--data", str(folder), "--set", "target_size=32", "--set", "batch_size=8"]
    with (
        dispatcher.turn(print),
        subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as foreground,
    ):
        assert "waiting until the runs before this one have ended" in foreground.stdout.readline()
        queued = jobs.queue()
        foreground.send_signal(signal.SIGINT)
        try:
            errors = foreground.communicate(timeout=PATIENCE)[1]
        finally:
            foreground.kill()  # it would wait for this test, and this test for it, where a shell's background ignores Ctrl-C
    assert queued == [], "a dispatcher would run it a second time"
    assert "Traceback" not in errors


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
