"""Works off the queue: one dispatcher per home folder, one run at a time on the processor or on each GPU, each in a worker of its own.

TensorFlow gives the GPU's memory back only when its process ends. A file lock says who dispatches.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catsdogs.queue import jobs, processes
from catsdogs.runs import Run, store
from catsdogs.system import devices, home, locks


def dispatch(slots: list[dict[str, str]] | None = None) -> None:
    """Work off the queue on these slots, by default all of the machine's, then return; at once where another process already does."""
    while jobs.queue():
        try:
            with locks.hold(_lock_path(), patience=0):
                _wait_for_orphan()
                _work_off(slots or devices.slots())
        except locks.Taken:
            return
        # asked once more after the lock is free: who queued in between found it held, and left


@contextmanager
def turn(log: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other run uses the device, then keep it: for a run in the foreground."""
    if locks.is_held(_lock_path()):
        log("waiting until the runs before this one have ended")
    with locks.hold(_lock_path()):
        _wait_for_orphan()
        yield
    jobs.wake()


def is_at_work() -> bool:
    """Whether a dispatcher, or a run in the foreground, has the device."""
    return locks.is_held(_lock_path())


def _lock_path() -> Path:
    return home.folder() / "dispatcher.lock"


def _wait_for_orphan() -> None:
    """With the lock held, only a worker whose dispatcher was killed can still be running."""
    while any(run.state == "running" for run in store.list_all()) or any(found.is_worked_on for found in store.list_unreadable()):
        time.sleep(1)


def _work_off(slots: list[dict[str, str]]) -> None:
    """Keep a worker on every slot as long as runs wait; return when all have ended."""
    workers: dict[int, tuple[Run, subprocess.Popen, tuple]] = {}
    while True:
        for slot, (run, process, version) in list(workers.items()):
            if process.poll() is not None:
                del workers[slot]
                _require_status(run, process.returncode, version)
        free = [slot for slot in range(len(slots)) if slot not in workers]
        if free:  # reading the queue reads every run, so only where it would be of use
            begun = {run.id for run, *_ in workers.values()}
            waiting = [run for run in jobs.queue() if run.id not in begun]
            for slot, run in zip(free, waiting, strict=False):
                version = store.status_version(run)
                with suppress(FileNotFoundError):  # cancelled and deleted since the queue was read
                    workers[slot] = run, processes.start("work", run.id, log=run.log_path, env=slots[slot]), version
        if not workers:
            return
        time.sleep(0.1 if len(workers) == len(slots) else 1)


def _require_status(run: Run, exit_status: int, version: tuple) -> None:
    """A worker that ended before it wrote a status has failed; without this its run would be started for ever.

    `version` is that of the status at its start: one that was killed, and resumed a moment later, is queued anew.
    """
    if store.status_version(run) == version:
        error = f"The worker ended with status {exit_status} before it began. The log has the details."
        store.write_status(run, "failed", error=error)
