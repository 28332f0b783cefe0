"""A disk that is full, as far as this process can tell: no file may grow beyond a size."""

import resource
import signal
from contextlib import contextmanager


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
