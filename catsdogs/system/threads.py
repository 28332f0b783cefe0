"""Work shared by several threads, with results in order and never far ahead. What is safe to do at once is up to the caller."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

_AHEAD = 64  # results that may wait until those before them are done

Given, Made = TypeVar("Given"), TypeVar("Made")


def in_order(
    function: Callable[[Given], Made], items: Iterable[Given], is_quick: Callable[[Given], bool] = lambda item: False
) -> Iterator[Made]:
    """The results of `function` for each item, in their order; raises what it raises.

    Items that are quick are left to the calling thread: in others, they would wait longer for the interpreter's lock than they take.
    Unlike with `Executor.map`, results do not pile up behind a slow item. Nothing runs in the background once the iterator is closed.
    """
    pool, waiting = ThreadPoolExecutor(), deque()
    try:
        for item in items:
            waiting.append(partial(function, item) if is_quick(item) else pool.submit(function, item).result)
            if len(waiting) > _AHEAD:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()
    finally:
        pool.shutdown(cancel_futures=True)
