"""Runs on a disk that became read-only, or that has no place for another file."""

import pytest

from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import store, trash
from catsdogs.settings.config import Config
from catsdogs.system.shortage import DiskFull
from tests import mounts, storing
from tests.runs.test_leftovers import MODEL, leave


def test_runs_are_listed_from_a_disk_that_became_read_only(home):
    ended = storing.finished(Config())
    leave(ended.folder, MODEL)
    with mounts.read_only(home):
        assert [run.id for run in store.list_all()] == [ended.id]


def test_what_a_read_only_disk_keeps_from_being_done_is_said_in_a_sentence(home, nothing_starts):
    waiting, ended, deleted = store.create(Config()), storing.finished(Config()), storing.finished(Config())
    trash.put(deleted)
    with mounts.read_only(home):
        for act in (
            lambda: jobs.create([Config()]),
            lambda: jobs.stop(waiting),
            lambda: store.write_status(waiting, "failed"),
            lambda: trash.restore(deleted.id),
        ):
            with pytest.raises(DiskFull, match="The disk is read-only: in .* could not be written"):
                act()
        with pytest.raises(InputError, match=f"Run {ended.id} can't be deleted .Read-only file system."):
            trash.put(ended)
    assert [run.state for run in store.list_all()] == ["finished", "queued"]


@pytest.mark.parametrize("files", [2, 10], ids=["the first", "another"])
def test_no_run_begins_where_the_disk_has_no_place_for_one_of_them(files, home, nothing_starts):
    with mounts.without_inodes(home, files):  # of which one is the disk's own folder, and one that of all runs
        with pytest.raises(DiskFull, match="The disk is full: .* could not be written"):
            jobs.create([Config(seed=seed) for seed in range(3)])
        assert not list((home / "runs").iterdir())
