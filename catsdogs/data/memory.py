"""A budget of memory that several threads share: each waits until its part is free."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Memory:
    """A budget in bytes, parts of which threads hold for a while."""

    def __init__(self, total: float):
        self._total = self._free = total
        self._changed = threading.Condition()

    @contextmanager
    def take(self, amount: float) -> Iterator[None]:
        """Hold that many bytes, or all if that is less; waits until they are free."""
        amount = min(amount, self._total)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= amount)
            self._free -= amount
        try:
            yield
        finally:
            with self._changed:
                self._free += amount
                self._changed.notify_all()
