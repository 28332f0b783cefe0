"""Learning-rate range tests in a process of their own: started, read, cancelled. What they find: training/test_range_test.py."""

import os
import signal
import time

import pytest

from catsdogs.errors import InputError
from catsdogs.queue import allowance, range_tests
from catsdogs.settings.config import Config
from catsdogs.system import access, home
from catsdogs.system.access import Limits, Person
from catsdogs.system.shortage import DiskFull
from tests.limits import files_up_to
from tests.waiting import wait_until


def test_one_that_can_not_be_made_says_why(tmp_path):
    test = range_tests.start(Config(data=str(tmp_path / "gone")))
    wait_until(lambda: "error" in test.status)
    assert "gone" in test.status["error"]
    range_tests.cancel(test)


def test_a_download_counts_in_tenths_of_a_megabyte(tmp_path):
    range_tests.Progress(tmp_path).say("Downloading the weights of mobilenetv2, in MB", 1.3, 9.4)
    assert range_tests.read_status(tmp_path)["done"] == 1.3


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


def test_on_a_full_disk_none_is_started_and_nothing_of_it_stays(tmp_path):
    with files_up_to(20), pytest.raises(DiskFull, match="the test could not be written"):
        range_tests.start(Config(data=str(tmp_path)))
    assert not list(home.subfolder("range-tests").iterdir())


def grow_old(test) -> None:
    then = time.time() - 3700
    os.utime(test.folder, (then, then))


def test_it_counts_as_a_run_of_whoever_started_it_until_it_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(access, "_identify", [lambda: Person("Ada / a", limits=Limits(runs=1))])
    test = range_tests.start(Config(data=str(tmp_path)))
    assert (allowance.used("Ada / a"), allowance.used("Grace")) == (1, 0)
    with pytest.raises(InputError, match=r"^You have 1 run waiting or training \(1 of them to find a rate\), as many as one person may"):
        range_tests.start(Config(data=str(tmp_path)))
    range_tests.cancel(test)
    assert allowance.used("Ada / a") == 0
    range_tests.cancel(range_tests.start(Config(data=str(tmp_path))))


def test_what_one_found_is_forgotten_after_an_hour_and_memory_is_not_blamed(tmp_path):
    test = range_tests.start(Config(data=str(tmp_path / "gone")))
    wait_until(lambda: "error" in test.status and test.process.poll() is not None)
    grow_old(test)
    range_tests.cancel(range_tests.start(Config(data=str(tmp_path))))
    assert "more than an hour ago" in test.status["error"]
    range_tests.cancel(test)


def test_one_that_takes_more_than_an_hour_keeps_its_folder(tmp_path):
    test = range_tests.start(Config(data=str(tmp_path)))
    os.kill(test.process.pid, signal.SIGSTOP)
    grow_old(test)
    range_tests.cancel(range_tests.start(Config(data=str(tmp_path))))
    assert test.folder.exists()
    range_tests.cancel(test)
