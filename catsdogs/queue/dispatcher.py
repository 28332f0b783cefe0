"""Works off the queue: one dispatcher per home folder, one run at a time on the processor or on each GPU, each in a worker of its own.

TensorFlow gives the GPU's memory back only when its process ends. A file lock says who dispatches.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.queue import jobs, processes, webhook
from catsdogs.runs import Run, liveness, store
from catsdogs.system import devices, home, locks, shortage
from catsdogs.system.shortage import DiskFull

_OUT_OF_MEMORY = "The system ended the worker because the computer ran out of memory; {smaller}, or close other programs."


@dataclass(frozen=True)
class _Worker:
    """A process that works on a run, with the `status_version` and the `shortage.kills` of the moment before it was started."""

    run: Run
    process: subprocess.Popen
    version: tuple
    kills: int | None


def dispatch(slots: list[dict[str, str]] | None = None) -> None:
    """Work off the queue on these slots, by default all of the machine's, then return; at once where another process already does."""
    while jobs.queue():
        try:
            with locks.hold(_lock_path(), patience=0):
                _wait_for_orphan()
                _work_off(slots or devices.slots())
        except locks.Taken:
            break
        # asked once more after the lock is free: who queued in between found it held, and left
    webhook.finish()  # with the lock free, so that nothing waits for it


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
    orphans = {}
    while True:
        working = [run for run in store.list_all() if run.state in store.AT_WORK]
        orphans |= {run.id: run for run in working}
        if not working and not any(found.is_worked_on for found in store.list_unreadable()):
            break
        time.sleep(1)
    for run in orphans.values():
        webhook.tell(run)


def _work_off(slots: list[dict[str, str]]) -> None:
    """Keep a worker on every slot as long as runs wait; return when all have ended."""
    workers: dict[int, _Worker] = {}
    while True:
        for slot, worker in list(workers.items()):
            if liveness.is_stop_ignored(worker.run.folder):
                worker.process.kill()
            if worker.process.poll() is not None:
                del workers[slot]
                _require_status(worker)
                webhook.tell(worker.run)
        free = [slot for slot in range(len(slots)) if slot not in workers]
        if free:  # reading the queue reads every run, so only where it would be of use
            begun = {worker.run.id for worker in workers.values()}
            waiting = [run for run in jobs.queue() if run.id not in begun]
            for slot, run in zip(free, waiting, strict=False):
                before = store.status_version(run), shortage.kills()
                with suppress(FileNotFoundError):  # cancelled and deleted since the queue was read
                    workers[slot] = _Worker(run, processes.start("work", run.id, log=run.log_path, env=slots[slot]), *before)
        if not workers:
            return
        time.sleep(0.1 if len(workers) == len(slots) else 1)


def _require_status(worker: _Worker) -> None:
    """A worker that ended before it wrote a status has failed; without this its run would be started for ever.

    So has one that the kernel killed for want of memory. One that was killed as it ignored a request to stop has been stopped; one that
    somebody else killed, and resumed a moment later, is queued anew.
    """
    run, exit_status = worker.run, worker.process.returncode
    has_begun = store.status_version(run) != worker.version
    if has_begun and not _is_interrupted(run):
        return
    if has_begun and liveness.is_stop_requested(run.folder):
        jobs.note_killed(run)
    elif exit_status == -signal.SIGKILL and worker.kills is not None and shortage.kills() > worker.kills:
        _fail(run, _OUT_OF_MEMORY.format(smaller=shortage.smaller(run.config.batch_size)))
    elif not has_begun:
        _fail(run, f"The worker ended with status {exit_status} before it began. The log has the details.")
    elif exit_status > 0:  # by itself, on a disk too full to write that it failed
        _fail(run, f"The worker ended with status {exit_status} and could not write why. The log has the details.")


def _is_interrupted(run: Run) -> bool:
    try:
        return store.load(run.id).state == "interrupted"
    except InputError:  # damaged, or deleted, since it began
        return False


def _fail(run: Run, error: str) -> None:
    """Waits for room for the status, where the disk is full: nothing else can start before, either."""
    while True:
        try:
            return store.write_status(run, "failed", error=error)
        except DiskFull:
            time.sleep(1)
