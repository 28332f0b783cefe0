"""The clock behind file times: on a network share, that of the file server, which may differ from this machine's."""

import os
import time
from functools import lru_cache
from pathlib import Path

from catsdogs.system import home

_LASTS = 60  # seconds; two clocks hardly drift apart in so little time


def now() -> float:
    """Seconds since 1970: the modification time that a file written to the home folder would get now."""
    own = time.monotonic()
    return own + _offset(home.folder(), int(own // _LASTS), round(time.time() - own))


@lru_cache(maxsize=8)
def _offset(folder: Path, period: int, ours: int) -> float:
    """Seconds from the monotonic clock to that of files, measured once per `period`, and when this machine's clock, `ours`, is set."""
    try:
        opened = os.open(folder / ".clock", os.O_WRONLY | os.O_CREAT, 0o666)
    except OSError:  # a full disk, or another user's file: this machine's clock is better than none
        return time.time() - time.monotonic()
    try:
        os.utime(opened)  # without a time, the server uses its own
        return os.fstat(opened).st_mtime - time.monotonic()
    finally:
        os.close(opened)
