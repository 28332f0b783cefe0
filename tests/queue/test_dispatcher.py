"""Workers are started in turn, each on a device of its own, whatever happens to them and to the dispatcher."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from catsdogs.queue import dispatcher, jobs, processes
from catsdogs.queue.engine import End, Job
from catsdogs.queue.local import Local
from catsdogs.runs import liveness, store, trash
from catsdogs.system import locks, shortage
from tests import limits
from tests.images import photographs
from tests.running import create
from tests.waiting import is_free, wait_until
from tests.workers import ended, is_in_an_epoch, process_of, state

PROJECT = Path(__file__).parents[2]
BREAK_WORKERS = """
import os, sys
if "work" in sys.orig_argv:
    print(sys.orig_argv[-1], file=open({started!r}, "a"), flush=True)
    os._exit(7)
"""
KILL_WORKERS = """
import os, signal, sys
if "work" in sys.orig_argv:
    from catsdogs.runs import liveness, store
    run = store.load(sys.orig_argv[-1])
    with liveness.claim(run.folder):
        store.write_status(run, "running")
        if {is_counted}:
            open({counts!r}, "w").write("oom_kill 4\\n")
        os.kill(os.getpid(), signal.SIGKILL)
"""
WAITING_WORKERS = """
import os, sys, time
if "work" in sys.orig_argv:
    print(sys.orig_argv[-1], file=open({started!r}, "a"), flush=True)
    while not os.path.exists({end!r}):
        time.sleep(0.02)
    os._exit(7)
"""
RESUME = """
import os, pathlib, sys, time
from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import store
run = store.load({id!r})
pathlib.Path({ready!r}).touch()
while not os.path.exists({go!r}):
    time.sleep(0.001)
try:
    jobs.resume(run)
except InputError:
    sys.exit(3)
"""
SPEECHLESS_WORKERS = """
import os, sys
if "work" in sys.orig_argv:
    from catsdogs.runs import store
    store.write_status(store.load(sys.orig_argv[-1]), "running")
    os._exit(2)
"""
DEAF_WORKERS = """
import os, sys, time
if "work" in sys.orig_argv:
    from catsdogs.runs import liveness, store
    run = store.load(sys.orig_argv[-1])
    with liveness.claim(run.folder):
        if {has_begun}:
            store.write_status(run, "running")
        liveness.request_stop(run.folder)
        os.utime(run.folder / "stop", (0, 0))
        time.sleep(600)
"""
PATIENCE = 90  # seconds, for a machine that is busy


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Where workers leave the ids of their runs: all that they do before they break off, so that they need not load Keras."""
    (tmp_path / "sitecustomize.py").write_text(BREAK_WORKERS.format(started=str(tmp_path / "started")))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{PROJECT}")
    return tmp_path / "started"


def test_workers_that_cannot_start_fail_in_their_order(tmp_path, started):
    first, second, third = (create(tmp_path / "nowhere") for _ in range(3))
    jobs.move(third, -2)
    dispatcher.dispatch()
    assert started.read_text().split() == [third.id, first.id, second.id]
    for run in (first, second, third):
        assert state(run) == "failed" and "status 7" in store.load(run.id).status["error"]


