"""Learning-rate range tests in a process of their own: started, read, cancelled. What they find: training/test_range_test.py."""

from catsdogs.queue import range_tests
from catsdogs.settings.config import Config
from catsdogs.system import home
from tests.waiting import wait_until


def test_one_that_can_not_be_made_says_why(tmp_path):
    test = range_tests.start(Config(data=str(tmp_path / "gone")))
    wait_until(lambda: "error" in test.status)
    assert "gone" in test.status["error"]
    range_tests.cancel(test)


def test_a_cancelled_one_ends_at_once_and_leaves_nothing(tmp_path):
    test = range_tests.start(Config(data=str(tmp_path)))
    range_tests.cancel(test)
    assert test.process.poll() is not None and not list(home.subfolder("range-tests").iterdir())


def test_one_that_was_killed_counts_as_ended(tmp_path):
    test = range_tests.start(Config(data=str(tmp_path)))
    test.process.kill()
    test.process.wait()
    assert "out of memory" in test.status["error"]
    range_tests.cancel(test)
