"""Works through the queue: one dispatcher per home folder gives each run to the engine as soon as there is room.

The engine is this machine, or the Ray cluster that `engine.toml` names. A file lock shows who dispatches.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

from catsdogs.errors import InputError
from catsdogs.queue import cluster, jobs, webhook
from catsdogs.queue import engine as engines
from catsdogs.queue.engine import End, Engine, Job, Unavailable
from catsdogs.queue.local import Local
from catsdogs.queue.ray_jobs import RayJobs
from catsdogs.runs import Run, liveness, store, times
from catsdogs.system import locks
from catsdogs.system.shortage import DiskFull

_RETRY_AFTER = 5  # seconds, for an engine that could not be used
_PATIENCE = 1  # seconds; who asks whether somebody dispatches holds the lock for a moment, too


def dispatch(slots: list[dict[str, str]] | None = None) -> None:
    """Work through the queue, then return; at once if another process already does. With `slots`, on these of this machine."""
    while jobs.is_work_left():
        try:
            with locks.hold(jobs.lock(), _PATIENCE):
                _dispatch(slots)
        except locks.Taken:
            break
        # asked once more after the lock is free: who queued in between found it held, and left
    webhook.finish()  # with the lock free, so that nothing waits for it


def _dispatch(slots: list[dict[str, str]] | None) -> None:
    try:
        chosen = None if slots else cluster.settings()
    except InputError as error:
        _report(0, str(error))
        return time.sleep(_RETRY_AFTER)
    if chosen:
        return _work_off(RayJobs(chosen))
    engines.withdraw_report()
    _wait_for_orphan()
    _work_off(Local(slots))


@contextmanager
def turn(log: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other run uses the device, and keep others from it meanwhile: for a run in the foreground."""
    if locks.is_held(jobs.lock()):
        log("waiting until the runs before this one have ended")
    try:
        with locks.hold(jobs.lock()):
            _wait_for_orphan()
            yield
    finally:
        jobs.wake()  # for what was queued meanwhile


def _wait_for_orphan() -> None:
    """Wait for workers whose dispatcher was killed: as this process holds the lock, no others can be running here."""
    orphans = {}
    while True:
        working = [run for run in store.list_all() if run.state in store.AT_WORK and not liveness.is_remote(run.folder)]
        orphans |= {run.id: run for run in working}
        if not working and not any(found.is_worked_on for found in store.list_unreadable()):
            break
        time.sleep(1)
    for run in orphans.values():
        webhook.tell(run)


def _work_off(engine: Engine) -> None:
    """Give the engine the runs that wait; return when all have ended, or when other settings apply to those that still wait."""
    at_work, problem = [], ""
    try:
        at_work.extend(engine.take_over())
    except Unavailable as error:
        problem = str(error)
    while not problem or at_work:
        at_work, problem = _ended(engine, at_work)
        try:
            _fill(engine, at_work)
        except (Unavailable, DiskFull) as error:
            problem = str(error)
        if not engine.is_here:
            _report(engine.slots(), problem)
        if not at_work:
            break
        time.sleep(_RETRY_AFTER if problem else engine.pause())
    if problem:
        _report(engine.slots(), problem)
        time.sleep(_RETRY_AFTER)


def _ended(engine: Engine, at_work: list[Job]) -> tuple[list[Job], str]:
    """Settle the jobs that have ended. Returns the others, and why the engine could not be asked, "" if it could."""
    left, problem = [], ""
    for job in at_work:
        try:
            if liveness.is_stop_requested(job.run.folder):
                engine.stop(job)
            end = engine.state(job)
        except (Unavailable, DiskFull) as error:
            end, problem = None, str(error)
        if end is None:
            left.append(job)
        else:
            _settle(engine, job, end)
            webhook.tell(job.run)
    return left, problem


def _fill(engine: Engine, at_work: list[Job]) -> None:
    """Give the engine waiting runs, as many as it has room for."""
    free = engine.free()
    if not free:  # reading the queue reads every run, so only where it would be of use
        return
    begun = {job.run.id for job in at_work}
    waiting = [run for run in jobs.queue() if run.id not in begun]
    for run in waiting[:free]:
        with suppress(FileNotFoundError):  # cancelled and deleted since the queue was read
            at_work.append(engine.submit(run))


def _settle(engine: Engine, job: Job, end: End) -> None:
    """Write the status that a worker did not: of a run that has failed, or was killed after it ignored a request to stop.

    A worker that ended before it wrote any status has failed, too; otherwise its run would be started again and again. A run whose job was
    lost before it began goes on waiting, and so does one that somebody else killed and resumed a moment later.
    """
    run = job.run
    has_begun = store.status_version(run) != job.version
    if has_begun and not _is_interrupted(run):
        return
    if text := engine.log(job):
        store.note(run, text)
    if liveness.is_stop_requested(run.folder):
        _when_there_is_room(partial(jobs.note_killed, run))
    elif end.error:
        _fail(run, end.error)
    elif end.status is None:
        return
    elif not has_begun:
        _fail(run, f"The worker ended with status {end.status} before it began. The log has the details.")
    elif end.status > 0:  # by itself, on a disk too full to write that it failed
        _fail(run, f"The worker ended with status {end.status} and could not write why. The log has the details.")


def _is_interrupted(run: Run) -> bool:
    try:
        return store.load(run.id).state == "interrupted"
    except InputError:  # damaged, or deleted, since it began
        return False


def _fail(run: Run, error: str) -> None:
    with suppress(InputError):  # it is damaged
        run = store.load(run.id)
    _when_there_is_room(partial(store.write_status, run, "failed", **times.kept(run), error=error))


def _when_there_is_room(write: Callable[[], None]) -> None:
    """Write a status as soon as the disk has room for it: until then, nothing else can start either."""
    while True:
        try:
            return write()
        except DiskFull:
            time.sleep(1)
        except InputError:  # the run was deleted, or is damaged
            return


def _report(slots: int, problem: str) -> None:
    """Tell the pages, and print a new problem, which ends up in the log."""
    is_new = problem and problem != engines.problem()
    with suppress(OSError):  # of a full disk, which takes neither
        engines.report(slots, problem)
        if is_new:
            print(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {problem}", flush=True)
