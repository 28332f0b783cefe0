import multiprocessing
import pickle
import shutil
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catsdogs.analysis import evaluation
from catsdogs.errors import InputError
from catsdogs.runs import history, liveness, predictions, store
from catsdogs.settings.config import Config
from catsdogs.system import clock, home
from catsdogs.system.shortage import DiskFull
from tests.limits import files_up_to
from tests.storing import environment, evaluated


def test_a_new_run_is_queued_and_read_back():
    config = Config(preset="quick", seed=3, data="/Bücher", brightness_range=(0.5, 1.5))
    run = store.create(config)
    assert (run.config, run.state, run.status) == (config, "queued", {})
    assert store.load(run.id) == run
    assert datetime.now(UTC) - run.created < timedelta(minutes=5)
    assert "conv2d-adam" in run.id


def test_a_new_run_has_nothing_yet():
    run = store.create(Config())
    assert history.load(run) == [] and history.epochs_done(run) == 0
    assert evaluation.load(run) is None
    assert store.environment(run) == {}
    assert predictions.load(run) == ()
    assert not liveness.is_alive(run.folder) and not liveness.is_stop_requested(run.folder)


def test_runs_are_listed_newest_first():
    assert store.list_all() == []
    made = [store.create(Config(model=model)).id for model in ("dense", "conv2d", "dense", "conv2d", "conv2d")]
    assert [run.id for run in store.list_all()] == made[::-1]


def test_a_run_that_is_being_made_or_deleted_is_not_listed():
    run = store.create(Config())
    for name in (f".new-{run.id}", f".old-{run.id}"):
        shutil.copytree(run.folder, run.folder.with_name(name))
    (run.folder.parent / "notes").mkdir()
    assert [each.id for each in store.list_all()] == [run.id]


def test_a_running_run_that_is_removed_by_hand_while_it_is_listed_is_gone(monkeypatch):
    run = store.create(Config())
    with liveness.claim(run.folder):
        store.write_status(run, "running")
        monkeypatch.setattr(clock, "now", lambda: shutil.rmtree(run.folder) or 0.0)  # asked last, for when it was heard of
        assert store.list_all() == store.list_unreadable() == []


def test_a_run_whose_worker_ends_while_it_is_looked_at_was_not_interrupted(monkeypatch):
    run = evaluated(0.9, store.create(Config()))
    store.write_status(run, "running")
    monkeypatch.setattr(liveness, "is_alive", lambda folder: store.write_status(run, "finished") or False)  # ended a moment ago
    assert store.load(run.id).state == "finished"


def test_an_unknown_id_is_refused():
    with pytest.raises(InputError, match=r"^There is no run '20250101-000000-x'; it may have been deleted.$") as refused:
        store.load("20250101-000000-x")
    assert refused.value.hint == "`python -m catsdogs runs` lists the runs."
    assert pickle.loads(pickle.dumps(refused.value)).hint == refused.value.hint, "as from the process that classifies"


@pytest.mark.parametrize("id", ["", ".", "..", "../x", "{id}/", "./{id}", "x/../{id}", "{folder}", ".old-{id}", "{id}\0", "x" * 300])
def test_an_id_never_leads_out_of_the_folder_of_runs(home, id):
    run = store.create(Config())
    for outside in (home, home / "x", home / "runs", home / "runs" / f".old-{run.id}"):
        shutil.copytree(run.folder, outside, dirs_exist_ok=True)
    with pytest.raises(InputError, match="There is no run"):
        store.load(id.format(id=run.id, folder=run.folder))


def test_the_status_is_replaced_and_read_back():
    run = store.create(Config())
    store.write_status(run, "failed", error="The disk is full.", done=3)
    after = store.load(run.id)
    assert (after.state, after.status) == ("failed", {"error": "The disk is full.", "done": 3})


def test_the_bundled_run_is_loaded_but_not_listed(shipped):
    run = store.load(store.SHIPPED)
    assert (run.folder, run.state) == (shipped, "finished")
    assert store.SHIPPED not in [each.id for each in store.list_all()]


