"""The rate limit of passwords and tokens: wrong attempts from one address, and on this server in all."""

import threading
import time
from collections.abc import Callable
from functools import cache

_MOST, _WITHIN = 5, 60.0  # guesses from one address in so many seconds
_MOST_OF_ALL = 60  # in the same time, from all addresses together


class TooMany(Exception):
    """There were so many wrong attempts that none is looked at for a while."""


class Attempts:
    """When somebody was wrong, by address.

    They are looked at one after the other: many wrong ones at once gain nothing, and many right ones are let in, as those of a class that
    has one address behind a router or a proxy, and signs in at the same time.
    """

    def __init__(self):
        self._times: list[tuple[float, str]] = []
        self._lock = threading.Lock()

    def judge(self, address: str, is_right: Callable[[], bool]) -> bool:
        """What `is_right` finds, which is slow on purpose. Raises TooMany instead of calling it."""
        with self._lock:
            now = time.monotonic()
            self._times = [(when, who) for when, who in self._times if now - when < _WITHIN]
            if len(self._times) >= _MOST_OF_ALL or sum(who == address for _, who in self._times) >= _MOST:
                raise TooMany
            if is_right():
                return True
            self._times.append((now, address))
            return False


@cache
def of_server() -> Attempts:
    """Those of this server."""
    return Attempts()
