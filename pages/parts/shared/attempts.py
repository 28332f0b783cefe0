"""The rate limit of passwords and tokens: attempts from one address, and on this server in all."""

import threading
import time
from functools import lru_cache

_MOST, _WITHIN = 5, 60.0  # guesses from one address in so many seconds
_MOST_OF_ALL = 60  # in the same time, from all addresses together


class Attempts:
    """When somebody last tried, by address. Each is counted before its password is looked at, so that many at once gain nothing."""

    def __init__(self):
        self._times: list[tuple[float, str]] = []
        self._lock = threading.Lock()

    def count(self, address: str) -> bool:
        """Whether this attempt is one of those that are allowed."""
        now = time.monotonic()
        with self._lock:
            self._times = [(when, who) for when, who in self._times if now - when < _WITHIN]
            if len(self._times) >= _MOST_OF_ALL or sum(who == address for _, who in self._times) >= _MOST:
                return False
            self._times.append((now, address))
            return True

    def take_back(self, address: str) -> None:
        """One of them was no guess, but right: a class has one address behind a router or a proxy, and signs in at the same time."""
        with self._lock:
            places = (place for place, (_, who) in enumerate(self._times) if who == address)
            if (first := next(places, None)) is not None:  # else it took longer than a guess counts
                del self._times[first]


@lru_cache(maxsize=1)
def counted() -> Attempts:
    """Those of this server."""
    return Attempts()
