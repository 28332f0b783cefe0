"""Queues, stops, resumes and moves runs. They train in processes that outlive page, tab and server; `dispatcher` starts those."""

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.queue import allowance, processes, ray_jobs
from catsdogs.runs import Run, liveness, store, times, trash
from catsdogs.settings import Config
from catsdogs.system import access, home, lists, locks, shortage

OVER = ("finished", "stopped", "failed")  # not interrupted: that worker may only have been out of reach
_GRACE = 3.0  # seconds for a worker to end by itself
_GRACE_AFAR = 12.0  # seconds for a dispatcher to have one killed on another machine
_DYING = 30.0  # seconds for the system to take down one that was killed, where much else wants the processor
_LOOK_EVERY = 0.05  # seconds
_KILLED = "It did not react to the request to stop, so its process was killed. Resume it to go on after its last whole epoch."


def create(configs: Iterable[Config], ids: Sequence[str] = ()) -> list[Run]:
    """Queue a new run for each configuration, in this order: all of them, or none if anything is raised.

    `ids` come from `store.new_id`; they are made here unless given. Raises InputError where these are more runs than one person may have,
    and shortage.DiskFull.
    """
    access.require_training()
    configs = list(configs)
    for config in configs:
        access.require_folder(config.data)
    by, created = access.person().name, []
    with allowance.taken([by] * len(configs)):
        latest = max((run.created for run in store.list_all() if run.state == "queued"), default=None)
        try:
            for config, id in zip(configs, ids or map(store.new_id, configs), strict=True):
                created.append(store.create(config, by, id, latest))
                latest = created[-1].created
        except BaseException:
            withdraw(created)
            raise
    wake()
    return created


def withdraw(created: Sequence[Run]) -> None:
    """Remove runs that were just queued, without writing anything, as the disk may be full. Those that are gone are skipped."""
    for run in reversed(created):
        try:
            if store.load(run.id).state == "queued":
                trash.remove(run.folder)
            else:  # a dispatcher has taken it meanwhile
                stop(run)
        except InputError:
            if is_there(run):
                raise


def is_there(run: Run) -> bool:
    """Whether the run has not been deleted since it was read."""
    return os.path.lexists(run.folder)


def submit(*several: Run, is_return: bool = False) -> None:
    """Queue the runs again; each starts as soon as those before it have ended. Raises InputError as `create` does.

    `is_return`: whoever asks had cancelled them and undoes that, so other people's runs don't count towards their own limit.
    """
    access.require_training()
    for run in several:
        access.require_folder(run.config.data)
    with allowance.taken([run.by for run in several], is_return):
        for run in several:
            liveness.withdraw_stop(run.folder)
            store.write_status(run, "queued", **times.kept(run))
    wake()


def resume(run: Run) -> None:
    """Queue a run that ended early, to continue after its last whole epoch; one that hangs is ended first.

    Raises InputError where it can't be resumed.
    """
    access.require_training()
    if run.state == "hung":
        stop(run)
    with _resuming():  # two tabs may ask at once, and one that has begun must not be queued again
        run = store.load(run.id)
        if not run.is_resumable:
            raise InputError(f"Run {run.id} is {run.state}; only a stopped, failed or interrupted one can be resumed.")
        liveness.withdraw_stop(run.folder)
        _ends(run, _GRACE)  # a worker that had heard of it says so once more, which would take the run out of the queue
        if store.load(run.id).state not in store.WAITING:  # else that worker had not heard, and goes on
            submit(run)


def stop(run: Run, reason: str = "") -> None:
    """End the run: a queued one at once, a running one within two seconds. Its best model so far is kept. Does nothing if it has ended.

    One that hangs and doesn't react is killed, which takes seconds. `reason` is one of `store.REASONS` if a search stops it. Raises
    InputError where its process can't be ended from here.
    """
    access.require_training()
    if store.load(run.id).state in OVER:  # `run` may have been read a while ago
        return
    with liveness.not_deleted(run.folder):
        liveness.request_stop(run.folder, reason)
    now = store.load(run.id)
    if now.state == "queued":
        _write_stopped(now)
    if now.state == "hung" and not _ends(run, _GRACE_AFAR if liveness.is_remote(run.folder) else _GRACE):
        was_killed = liveness.kill(run.folder)
        if not _ends(run, _DYING if was_killed else _GRACE):
            raise InputError(f"Run {run.id} hangs, and its process can't be ended from here: it is another user's or another machine's.")
        note_killed(run)


def note_killed(run: Run) -> None:
    """Mark a run as stopped that was killed because it ignored a request to stop, unless it has been resumed since."""
    with _resuming():
        now = store.load(run.id)
        if now.state in ("queued", "interrupted") and liveness.is_stop_requested(run.folder):  # queued, where it had not begun
            _write_stopped(now, note=_KILLED, ended=times.now())


def _resuming() -> AbstractContextManager:
    """The lock to hold while deciding whether a run goes back into the queue."""
    return locks.hold(home.folder() / "resume.lock")


def _write_stopped(run: Run, **facts) -> None:
    """Write the status "stopped", with the reason that the request to stop gives, if any."""
    if reason := liveness.stop_reason(run.folder):
        facts["reason"] = reason
    store.write_status(run, "stopped", **times.kept(run), **facts)


def _ends(run: Run, within: float) -> bool:
    deadline = time.monotonic() + within
    while liveness.is_alive(run.folder) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)
    return not liveness.is_alive(run.folder)


def queue(stored: Sequence[Run] | None = None) -> list[Run]:
    """The waiting runs in the order in which they will start: as they were moved, then as they were created.

    `stored` is what `store.list_all` has just returned; it is asked unless given.
    """
    return _sorted(lists.read(_order_path(), list[str], []), stored)


def move(run: Run, places: int) -> None:
    """Move a waiting run by that many places, earlier if negative, as far as there are. Raises InputError where it is not waiting."""
    access.require_training()

    def moved(before: list[str]) -> list[str]:
        order = [waiting.id for waiting in _sorted(before)]
        if run.id not in order:
            raise InputError(f"Run {run.id} is {store.load(run.id).state}; only a waiting one can be moved.")
        place = max(0, order.index(run.id) + places)
        order.remove(run.id)
        order.insert(place, run.id)
        return order

    with shortage.explained(_order_path(), "the order of the queue"):
        lists.change(_order_path(), list[str], [], moved)


def is_work_left() -> bool:
    """Whether a dispatcher has anything to do: runs wait, or a cluster trains some."""
    return bool(queue()) or ray_jobs.is_at_work()


def lock() -> Path:
    """Held by the dispatcher, or by a run in the foreground."""
    return home.folder() / "dispatcher.lock"


def wake() -> None:
    """Start a dispatcher if there is work and none is running. Whoever holds the lock looks again, or wakes one, after releasing it."""
    with suppress(OSError):  # something else is in its place, as the dispatcher's log will say
        if locks.is_held(lock()):
            return
    if is_work_left():
        processes.start("dispatch", log=home.folder() / "dispatcher.log", outlives=True, trains=True)


def _sorted(moved: list[str], stored: Sequence[Run] | None = None) -> list[Run]:
    """The waiting runs: first those whose ids are in `moved`, in that order, then the others."""
    order = {id: place for place, id in enumerate(moved)}
    waiting = [run for run in reversed(store.list_all() if stored is None else stored) if run.state == "queued"]
    return sorted(waiting, key=lambda run: order.get(run.id, len(order)))


def _order_path() -> Path:
    return home.folder() / "queue.json"