def test_evaluation_and_environment_are_read_back():
    run = evaluated(0.75, store.create(Config()))
    known = {**environment(run), "class_names": ["Katzen", "Hunde"], "seconds": 1.5}
    store.write_environment(run, known)
    assert evaluation.load(run).test.accuracy == 0.75
    assert store.environment(run) == known


def test_the_resume_point_is_forgotten_and_the_model_kept():
    run = store.create(Config())
    run.resume_path.write_text("weights")
    run.model_path.write_text("weights")
    store.forget_resume_point(run)
    store.forget_resume_point(run)
    assert run.model_path.exists() and not run.resume_path.exists()


def test_what_people_write_on_a_run_is_kept_with_it():
    run = store.create(Config())
    assert run.label == store.Label()
    store.change_label(run, name="Größer", is_starred=True)
    assert store.load(run.id).label == store.Label("Größer", "", True)
    store.change_label(run, note="after the break")
    assert store.load(run.id).label == store.Label("Größer", "after the break", True)


def test_of_what_is_written_on_a_run_from_elsewhere_pages_show_no_more_than_they_have_room_for():
    run = store.create(Config())
    store.change_label(run, name="n" * 10_000, note="w" * 10_000)
    assert store.load(run.id).label == store.Label("n" * store.MAX_NAME, "w" * store.MAX_NOTE)


def test_of_what_several_processes_write_on_a_run_nothing_is_lost():
    run = store.create(Config())
    writing = [
        multiprocessing.get_context("spawn").Process(target=write_on, args=(run.id, field, values))
        for field, values in {"name": "abc" * 10, "note": "def" * 10, "is_starred": [False, True] * 15}.items()
    ]
    for process in writing:
        process.start()
    for process in writing:
        process.join()
    assert store.load(run.id).label == store.Label("c", "f", True)
    assert {process.exitcode for process in writing} == {0}


def test_nothing_is_written_on_a_run_that_is_gone():
    run = store.create(Config())
    shutil.rmtree(run.folder)
    with pytest.raises(InputError, match="There is no run"):
        store.change_label(run, name="Mine")
    with pytest.raises(InputError, match=f"Run {run.id} has been deleted"):
        store.write_status(run, "stopped")
    assert not run.folder.exists()


def test_an_unchanged_run_is_listed_without_opening_a_file():
    for _ in range(3):
        store.write_status(evaluated(0.5, store.create(Config())), "finished")
    waiting = store.create(Config())
    expected = store.list_all()
    with opened() as paths:
        assert store.list_all() == expected and paths == []
        store.write_status(waiting, "stopped")
        paths.clear()
        assert store.list_all()[0].state == "stopped" and {path.parent for path in paths} == {waiting.folder}


def test_a_status_written_twice_in_a_moment_is_read_anew():
    run = store.create(Config())
    for number in range(200):
        store.write_status(run, "running" if number % 2 else "queued", done=number)
        assert store.load(run.id).status["done"] == number


def write_on(id, field, values):
    run = store.load(id)
    for value in values:
        store.change_label(run, **{field: value})
        assert getattr(store.load(id).label, field) == value


@contextmanager
def opened():
    """The files below the folder of runs that this process opens, as they come."""
    paths, watched = [], [True]
    below = str(home.subfolder("runs"))

    def note(event: str, arguments: tuple) -> None:
        if watched and event == "open" and str(arguments[0]).startswith(below):
            paths.append(Path(arguments[0]))

    sys.addaudithook(note)  # stays for the life of the process
    yield paths
    watched.clear()


def test_what_can_not_be_written_on_a_full_disk_is_called_by_a_name_that_people_know():
    run = store.create(Config())
    with files_up_to(0), pytest.raises(DiskFull, match=f"free in {home.folder()}/runs, a new run could not be written"):
        store.create(Config())
    with files_up_to(0), pytest.raises(DiskFull, match="free in .*, the run's label could not be written"):
        store.change_label(run, name="mine")
