"""Deleting runs, and taking it back."""

import multiprocessing
import shutil
from contextlib import suppress

import pytest

from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import liveness, predictions, store, trash
from catsdogs.settings.config import Config
from catsdogs.system import files
from tests import breaking, storing

PROCESSES = multiprocessing.get_context("spawn")


def test_a_deleted_run_comes_back_as_it_was(home):
    kept, run = storing.finished(Config(seed=1)), storing.finished(Config(seed=2))
    trash.put(run)
    assert store.list_all() == [kept]
    with pytest.raises(InputError, match="There is no run"):
        store.load(run.id)
    assert trash.restore(run.id) == run
    assert store.list_all() == [run, kept] and predictions.load(run)


def test_the_disk_space_that_is_named_is_really_freed(home):
    run, other = storing.finished(Config()), storing.finished(Config())
    run.model_path.write_bytes(b"x" * 30_000_000)
    before, named = taken(home), files.space(run.folder)
    assert named > 30_000_000
    trash.put(run)
    trash.put(other)
    assert taken(home) == before
    trash.empty([run.id])
    assert before - taken(home) == named
    trash.restore(other.id)
    with pytest.raises(InputError, match=f"Run {run.id} is gone for good"):
        trash.restore(run.id)


def test_the_whole_trash_is_emptied_and_nothing_else(home):
    kept, *deleted = (storing.finished(Config()) for _ in range(3))
    for run in deleted:
        trash.put(run)
    trash.empty()
    assert [path.name for path in (home / "runs").iterdir()] == [kept.id]


def test_a_server_that_starts_empties_it_unless_another_one_is_there():
    first, run = trash.begin(), storing.finished(Config())
    trash.put(run)
    second = trash.begin()
    first.close()
    third = trash.begin()
    assert trash.restore(run.id) == run
    trash.put(run)
    for server in (second, third):
        server.close()
    trash.begin().close()
    with pytest.raises(InputError, match="is gone for good"):
        trash.restore(run.id)


@pytest.mark.parametrize("kind", breaking.PLACES)
def test_a_server_starts_whatever_is_in_the_place_of_its_lock(kind, home):
    (home / "undo.lock").touch()
    breaking.PLACES[kind](home / "undo.lock")
    trash.begin().close()


def test_a_run_that_waits_or_trains_is_not_deleted():
    run = store.create(Config())
    with pytest.raises(InputError, match="is queued; stop it first"):
        trash.put(run)
    with liveness.claim(run.folder):
        store.write_status(run, "running")
        with pytest.raises(InputError, match="is running; stop it first"):
            trash.put(run)
    assert store.list_all() == [store.load(run.id)]


def test_the_bundled_run_is_not_deleted():
    with pytest.raises(InputError, match="bundled"):
        trash.put(store.load(store.SHIPPED))
    assert store.load(store.SHIPPED).state == "finished"


def test_a_run_that_was_imported_again_meanwhile_stays_and_is_deleted_in_its_turn(tmp_path):
    run = storing.finished(Config())
    shutil.copytree(run.folder, tmp_path / "copy")
    trash.put(run)
    shutil.copytree(tmp_path / "copy", run.folder)
    with pytest.raises(InputError, match=f"Run {run.id} can't be restored: another one has taken its place"):
        trash.restore(run.id)
    trash.put(run)
    assert trash.restore(run.id) == run


def test_a_folder_that_two_people_delete_one_after_the_other_has_already_been_deleted(home):
    (home / "runs" / "notes").mkdir(parents=True)
    found = store.find("notes")
    trash.put(found)
    with pytest.raises(InputError, match="Run notes has already been deleted"):
        trash.put(found)


def test_a_run_of_that_name_is_not_restored_over_another_place(home, tmp_path):
    with pytest.raises(InputError, match="gone for good"):
        trash.restore(f"../{tmp_path.name}")


def test_a_run_that_two_people_delete_at_once_still_comes_back():
    run = storing.finished(Config())
    with PROCESSES.Pool(2) as pool:
        for _ in range(200):
            pool.map(put, [run, run], chunksize=1)
            assert trash.restore(run.id) == run


def test_what_is_done_to_a_run_that_another_process_deletes_is_done_or_refused_in_a_sentence(nothing_starts):
    run = storing.finished(Config())
    with PROCESSES.Pool(1) as pool:
        deleting = pool.map_async(put_and_restore, [run] * 300)
        while not deleting.ready():
            for act in (lambda: store.change_label(run, name="mine"), lambda: jobs.submit(run), lambda: jobs.stop(run)):
                with suppress(InputError):  # anything else fails the test
                    act()
        deleting.get()
    assert isinstance(store.find(run.id), store.Run)


def put(run):
    with suppress(InputError):
        trash.put(run)


def put_and_restore(run):
    put(run)
    with suppress(InputError):
        trash.restore(run.id)


def taken(folder) -> int:
    """Bytes of disk space of all files below."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
