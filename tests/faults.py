"""Workers to which something happens at a chosen moment: they are killed, or their disk is full.

A worker is a process of its own, forked from this one, so that TensorFlow is imported once: nothing may be computed here before. A moment
is the place of an event: a file in the home folder opened to be written, synced, renamed or removed. The application knows nothing of it.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.system import home
from catsdogs.training import worker

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_BALLAST = "ballast"


def train(run: Run, fault: Callable[[], None] = lambda: None) -> int:
    """Train the run in a worker, in which `fault` is called before it begins. Returns how it ended, as `os.waitpid` says it."""
    process = os.fork()
    if process == 0:
        status = 1
        with suppress(Exception):  # such as that of a disk too full to begin; the dispatcher goes by the exit status
            _be_silent()
            fault()
            worker.work(store.load(run.id), log=lambda message: None)
            status = 0
        os._exit(status)
    return os.waitpid(process, 0)[1]


def at_event(number: int, act: Callable[[], None], note: Path) -> Callable[[], None]:
    """A fault: `act()` just before the event of that number, from 0. `note` gets a line for each event up to that one."""
    folder, count, acting = str(home.folder()), -1, False

    def happen(name: str, path: object) -> None:
        nonlocal count, acting
        if acting or not str(path).startswith(folder):
            return
        count += 1
        acting = True
        if count <= number:
            with note.open("a") as file:
                file.write(f"{name} {Path(str(path)).name}\n")
        if count == number:
            act()
        acting = False

    def hear(event: str, arguments: tuple) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            happen("open", arguments[0])
        elif event in ("os.rename", "os.remove"):
            happen(event.removeprefix("os."), arguments[0])

    def fault() -> None:
        sync = os.fsync

        def fsync(opened: int) -> None:
            happen("sync", os.readlink(f"/proc/self/fd/{opened}"))
            sync(opened)

        os.fsync = fsync
        sys.addaudithook(hear)

    return fault


def kill() -> None:
    """End this process as a power failure ends all of them."""
    os.kill(os.getpid(), signal.SIGKILL)


def at_size(count: int, is_killed: bool) -> Callable[[], None]:
    """A fault: the first write beyond that many bytes of a file ends the worker, or fails (EFBIG), and so do all others."""

    def fault() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if is_killed else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (count, resource.RLIM_INFINITY))

    return fault


def fill_disk() -> None:
    """Leave no byte on the disk of the home folder; for one that is small."""
    with (home.folder() / _BALLAST).open("ab", buffering=0) as file:
        size = 2**20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def free_disk() -> None:
    """Undo `fill_disk`."""
    (home.folder() / _BALLAST).unlink(missing_ok=True)


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
