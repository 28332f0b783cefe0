"""A process that says that it trains a run, and does nothing more."""

import multiprocessing
import os
import time
from contextlib import contextmanager

from catsdogs.runs import liveness, store

PROCESSES = multiprocessing.get_context("spawn")


def fall_silent(run, seconds: float) -> None:
    """Have the last report of its worker lie so far back."""
    then = time.time() - seconds
    os.utime(run.folder / "status.json", (then, then))


@contextmanager
def worker(run, does=None, lingers: bool = False):
    """A process that has claimed the run and says that it trains. Killed, it may be a second until all of it is gone that `lingers`."""
    process = PROCESSES.Process(target=does or hold, args=(run.id, lingers))
    process.start()
    try:
        while store.load(run.id).state != "running":
            assert process.is_alive()
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.join()


def hold(id, lingers):
    run = store.load(id)
    with liveness.claim(run.folder):
        if lingers and not os.fork():  # a child has the lock, too
            parent = os.getppid()
            while os.getppid() == parent:
                time.sleep(0.02)
            time.sleep(1)
            os._exit(0)
        store.write_status(run, "running", phase="training")
        time.sleep(600)


def hold_until_stopped(id, lingers):
    """Say that it stopped when asked to, and once more a moment later, when it ends."""
    run = store.load(id)
    with liveness.claim(run.folder):
        store.write_status(run, "running", phase="training")
        while not liveness.is_stop_requested(run.folder):
            time.sleep(0.02)
        store.write_status(run, "stopped")
        time.sleep(0.5)
        store.write_status(run, "stopped")
