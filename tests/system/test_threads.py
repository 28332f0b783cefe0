"""Work done by several threads, in order."""

import threading
import time
from contextlib import closing

import pytest

from catsdogs.system import threads


def test_results_come_in_order_and_errors_where_they_belong():
    assert list(threads.in_order(lambda number: 10 // number, range(1, 200))) == [10 // number for number in range(1, 200)]
    results = threads.in_order(lambda number: 10 // number, (5, 0, 2))
    assert next(results) == 2
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_quick_work_is_left_to_who_asks_and_keeps_its_place():
    def work(number: int) -> tuple[int, bool]:
        if number == 3:
            time.sleep(0.05)  # which others overtake
        return number, threading.current_thread() is threading.main_thread()

    assert list(threads.in_order(work, range(200), lambda number: number % 3)) == [(number, number % 3 > 0) for number in range(200)]


def test_results_do_not_pile_up_behind_a_slow_one():
    begun, slow = [], threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        if number == 0:
            slow.wait(60)
        return number

    def items():
        for number in range(10_000):
            if number == 5000:
                slow.set()  # never reached while the first one is waited for, unless all are begun at once
            yield number

    with closing(threads.in_order(work, items())) as results:
        threading.Timer(0.5, slow.set).start()
        assert next(results) == 0
        assert len(begun) < 1000


def test_nothing_goes_on_once_it_is_closed():
    begun = []
    with closing(threads.in_order(begun.append, range(10_000))) as results:
        next(results)
    count = len(begun)
    assert count < 1000 and not any(thread.name.startswith("ThreadPool") and thread.is_alive() for thread in threading.enumerate())
