"""Starts, stops and queues runs as processes of their own, which outlive the page, the tab and the server.

One dispatcher process a home folder takes the queued runs in order, one at a time on the processor or one a GPU, each in a worker
process of its own: TensorFlow gives the GPU's memory back only when its process ends. The kernel's file lock says who dispatches.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.settings.config import Config
from catsdogs.system import devices, files, home, locks


def create(configs: Iterable[Config]) -> list[Run]:
    """A new run for each configuration, queued in this order."""
    created = [store.create(config) for config in configs]
    wake()
    return created


def submit(*several: Run) -> None:
    """Queue the runs; each starts as soon as those before it have ended."""
    for run in several:
        store.withdraw_stop(run)
        store.write_status(run, "queued")
    wake()


def resume(run: Run) -> None:
    """Queue a run that ended early, to go on after its last whole epoch. Raises InputError where it can't."""
    if not run.is_resumable:
        raise InputError(f"Run {run.id} is {run.state}; only a stopped, failed or interrupted one can be resumed.")
    submit(run)


def stop(run: Run) -> None:
    """End the run: a queued one at once, a running one within two seconds. What it has learned so far is kept."""
    store.request_stop(run)
    if store.load(run.id).state == "queued":  # asked now: `run` may have been read a while ago
        store.write_status(run, "stopped")


def queue() -> list[Run]:
    """The runs that wait, in the order in which they will start: as they were moved, then as they were made."""
    order = {id: place for place, id in enumerate(_moved())}
    waiting = [run for run in reversed(store.list_all()) if run.state == "queued"]
    return sorted(waiting, key=lambda run: order.get(run.id, len(order)))


def move(run: Run, places: int) -> None:
    """Move a waiting run by that many places, earlier if negative, as far as there are. Raises InputError where it does not wait."""
    order = [waiting.id for waiting in queue()]
    if run.id not in order:
        raise InputError(f"Run {run.id} is {store.load(run.id).state}; only one that waits can be moved.")
    place = max(0, order.index(run.id) + places)
    order.remove(run.id)
    order.insert(place, run.id)
    files.replace_json(_order_path(), order)


def wake() -> None:
    """Start a dispatcher if runs wait; one that finds another at work ends at once."""
    if not queue():
        return
    with (home.folder() / "dispatcher.log").open("a") as log:
        process = subprocess.Popen(
            _command("dispatch"),
            env=_surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # else it stays a zombie when it ends


def dispatch(slots: list[dict[str, str]] | None = None) -> None:
    """Work off the queue on these slots, by default all of the machine's, then return; at once where another process already does."""
    while queue():
        try:
            with locks.hold(_lock_path(), patience=0):
                _wait_for_orphan()
                _work_off(slots or devices.slots())
        except locks.Taken:
            return
        # asked once more after the lock is free: who queued in between found it held, and left


@contextmanager
def turn(say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other run uses the device, then keep it: for a run in the foreground."""
    if locks.is_held(_lock_path()):
        say("waiting until the runs before this one have ended")
    with locks.hold(_lock_path()):
        _wait_for_orphan()
        yield
    wake()


def _wait_for_orphan() -> None:
    """With the lock held, only a worker whose dispatcher was killed can still be running."""
    while any(run.state == "running" for run in store.list_all()):
        time.sleep(1)


def _work_off(slots: list[dict[str, str]]) -> None:
    """Keep a worker on every slot as long as runs wait; return when all have ended."""
    workers: dict[int, tuple[Run, subprocess.Popen, tuple]] = {}
    while True:
        for slot, (run, process, asked) in list(workers.items()):
            if process.poll() is not None:
                del workers[slot]
                _require_said(run, process.returncode, asked)
        free = [slot for slot in range(len(slots)) if slot not in workers]
        if free:  # reading the queue reads every run, so only where it would be of use
            begun = {run.id for run, _, _ in workers.values()}
            waiting = [run for run in queue() if run.id not in begun]
            for slot, run in zip(free, waiting, strict=False):
                asked = store.status_version(run)
                with suppress(FileNotFoundError):  # cancelled and deleted since the queue was read
                    workers[slot] = run, _start_worker(run, slots[slot]), asked
        if not workers:
            return
        time.sleep(0.1 if len(workers) == len(slots) else 1)


def _start_worker(run: Run, surroundings: dict[str, str]) -> subprocess.Popen:
    environment = {**os.environ, **surroundings}
    with run.log_path.open("a") as log:
        return subprocess.Popen(_command("work", run.id), env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _require_said(run: Run, status: int, asked: tuple) -> None:
    """A worker that ended before it could say anything has failed; without this its run would be started for ever.

    `asked` is the version of the status at its start: one that was killed, and resumed a moment later, is queued anew.
    """
    if store.status_version(run) == asked:
        store.write_status(run, "failed", error=f"The worker ended with status {status} before it began. The log has the details.")


def _moved() -> list[str]:
    return files.read_json(_order_path()) if _order_path().exists() else []


def _lock_path() -> Path:
    return home.folder() / "dispatcher.lock"


def _order_path() -> Path:
    return home.folder() / "queue.json"


def _surroundings() -> dict[str, str]:
    return {**os.environ, "CATSDOGS_HOME": str(home.folder())}


def _command(*words: str) -> list[str]:
    return [sys.executable, "-P", "-u", "-m", "catsdogs", *words]
