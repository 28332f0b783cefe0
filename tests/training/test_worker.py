"""How a run ends that can't go on."""

import os
import shutil
import signal
from contextlib import ExitStack

import pytest

from catsdogs.runs import liveness, store
from catsdogs.training import fitting, worker
from tests import faults
from tests.limits import files_up_to
from tests.running import create, curves, finish, own_signals, train, work


def test_a_data_folder_that_disappeared_is_named(folder):
    run = create(folder)
    shutil.rmtree(folder)
    ended = work(run)
    assert ended.state == "failed"
    assert ended.status["error"].startswith(f"There is no folder {folder}")


def test_whatever_breaks_a_run_it_says_that_it_failed(folder, home, capsys):
    run = create(folder)
    (home / "pixels").write_text("a file where a folder has to be")
    ended = work(run)
    assert ended.state == "failed"
    assert "FileExistsError" in ended.status["error"] and "log" in ended.status["error"]
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("moment", ["preparing", "epoch 1/3"], ids=["first", "later"])
def test_a_full_disk_is_said_in_words_and_what_was_there_is_as_good_as_before(folder, moment):
    whole = create(folder, epochs=3)
    train(whole)
    run, disk, left = create(folder, epochs=3), ExitStack(), []

    def log(message: str) -> None:
        if message.startswith(moment):
            disk.enter_context(files_up_to(1_000_000))
            left.extend((path, path.read_bytes()) for path in kept(run))

    with disk, own_signals():
        ended = worker.work(run, log)
    assert ended.state == "failed" and "the checkpoint needs 3 MB" in ended.status["error"]
    assert [(path, path.read_bytes()) for path in kept(run)] == left
    assert len(left) == (0 if moment == "preparing" else 2) and not list(run.folder.glob(".new-*"))
    assert (curves(finish(run)) == curves(whole)).all()


def test_a_checkpoint_that_finds_no_room_to_be_unpacked_is_not_called_damaged(stopped):
    run = stopped
    with files_up_to(1_000_000):
        ended = work(run)
    assert ended.state == "failed" and "a copy of the checkpoint needs 2 MB" in ended.status["error"]
    finish(run)


@pytest.mark.parametrize(
    ("device", "error", "expected"),
    [
        ("GPU: a GPU", RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes"), "The GPU ran out of memory"),
        ("GPU: a GPU", MemoryError(), "The computer ran out of memory"),
        ("CPU: a CPU", RuntimeError("OOM when allocating tensor with shape[8]"), "The computer ran out of memory"),
    ],
    ids=["of the GPU", "beside the GPU", "without one"],
)
def test_memory_that_ran_out_is_said_with_what_to_try(folder, monkeypatch, device, error, expected):
    def run_out(run, data, progress, dtype, device_in_use):
        progress.facts.update(device=device)
        raise error

    monkeypatch.setattr(fitting, "fit", run_out)
    ended = work(create(folder, batch_size=9))
    assert ended.state == "failed"
    assert ended.status["error"] == f"{expected} at batch_size = 9; try batch_size = 4 or smaller images."


def test_a_run_that_a_search_stopped_says_so_though_a_signal_came_as_well(folder, tmp_path):
    """As from a Ray cluster, where the worker is slow to react."""
    run = create(folder)

    def stop_twice() -> None:
        liveness.request_stop(run.folder, store.PRUNED)
        os.kill(os.getpid(), signal.SIGTERM)

    faults.train(run, faults.at_event(0, stop_twice, tmp_path / "events"))
    assert store.load(run.id).ending == store.PRUNED


def kept(run) -> list:
    """The checkpoints that there are."""
    return [path for path in (run.model_path, run.resume_path) if path.exists()]
