"""The rate limit of passwords and tokens, where many come at the same moment."""

import threading
from concurrent import futures

import pytest

from pages.parts.shared.attempts import Attempts, TooMany


def test_those_who_know_the_password_are_let_in_however_many_come_at_once_from_one_address():
    attempts, goes_on = Attempts(), threading.Event()
    with futures.ThreadPoolExecutor(12) as class_:
        first = class_.submit(attempts.judge, "10.0.0.1", goes_on.wait)
        others = [class_.submit(attempts.judge, "10.0.0.1", lambda: True) for _ in range(11)]
        futures.wait(others, timeout=0.2, return_when=futures.FIRST_EXCEPTION)  # none has one, as long as the first is looked at
        goes_on.set()
        assert all(each.result() for each in (first, *others))


def test_of_many_guesses_at_once_five_are_looked_at():
    attempts, looked_at = Attempts(), []

    def guess() -> bool:
        looked_at.append("")
        return False

    with futures.ThreadPoolExecutor(12) as thieves:
        tried = [thieves.submit(attempts.judge, "10.0.0.1", guess) for _ in range(12)]
    assert len(looked_at) == 5 and sum(isinstance(each.exception(), TooMany) for each in tried) == 7
    with pytest.raises(TooMany):
        attempts.judge("10.0.0.1", lambda: True)
    assert attempts.judge("10.0.0.2", lambda: True)
