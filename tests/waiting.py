"""Waiting for other processes."""

import time

from catsdogs.queue import jobs
from catsdogs.system import locks


def wait_until(is_so, within: float = 90) -> float:
    """Seconds until `is_so()`; `within` is for a machine that is busy."""
    start = time.monotonic()
    while not is_so():
        assert time.monotonic() - start < within, "it never came to that"
        time.sleep(0.02)
    return time.monotonic() - start


def is_free() -> bool:
    """Whether no dispatcher is at work."""
    return not locks.is_held(jobs.lock())
