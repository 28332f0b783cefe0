"""Sweeps: many runs as one."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catsdogs.errors import InputError
from catsdogs.queue import dispatcher, jobs, sweeps
from catsdogs.runs import store, trash
from catsdogs.settings.config import Config, change
from tests import storing
from tests.hanging import fall_silent, worker

KILLED_AT_A_RUN = """
import os, signal, sys
from catsdogs.queue import sweeps
from catsdogs.settings.config import Config
made = []
def note(event, arguments):
    if event == "os.rename" and os.path.basename(os.path.dirname(arguments[1])) == "runs":
        made.append(arguments)
        if len(made) == {number}:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(note)
sweeps.create("seeds", [Config(seed=seed) for seed in range(5)])
"""


def kill_at_run(number: int) -> None:
    """A process queues the sweep seeds and is killed before that run is there."""
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_A_RUN.format(number=number)], cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL


def test_only_the_runs_of_the_sweep_are_cancelled():
    with dispatcher.turn(print):  # nothing starts meanwhile
        (other,) = jobs.create([Config()])
        swept = sweeps.create("seeds", [Config(seed=seed) for seed in range(3)])
        store.write_status(swept[0], "stopped")
        assert [run.id for run in sweeps.cancel("seeds")] == [run.id for run in swept[1:]]
        assert [run.id for run in jobs.queue()] == [other.id] and sweeps.names() == ["seeds"]
        jobs.stop(other)


def test_a_run_that_hangs_beyond_reach_keeps_no_other_from_being_stopped(nothing_starts, monkeypatch):
    monkeypatch.setattr(jobs, "_GRACE", 0.1)
    hung, *others = sweeps.create("seeds", [Config(seed=seed) for seed in range(3)])
    with worker(hung):
        fall_silent(hung, 1000)
        (hung.folder / "lock").write_text("of another machine")
        with pytest.raises(InputError, match=f"{hung.id} hangs"):
            sweeps.cancel("seeds")
        assert [store.load(run.id).state for run in others] == ["stopped", "stopped"]


def test_a_deleted_run_is_no_longer_part_of_it():
    with dispatcher.turn(print):
        first, second = sweeps.create("seeds", [Config(seed=seed) for seed in range(2)])
        jobs.stop(first)
        trash.put(store.load(first.id))
        assert sweeps.runs("seeds") == [second] and sweeps.busy(store.list_all()) == {"seeds": [second]}
        sweeps.cancel("seeds")
    assert not sweeps.busy(store.list_all())


def test_a_name_is_needed_and_taken_once():
    with dispatcher.turn(print):
        sweeps.create("seeds", [Config()])
        for name in ("", "  ", "seeds"):
            with pytest.raises(InputError, match="name"):
                sweeps.create(name, [Config()])
        assert len(jobs.queue()) == 1
        sweeps.cancel("seeds")


def test_what_a_process_had_queued_that_was_killed_at_it_is_there_by_its_name():
    kill_at_run(3)
    assert [run.config.seed for run in sweeps.runs("seeds")] == [0, 1] and len(store.list_all()) == 2


def test_a_process_that_was_killed_before_its_first_run_leaves_no_sweep_and_the_name_free(nothing_starts):
    kill_at_run(1)
    assert not sweeps.names() and not store.list_all()
    (run,) = sweeps.create("seeds", [Config()])
    assert sweeps.names() == ["seeds"] and sweeps.runs("seeds") == [run]


def test_a_name_is_free_again_once_all_runs_are_gone_for_good(nothing_starts):
    (run,) = sweeps.create("seeds", [Config()])
    sweeps.cancel("seeds")
    trash.put(store.load(run.id))
    with pytest.raises(InputError, match="already"):  # it can come back
        sweeps.create("seeds", [Config()])
    trash.empty()
    assert not sweeps.names()
    for name in ("others", "seeds"):
        sweeps.create(name, [Config()])
    assert sweeps.names() == ["others", "seeds"], "the oldest first"


def test_a_run_that_was_removed_meanwhile_keeps_no_other_from_being_cancelled(nothing_starts, monkeypatch):
    first, *others = sweeps.create("seeds", [Config(seed=seed) for seed in range(3)])
    seen = sweeps.runs("seeds")
    shutil.rmtree(first.folder)
    monkeypatch.setattr(sweeps, "runs", lambda name: seen)  # as they were a moment ago
    sweeps.cancel("seeds")
    assert [store.load(run.id).state for run in others] == ["stopped", "stopped"]


def test_its_time_is_the_sum_of_its_runs_over_the_devices():
    config = Config(data="/photos")
    assert sweeps.seconds([config], 1) == (None, False)
    storing.finished(config, epochs=2, seconds=10.0)
    one, _ = sweeps.seconds([config], 1)
    assert [sweeps.seconds([config] * 4, slots) for slots in (1, 2)] == [(pytest.approx(4 * one), False), (pytest.approx(2 * one), False)]
    assert sweeps.seconds([config, change(config, horizontal_flip=True)], 1)[1], "no run tells what augmentation takes"
