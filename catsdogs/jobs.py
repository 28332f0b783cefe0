"""Starts, stops and queues runs as processes of their own, which outlive the page, the tab and the server.

One dispatcher process a home folder takes the queued runs in order, oldest first, one after the other, each in a worker process
of its own: TensorFlow gives the GPU's memory back only when its process ends. The kernel's file lock says who dispatches.
"""

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from catsdogs import home, runs
from catsdogs.errors import InputError
from catsdogs.runs import Run

_PROJECT = Path(__file__).resolve().parent.parent


def submit(run: Run) -> None:
    """Queue the run; it starts as soon as those before it have ended."""
    runs.withdraw_stop(run)
    runs.write_status(run, "queued")
    wake()


def resume(run: Run) -> None:
    """Queue a run that ended early, to go on after its last whole epoch. Raises InputError where it can't."""
    if not run.is_resumable:
        raise InputError(f"Run {run.id} is {run.state}; only a stopped, failed or interrupted one can be resumed.")
    submit(run)


def stop(run: Run) -> None:
    """End the run: a queued one at once, a running one within two seconds. What it has learned so far is kept."""
    runs.request_stop(run)
    if runs.load(run.id).state == "queued":  # asked now: `run` may have been read a while ago
        runs.write_status(run, "stopped")


def queue() -> list[Run]:
    """The runs that wait, in the order in which they will start."""
    return [run for run in reversed(runs.list_all()) if run.state == "queued"]


def wake() -> None:
    """Start a dispatcher if runs wait; one that finds another at work ends at once."""
    if not queue():
        return
    with (home.folder() / "dispatcher.log").open("a") as log:
        process = subprocess.Popen(
            _command("dispatch"),
            cwd=_PROJECT,
            env=_surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # else it stays a zombie when it ends


def dispatch() -> None:
    """Work off the queue, then return; at once where another process already does."""
    while queue():
        with (home.folder() / "dispatcher.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            _wait_for_orphan()
            while waiting := queue():
                _run_worker(waiting[0])
        # asked once more after the lock is free: who queued in between found it held, and left


@contextmanager
def turn(say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other run uses the device, then keep it: for a run in the foreground."""
    with (home.folder() / "dispatcher.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting until the runs before this one have ended")
            fcntl.flock(lock, fcntl.LOCK_EX)
        _wait_for_orphan()
        yield
    wake()


def _wait_for_orphan() -> None:
    """With the lock held, only a worker whose dispatcher was killed can still be running."""
    while any(run.state == "running" for run in runs.list_all()):
        time.sleep(1)


def _run_worker(run: Run) -> None:
    with run.log_path.open("a") as log:
        ended = subprocess.run(_command("work", run.id), cwd=_PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if run.id in {waiting.id for waiting in queue()}:  # it ended before it could say anything; without this it would be started for ever
        runs.write_status(run, "failed", error=f"The worker ended with status {ended.returncode} before it began. The log has the details.")


def _surroundings() -> dict[str, str]:
    return {**os.environ, "CATSDOGS_HOME": str(home.folder())}  # a relative one means another folder from _PROJECT


def _command(*words: str) -> list[str]:
    return [sys.executable, "-u", "-m", "catsdogs", *words]
