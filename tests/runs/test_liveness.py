import fcntl
import multiprocessing
import os
import signal
import threading
import time
from contextlib import contextmanager

import pytest

from catsdogs.errors import InputError
from catsdogs.runs import liveness, store
from catsdogs.settings.config import Config
from tests import storing

PROCESSES = multiprocessing.get_context("spawn")


def test_a_killed_worker_leaves_an_interrupted_run():
    run = store.create(Config())
    with worker(run) as process:
        assert store.load(run.id).state == "running"
        assert liveness.is_alive(run.folder)
        assert not store.load(run.id).is_resumable
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        after = store.load(run.id)
        assert (after.state, after.status) == ("interrupted", {"phase": "training"})
        assert after.is_resumable
        assert not liveness.is_alive(run.folder)


def test_a_claimed_run_is_free_once_its_holder_is_gone():
    run = store.create(Config())
    with worker(run) as process:
        with pytest.raises(InputError, match=f"Run {run.id} is already being worked on"), liveness.claim(run.folder):
            pytest.fail("claimed twice")
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        with liveness.claim(run.folder):
            assert liveness.is_alive(run.folder)
    assert not liveness.is_alive(run.folder)


def test_a_claim_is_given_free_where_the_work_raises():
    run = store.create(Config())
    with pytest.raises(KeyError), liveness.claim(run.folder):
        raise KeyError
    assert not liveness.is_alive(run.folder)


def test_a_page_that_looks_does_not_keep_a_worker_out():
    run = store.create(Config())
    looking = (run.folder / "lock").open("w")
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.2, looking.close).start()
    with liveness.claim(run.folder):
        assert liveness.is_alive(run.folder)


@pytest.mark.parametrize("state", ["queued", "finished", "stopped", "failed"])
def test_only_a_running_run_can_be_interrupted(state):
    run = storing.evaluated(0.9, store.create(Config()))
    store.write_status(run, state)
    assert store.load(run.id).state == state
    assert store.load(run.id).is_resumable == (state in ("stopped", "failed"))


def test_a_stop_is_requested_and_withdrawn():
    run = store.create(Config())
    liveness.request_stop(run.folder)
    liveness.request_stop(run.folder)
    assert liveness.is_stop_requested(run.folder)
    liveness.withdraw_stop(run.folder)
    liveness.withdraw_stop(run.folder)
    assert not liveness.is_stop_requested(run.folder)


@contextmanager
def worker(run):
    """A process that has claimed the run and says that it trains."""
    process = PROCESSES.Process(target=hold, args=(run.id,))
    process.start()
    try:
        while store.load(run.id).state != "running":
            assert process.is_alive()
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.join()


def hold(id):
    run = store.load(id)
    with liveness.claim(run.folder):
        store.write_status(run, "running", phase="training")
        time.sleep(600)
