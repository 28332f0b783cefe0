"""The dispatcher and its workers, for real: killed, deleted under it, on two devices."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import history, liveness, store, trash
from tests.queue.processes import create, ended, is_in_an_epoch, state, submitted
from tests.waiting import is_free, wait_until

PATIENCE = 90  # seconds, for a busy machine


def process_of(*words):
    """The process with these words on its command line and this test's home folder."""
    home = f"CATSDOGS_HOME={os.environ['CATSDOGS_HOME']}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, env = ((entry / name).read_bytes().split(b"\0") for name in ("cmdline", "environ"))
        except OSError:  # ended a moment ago
            continue
        if home in env and {word.encode() for word in words} <= set(command):
            return int(entry.name)
    raise AssertionError(f"there is no process with {words}")


def test_each_of_two_devices_trains_a_run_of_its_own(folder):
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


def test_runs_start_one_after_the_other_in_the_chosen_order(folder, tmp_path):
    first, second = create(folder), create(tmp_path / "nowhere")
    jobs.move(second, -1)
    dispatcher.dispatch()
    first, second = ended(first), ended(second)
    assert (first.state, second.state) == ("finished", "failed")
    assert second.status["started"] < second.status["ended"] < first.status["started"]


def test_a_killed_run_is_interrupted_and_resumed(folder):
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


def test_a_worker_whose_dispatcher_was_killed_is_waited_for(folder, home):
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


def test_a_run_deleted_before_its_turn_is_passed_over(folder, monkeypatch):
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


def test_a_worker_that_cannot_start_fails(folder, tmp_path, monkeypatch):
    hopeless, next_one = create(folder), create(tmp_path / "nowhere")
    (tmp_path / "sitecustomize.py").write_text(f"import os, sys\n{hopeless.id!r} in sys.orig_argv and os._exit(7)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    jobs.submit(hopeless)
    hopeless, next_one = ended(hopeless), ended(next_one)
    assert hopeless.state == "failed" and "status 7" in hopeless.status["error"]
    assert next_one.state == "failed" and "There is no folder" in next_one.status["error"]


def test_a_run_in_the_foreground_waits_for_its_turn(folder):
    words = [sys.executable, "-m", "catsdogs", "train", "--data", str(folder), "--set", "target_size=32", "--set", "batch_size=8"]
    with (
        dispatcher.turn(print),
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as foreground,
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