def test_while_no_worker_can_be_started_runs_wait_and_the_log_says_why(tmp_path, started, monkeypatch, capfd):
    run, said = create(tmp_path / "nowhere"), []
    monkeypatch.setattr(dispatcher, "_RETRY_AFTER", 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(processes, "sys", SimpleNamespace(executable="/nowhere/python"))  # as while its environment is made anew
        dispatching = threading.Thread(target=dispatcher.dispatch, daemon=True)
        dispatching.start()
        wait_until(lambda: said.append(capfd.readouterr().out) or "'/nowhere/python'). Runs wait," in "".join(said))
        assert state(run) == "queued"
    dispatching.join()
    assert started.read_text().split() == [run.id]


def test_two_runs_work_at_once_each_on_its_own_device(folder):
    made = [create(folder, epochs=500) for _ in range(3)]
    dispatching = threading.Thread(target=dispatcher.dispatch, args=([{"SLOT": "one"}, {"SLOT": "two"}],))
    dispatching.start()
    wait_until(lambda: all(liveness.is_alive(run.folder) and state(run) == "running" for run in made[:2]))
    assert state(made[2]) == "queued"
    envs = [Path(f"/proc/{process_of('work', run.id)}/environ").read_bytes() for run in made[:2]]
    assert b"SLOT=one" in envs[0] and b"SLOT=two" in envs[1]
    jobs.stop(store.load(made[0].id))
    wait_until(lambda: state(made[2]) == "running")
    assert (state(made[0]), state(made[1])) == ("stopped", "running")
    for run in made[1:]:
        jobs.stop(store.load(run.id))
    dispatching.join()


def test_the_next_run_waits_for_an_orphaned_worker(folder, tmp_path):
    first = create(folder, model="conv2d", target_size=64, batch_size=1, epochs=500)
    jobs.submit(first)
    wait_until(lambda: liveness.is_alive(first.folder))
    os.kill(process_of("dispatch"), signal.SIGKILL)
    wait_until(is_free)
    second = create(tmp_path / "nowhere")
    jobs.submit(second)
    wait_until(lambda: is_in_an_epoch(first))
    assert (state(first), state(second)) == ("running", "queued")
    jobs.stop(first)
    first, second = ended(first), ended(second)
    assert first.status["ended"] < second.status["started"]


def test_a_worker_whose_run_was_damaged_is_waited_for_too(folder):
    run, entered = create(folder), threading.Event()
    (run.folder / "config.json").write_text("")

    def take_turn():
        with dispatcher.turn(print):
            entered.set()

    waiting = threading.Thread(target=take_turn)
    with liveness.claim(run.folder):
        waiting.start()
        wait_until(lambda: not is_free())
        assert not entered.wait(0.5)
    waiting.join(PATIENCE)
    assert entered.is_set()


def test_a_run_deleted_just_before_its_turn_is_passed_over(folder, monkeypatch):
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


def test_a_run_in_the_foreground_waits_for_its_turn(folder):
    """It is not in the queue meanwhile, where a dispatcher would train it a second time; Ctrl-C ends the waiting."""
    hearing = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # which a shell's background ignores
    words = [sys.executable, "-c", f"{hearing}; runpy.run_module('catsdogs', run_name='__main__')", "train", "--data", str(folder)]
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
            foreground.kill()  # it would wait for this test, and this test for it
    assert queued == []
    assert "Traceback" not in errors and foreground.returncode == 130


def test_what_was_queued_behind_a_run_in_the_foreground_begins_though_that_broke_off(tmp_path, started):
    with pytest.raises(KeyboardInterrupt), dispatcher.turn(print):
        run = create(tmp_path / "nowhere")
        subprocess.run([sys.executable, "-m", "catsdogs", "dispatch"], cwd=PROJECT, check=True)  # which finds the device taken
        raise KeyboardInterrupt
    assert ended(run).state == "failed" and started.read_text().split() == [run.id]


def test_a_dispatcher_does_not_take_who_asks_for_one_that_is_at_work(tmp_path, started, monkeypatch):
    monkeypatch.setattr(dispatcher, "_PATIENCE", PATIENCE)
    run = create(tmp_path / "nowhere")
    dispatching = threading.Thread(target=dispatcher.dispatch)
    with locks.shared(jobs.lock()):  # as whoever asks does, for a moment
        dispatching.start()
        dispatching.join(0.2)
    dispatching.join()
    assert state(run) == "failed" and started.read_text().split() == [run.id]


@pytest.mark.parametrize("is_counted", [True, False], ids=["by the kernel", "by somebody"])
def test_a_worker_that_was_killed_for_memory_is_said_to_have_been(folder, tmp_path, monkeypatch, is_counted):
    counts = tmp_path / "vmstat"
    counts.write_text("oom_kill 3\n")
    monkeypatch.setattr(shortage, "_OWN", tmp_path / "nowhere")
    monkeypatch.setattr(shortage, "_OF_MACHINE", counts)
    (tmp_path / "sitecustomize.py").write_text(KILL_WORKERS.format(counts=str(counts), is_counted=is_counted))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{PROJECT}")
    killed, next_one = create(folder, batch_size=9), create(tmp_path / "nowhere")
    dispatcher.dispatch()
    if is_counted:
        error = "The system ended the worker because the computer ran out of memory; try batch_size = 4 or smaller images"
        assert state(killed) == "failed" and store.load(killed.id).status["error"].startswith(error)
    else:
        assert state(killed) == "interrupted"
    assert state(next_one) in store.ENDED, "the queue goes on"


def test_a_worker_that_the_kernel_kills_for_memory_is_said_to_have_been(folder, tmp_path):
    run, next_one = create(folder, batch_size=9), create(tmp_path / "nowhere")
    with limits.control_group(300 * 2**20) as group:  # half of what TensorFlow takes
        if group is None:
            pytest.skip("needs a control group for memory, which only root can make, and not in every container")
        limits.run_in(group, sys.executable, "-m", "catsdogs", "dispatch")
    assert state(run) == "failed" and "ended the worker because the computer ran out of memory" in store.load(run.id).status["error"]
    assert state(next_one) == "failed" and "ran out of memory" not in store.load(next_one.id).status["error"], "the queue goes on"


@pytest.mark.parametrize("has_begun", [True, False], ids=["while training", "while it still loads Keras"])
def test_a_worker_that_is_deaf_to_a_stop_is_killed_and_the_queue_goes_on(folder, tmp_path, monkeypatch, has_begun):
    deaf = [create(folder), create(folder)]
    (tmp_path / "sitecustomize.py").write_text(DEAF_WORKERS.format(has_begun=has_begun))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{PROJECT}")
    dispatcher.dispatch()
    for run in deaf:
        assert state(run) == "stopped" and "was killed" in store.load(run.id).status["note"]


def test_a_worker_that_could_not_write_why_it_failed_has_failed(folder, tmp_path, monkeypatch):
    run = create(folder)
    (tmp_path / "sitecustomize.py").write_text(SPEECHLESS_WORKERS)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{PROJECT}")
    dispatcher.dispatch()
    assert state(run) == "failed" and "status 2 and could not write why" in store.load(run.id).status["error"]


def test_a_worker_that_was_killed_on_a_full_disk_is_noted_as_stopped_once_there_is_room(folder, monkeypatch):
    run = create(folder)
    liveness.request_stop(run.folder)
    with ExitStack() as full:
        full.enter_context(limits.files_up_to(20))
        monkeypatch.setattr(dispatcher, "time", SimpleNamespace(sleep=lambda seconds: full.close()))  # room is made while it waits
        dispatcher._settle(Local(), Job(run, store.status_version(run)), End(-signal.SIGKILL))
    assert state(run) == "stopped" and "was killed" in store.load(run.id).status["note"]


def test_a_worker_whose_run_was_damaged_before_it_was_killed_does_not_end_the_dispatcher(folder):
    run = create(folder)
    liveness.request_stop(run.folder)
    (run.folder / "config.json").write_text("")
    dispatcher._settle(Local(), Job(run, store.status_version(run)), End(-signal.SIGKILL))
    assert [found.id for found in store.list_unreadable()] == [run.id]


def test_of_several_servers_on_one_workspace_each_run_is_started_once(tmp_path, started):
    runs = [create(tmp_path / "nowhere") for _ in range(3)]
    servers = [subprocess.Popen([sys.executable, "-m", "catsdogs", "dispatch"]) for _ in range(4)]
    assert [server.wait(PATIENCE) for server in servers] == [0] * 4
    assert started.read_text().split() == [run.id for run in runs]


def test_a_run_that_several_tabs_resume_at_once_is_started_once(tmp_path, monkeypatch):
    run = create(tmp_path / "nowhere")
    store.write_status(run, "stopped")
    started, ready = tmp_path / "started", [tmp_path / f"ready-{number}" for number in range(4)]
    go, end = tmp_path / "go", tmp_path / "end"
    (tmp_path / "sitecustomize.py").write_text(WAITING_WORKERS.format(started=str(started), end=str(end)))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{PROJECT}")
    scripts = [RESUME.format(id=run.id, ready=str(path), go=str(go)) for path in ready]
    tabs = [subprocess.Popen([sys.executable, "-c", script]) for script in scripts]
    wait_until(lambda: all(path.exists() for path in ready))
    go.touch()
    assert sorted(tab.wait(PATIENCE) for tab in tabs) == [0, 3, 3, 3]
    wait_until(started.exists)
    end.touch()
    wait_until(lambda: state(run) == "failed" and is_free())
    assert started.read_text().split() == [run.id]
