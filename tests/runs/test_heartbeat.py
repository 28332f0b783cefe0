"""Who is alive on another machine, whatever this machine's clock says."""

import os
import time
from pathlib import Path

import pytest

from catsdogs.errors import InputError
from catsdogs.runs import heartbeat, liveness, store
from catsdogs.settings.config import Config
from catsdogs.system import clock
from catsdogs.training import worker
from tests.hanging import PROCESSES


@pytest.fixture
def run():
    made = store.create(Config())
    store.write_status(made, "running", phase="training")
    return made


def grow_old(run, seconds: float) -> None:
    """As if the last beat lay so far back."""
    then = clock.now() - seconds
    os.utime(run.folder / heartbeat.NAME, (then, then))


def test_a_run_is_running_while_it_beats_and_interrupted_some_time_after(run):
    with liveness.claim(run.folder, "job-1"):
        assert store.load(run.id).state == "running"
        grow_old(run, heartbeat.DEAD_AFTER + 1)
        assert store.load(run.id).state == "interrupted" and store.load(run.id).is_resumable
        assert heartbeat.beat(run.folder, "job-1")
        assert store.load(run.id).state == "running"
    assert not liveness.is_alive(run.folder) and not liveness.is_remote(run.folder)


def test_a_beat_from_before_the_clock_was_set_back_is_old(run):
    heartbeat.begin(run.folder, "job-1")
    grow_old(run, -100_000)
    assert store.load(run.id).state == "interrupted"


@pytest.mark.parametrize("wrong", [-100_000, 100_000], ids=["slow", "fast"])
def test_a_clock_of_this_machine_that_is_wrong_changes_nothing(run, monkeypatch, wrong):
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + wrong)
    with liveness.claim(run.folder, "job-1"):
        assert store.load(run.id).state == "running" and abs(liveness.silence(run.folder)) < 60


def test_only_one_worker_has_a_run_wherever_it_is(run):
    with liveness.claim(run.folder, "job-1"):
        for job in ("", "job-2"):
            with pytest.raises(InputError, match="is already being worked on"), liveness.claim(run.folder, job):
                pytest.fail("claimed twice")
        assert not liveness.kill(run.folder), "its process has a number on another machine"
        grow_old(run, heartbeat.DEAD_AFTER + 1)
        with liveness.claim(run.folder):
            assert liveness.is_alive(run.folder) and not heartbeat.beat(run.folder, "job-1")
    with liveness.claim(run.folder), pytest.raises(InputError), liveness.claim(run.folder, "job-3"):
        pytest.fail("claimed twice")


def test_a_worker_that_was_given_up_leaves_another_one_s_heartbeat_when_it_ends(run):
    with liveness.claim(run.folder, "job-1"):
        grow_old(run, heartbeat.DEAD_AFTER + 1)  # as where its machine stood still
        another = liveness.claim(run.folder, "job-2")
        another.__enter__()
    assert heartbeat.beat(run.folder, "job-2")


def test_where_a_file_server_is_away_nobody_was_asked_to_stop():
    assert not liveness.is_stop_requested(Path("x" * 300)), "the system refuses to look there, as it does then"


def test_a_worker_that_was_given_up_ends_when_it_finds_another_one(run):
    heartbeat.begin(run.folder, "job-2")
    for job, expected in (("job-1", 1), ("job-2", 0)):
        process = PROCESSES.Process(target=worker._beat, args=(run, job))
        process.start()
        process.join()
        assert process.exitcode == expected
