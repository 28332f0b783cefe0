"""A disk that is full, as far as this process can tell: no file may grow beyond a size. And a memory that is, to the kernel."""

import os
import resource
import secrets
import signal
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

_GROUPS = (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"))  # of version 1, and of version 2


@contextmanager
def files_up_to(count: int):
    """A write beyond that many bytes fails (EFBIG), as one on a full disk does (ENOSPC)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def control_group(count: int):
    """A control group with that many bytes of memory: beyond it, the kernel kills one of its processes. None where it can't be had."""
    folder = next(filter(None, (_group(Path(parent, f"catsdogs-{secrets.token_hex(4)}"), limit, count) for parent, limit in _GROUPS)), None)
    yield folder
    if folder:
        folder.rmdir()


def run_in(group: Path, *words: str) -> subprocess.CompletedProcess:
    """Run a command whose memory, and that of all that it starts, counts in that group."""
    return subprocess.run(["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group), *words], env=os.environ)


def _group(folder: Path, limit: str, count: int) -> Path | None:
    try:
        folder.mkdir()
        with open(folder / limit, "r+") as file:
            file.write(str(count))
    except OSError:
        with suppress(OSError):
            folder.rmdir()
        return None
    return folder
