import fcntl
import os
import signal
import threading
import time

import pytest

from catsdogs.errors import InputError
from catsdogs.runs import liveness, store, trash
from catsdogs.settings.config import Config
from catsdogs.system.shortage import DiskFull
from tests import storing
from tests.hanging import fall_silent, worker
from tests.limits import files_up_to


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


def test_a_request_to_stop_is_never_seen_without_its_reason():
    run = store.create(Config())
    liveness.request_stop(run.folder, store.PRUNED)
    asking = threading.Thread(target=lambda: [liveness.request_stop(run.folder, store.PRUNED) for _ in range(1000)])
    asking.start()
    seen = {liveness.stop_reason(run.folder)}
    while asking.is_alive():
        seen.add(liveness.stop_reason(run.folder))
    assert seen == {store.PRUNED}


def test_a_request_whose_reason_finds_no_room_is_none():
    run = store.create(Config())
    with files_up_to(3), pytest.raises(DiskFull, match="the request to stop could not be written"):
        liveness.request_stop(run.folder, store.PRUNED)
    assert not liveness.is_stop_requested(run.folder)


def test_a_worker_that_has_not_reported_for_ten_minutes_hangs_until_it_does():
    run = store.create(Config())
    with worker(run):
        fall_silent(run, 590)
        assert store.load(run.id).state == "running"
        fall_silent(run, 610)
        hung = store.load(run.id)
        assert (hung.state, hung.is_resumable, hung.status) == ("hung", True, {"phase": "training"})
        assert [each.state for each in store.list_all()] == ["hung"]
        with pytest.raises(InputError, match="is hung; stop it first"):
            trash.put(hung)
        store.write_status(run, "running", phase="training")
        assert store.load(run.id).state == "running"
    fall_silent(run, 610)
    assert store.load(run.id).state == "interrupted"


def test_nobody_is_killed_but_the_process_that_holds_the_run():
    run = store.create(Config())
    with worker(run) as process, worker(store.create(Config())) as other:
        (run.folder / "lock").write_text(str(other.pid))  # as where the number of a killed worker is that of another process by now
        assert not liveness.kill(run.folder)
        (run.folder / "lock").write_text(str(process.pid))
        assert liveness.kill(run.folder)
        process.join()
        assert process.exitcode == -signal.SIGKILL and other.is_alive()
        assert not liveness.kill(run.folder)


@pytest.mark.parametrize("wrong", [-100_000, 100_000], ids=["slow", "fast"])
def test_a_worker_is_given_its_time_to_end_whatever_this_machine_s_clock_says(wrong, monkeypatch):
    now, run = time.time(), store.create(Config())
    with worker(run):
        monkeypatch.setattr(time, "time", lambda: now + wrong)
        assert abs(liveness.silence(run.folder)) < 60 and store.load(run.id).state == "running"
        assert not liveness.is_stop_ignored(run.folder)
        liveness.request_stop(run.folder)
        assert not liveness.is_stop_ignored(run.folder)
        for then in (now - 60, now + 100_000):  # before the clock of the disk was set back
            os.utime(run.folder / "stop", (then, then))
            assert liveness.is_stop_ignored(run.folder)
