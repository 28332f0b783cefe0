"""A run that doesn't fit on the disk is refused before anything is decoded; one that fits leaves no more than was said."""

import shutil

import pytest

from tests.running import create, finish, stop_after, work


@pytest.fixture
def free(monkeypatch):
    """Say how many bytes are free on every disk."""

    def say(count: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 10**12 - count, count))

    return say


def test_a_run_that_cannot_fit_is_refused_before_it_begins(folder, home, free):
    free(2_500_000)
    ended = work(create(folder, target_size=150))
    assert ended.state == "failed"
    assert ended.status["error"] == (
        f"Not enough disk space: 2 MB free, the run with its checkpoints and decoded photographs needs {needed(150):.0f} MB. "
        "Delete data sets or runs that nobody needs, or ask whoever runs this server."
    )
    assert not list((home / "pixels").iterdir()) and not ended.model_path.exists()


def test_photographs_that_are_decoded_already_take_no_room(folder, free):
    finish(create(folder, target_size=150, epochs=1))
    free(int(needed(150) * 1e6) - 60 * 150 * 150 * 3 + 1_000_000)
    finish(create(folder, target_size=150, epochs=1, seed=1))


def test_a_run_that_is_resumed_needs_room_only_for_its_next_checkpoints(folder, free):
    run = stop_after(create(folder), 1)
    free(0)
    assert "the run with its checkpoints needs 5 MB" in work(run).status["error"]


def needed(size: int) -> float:
    """MB of the pixels of sixty photographs, the checkpoints of `tests.running.SMALL` with Adam, and the rest."""
    weights = size * size * 3 * 64 + 64 + 64 + 1
    return (60 * size * size * 3 + 2 * 4 * weights * 4 + 2_000_000) / 1e6
