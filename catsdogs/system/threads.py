"""Work that several threads do at once, in order and not too far ahead. What may be done at once is up to the caller."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_AHEAD = 64  # results that may wait until those before them are done

Given, Made = TypeVar("Given"), TypeVar("Made")


def in_order(function: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[Made]:
    """What `function` makes of each item, in their order; raises what it raises.

    Unlike with `Executor.map`, results do not pile up behind a slow item. Nothing goes on in the background once the iterator is closed.
    """
    pool, waiting = ThreadPoolExecutor(), deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
