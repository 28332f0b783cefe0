"""What killed processes leave behind in the folders of runs is removed, and nothing else."""

import os
import time

import pytest

from catsdogs.runs import liveness, store
from catsdogs.settings.config import Config
from tests import storing
from tests.running import work

MODEL, SMALL, OF_KERAS = ".new-01ab23cd.keras", ".new-01ab23cd.json", "tmpa1b2c3_d"


def leave(folder, *names: str, age: float = 0) -> None:
    """Files as a process leaves them that was killed so many seconds ago."""
    for name in names:
        (folder / name).write_bytes(b"half of it")
        os.utime(folder / name, (time.time() - age,) * 2)


def left(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith((".new-", "tmp")))


def killed() -> store.Run:
    run = storing.evaluated(0.9, store.create(Config()))
    store.write_status(run, "running")
    return run


@pytest.mark.parametrize("state", store.ENDED)
def test_a_model_that_a_killed_worker_was_writing_goes_when_runs_are_listed(state):
    run = storing.finished(Config()) if state == "finished" else killed()
    if state in ("stopped", "failed"):
        store.write_status(run, state)
    leave(run.folder, MODEL, ".new-01ab23cd.npy")
    assert [each.state for each in store.list_all()] == [state]
    assert left(run.folder) == []


def test_what_a_worker_is_writing_stays():
    run = killed()
    with liveness.claim(run.folder):
        leave(run.folder, MODEL, age=1000)
        store.list_all()
        store.write_status(run, "stopped")  # it has ended, but is not gone yet
        store.list_all()
        assert left(run.folder) == [MODEL]
    store.list_all()
    assert left(run.folder) == []


def test_what_a_page_may_be_writing_or_reading_stays_for_a_minute():
    run = killed()
    (run.folder / OF_KERAS).mkdir()
    leave(run.folder, f"{OF_KERAS}/model.weights.h5", SMALL)
    store.list_all()
    assert left(run.folder) == [SMALL, OF_KERAS]
    for name in (OF_KERAS, SMALL):
        os.utime(run.folder / name, (time.time() - 100,) * 2)
    store.list_all()
    assert left(run.folder) == []


def test_files_that_only_look_like_it_stay():
    run = killed()
    names = (".new-idea.json", "tmp.json", ".new-01ab23cd", "tmp_notes.txt", ".new-01AB23CD.keras")
    leave(run.folder, *names, age=1000)
    store.list_all()
    assert left(run.folder) == sorted({*names} - {".new-01ab23cd"})


def test_a_worker_removes_what_the_one_before_it_left(tmp_path):
    run = store.create(Config(data=str(tmp_path / "nowhere")))
    leave(run.folder, MODEL)
    assert "There is no folder" in work(run).status["error"]
    assert left(run.folder) == []


def test_a_finished_run_is_without_its_resume_point_wherever_its_worker_was_killed():
    finished, stopped = storing.finished(Config()), store.create(Config())
    store.write_status(stopped, "stopped")
    for run in (finished, stopped):
        leave(run.folder, "last.keras", "losses.npy")
        leave(run.folder, "model.keras")
    store.list_all()
    assert not finished.resume_path.exists() and not finished.losses_path.exists() and finished.model_path.exists()
    assert stopped.resume_path.exists() and stopped.losses_path.exists()


def test_the_folder_of_a_run_that_was_never_completed_is_removed(home):
    store.create(Config())
    old, new = (home / "runs" / f".new-20260101-00000{number}-dense-adam-abcdef" for number in (0, 1))
    for folder in (old, new):
        folder.mkdir()
        leave(folder, "config.json", age=100)
        os.utime(folder, (time.time() - 100,) * 2)
    (new / "config.json").touch()  # as that of an import, which can take minutes to write its model
    store.create(Config())
    assert not old.exists() and new.exists()


@pytest.mark.parametrize("wrong", [-100_000, 100_000], ids=["slow", "fast"])
def test_ages_go_by_the_clock_of_the_disk_whatever_that_of_this_machine_says(wrong, home, monkeypatch):
    now, run = time.time(), killed()
    monkeypatch.setattr(time, "time", lambda: now + wrong)
    folders = [home / "runs" / f".new-20260101-00000{number}-dense-adam-abcdef" for number in (0, 1)]
    for folder in folders:
        folder.mkdir()
    for folder, old, new in ((run.folder, SMALL, ".new-01ab23ce.json"), (home / "runs", folders[0].name, folders[1].name)):
        for name, age in ((old, 100), (new, 10)):
            (folder / name).touch()
            os.utime(folder / name, (now - age,) * 2)
    store.create(Config())
    store.list_all()
    assert left(run.folder) == [".new-01ab23ce.json"] and left(home / "runs") == [folders[1].name]
