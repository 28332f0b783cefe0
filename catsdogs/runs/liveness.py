"""Whether a worker holds a run folder, whether it still makes progress, and whether it was asked to stop.

The lock is released when its holder exits, even by a crash. The holder's process id is in it, and means nothing while nobody holds it.
A worker on another machine can't be told by a lock, so it holds the run by its `heartbeat`.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import heartbeat
from catsdogs.system import clock, files, locks, shortage

HUNG_AFTER = 600  # seconds without a report; a worker makes two a second, but none while a large network is compiled
_IGNORED_AFTER = 10  # seconds; a worker that can do anything ends within two of being asked to
_PATIENCE = 1  # seconds; a page that asks whether the run is alive holds its lock for a moment, too


@contextmanager
def claim(folder: Path, job: str = "") -> Iterator[None]:
    """Hold the run folder as its only worker: by the lock, or, with a `job`, by a heartbeat, which the worker then has to keep up.

    Raises InputError where another process holds it.
    """
    taken = InputError(f"Run {folder.name} is already being worked on by another process.")
    with ExitStack() as held:
        try:
            held.enter_context(locks.hold(folder / "lock", _PATIENCE))
        except locks.Taken:
            raise taken from None
        if is_remote(folder) and is_alive(folder):
            raise taken
        if not job:
            heartbeat.end(folder)  # of one that died
            (folder / "lock").write_text(str(os.getpid()))
            yield
            return
        heartbeat.begin(folder, job)
        held.close()  # should this machine die, a file server could keep the lock for minutes
        try:
            yield
        finally:
            heartbeat.end(folder, job)


@contextmanager
def not_deleted(folder: Path) -> Iterator[None]:
    """Raise InputError where something can't be written within it because the run was deleted in the meantime."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"Run {folder.name} has been deleted.") from None


def is_remote(folder: Path) -> bool:
    """Whether a worker on another machine has the run, or had it when it died."""
    return (folder / heartbeat.NAME).exists()


def is_alive(folder: Path) -> bool:
    """Whether a worker holds the run folder. Raises files.Damaged where that can't be told."""
    age = heartbeat.age(folder)
    if age is not None:
        return age < heartbeat.DEAD_AFTER
    path = folder / "lock"
    try:
        return locks.is_held(path)
    except OSError as error:
        raise files.Damaged(path, files.why(error)) from None


def silence(folder: Path) -> float:
    """Seconds since the run's worker last reported; negative where the clock was set back. Raises files.Damaged where it can't be told."""
    path = folder / "status.json"
    try:
        return clock.now() - path.stat().st_mtime
    except OSError as error:  # removed by hand a moment ago
        raise files.Damaged(path, files.why(error)) from None


def kill(folder: Path) -> bool:
    """End the process that holds the run folder, whatever it is doing. Returns whether there was one that this user can end here."""
    if is_remote(folder):
        return False
    number = (folder / "lock").read_text()
    if not (number.isdecimal() and is_alive(folder) and _has_open(int(number), folder / "lock")):
        return False
    try:
        os.kill(int(number), signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _has_open(process: int, path: Path) -> bool:
    """Whether that process has the file open, as far as the system tells: a number of an earlier one may be another's by now."""
    opened = Path(f"/proc/{process}/fd")
    if not Path("/proc/self/fd").exists():  # macOS
        return True
    try:
        return any(os.path.samefile(path, link) for link in opened.iterdir() if link.exists())
    except OSError:  # it has just ended, or is another user's
        return False


def request_stop(folder: Path, reason: str = "") -> None:
    """Ask the run's worker to end; for a reason, where no person asked. Raises shortage.DiskFull."""
    path = folder / "stop"
    with shortage.explained(folder, "the request to stop"):
        if reason:  # in one step, so that the worker can't end before the reason is there
            files.replace(path, lambda temporary: temporary.write_text(reason, encoding="utf-8"))
        else:  # without waiting for the disk, as hundreds of runs may be stopped at once
            path.write_text("")


def stop_reason(folder: Path) -> str:
    """Why it was asked to end; empty where a person asked, or nobody did."""
    try:
        return (folder / "stop").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def is_stop_requested(folder: Path) -> bool:
    """Whether the run was asked to end; False while a file server can't be reached, so that no worker dies of that."""
    return os.path.exists(folder / "stop")  # unlike pathlib's, it never raises


def is_stop_ignored(folder: Path) -> bool:
    """Whether it was asked to end so long ago that it can't have heard."""
    try:
        return abs(clock.now() - (folder / "stop").stat().st_mtime) > _IGNORED_AFTER  # later than now, where the clock was set back
    except FileNotFoundError:
        return False


def withdraw_stop(folder: Path) -> None:
    """Forget the request, before the run is resumed."""
    (folder / "stop").unlink(missing_ok=True)
