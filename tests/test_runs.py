import fcntl
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from catsdogs import home, runs
from catsdogs.config import Config
from catsdogs.errors import InputError

PROCESSES = multiprocessing.get_context("spawn")


def test_a_new_run_is_queued_and_read_back():
    config = Config(preset="quick", seed=3, data="/Bücher", brightness_range=(0.5, 1.5))
    run = runs.create(config)
    assert (run.config, run.state, run.status) == (config, "queued", {})
    assert runs.load(run.id) == run
    assert datetime.now(UTC) - run.created < timedelta(minutes=5)
    assert "conv2d-adam" in run.id


def test_a_new_run_has_nothing_yet():
    run = runs.create(Config())
    assert runs.history(run) == [] and runs.epochs_done(run) == 0
    assert runs.evaluation(run) is None
    assert runs.environment(run) == {}
    assert runs.predictions(run) == []
    assert not runs.is_alive(run.folder) and not runs.is_stop_requested(run)


def test_runs_are_listed_newest_first_even_if_they_were_made_in_the_same_second():
    assert runs.list_all() == []
    made = [runs.create(Config(model=model)).id for model in ("dense", "conv2d", "dense", "conv2d", "conv2d")]
    assert [run.id for run in runs.list_all()] == made[::-1]


def test_a_run_that_is_being_made_or_deleted_is_not_listed():
    run = runs.create(Config())
    for name in (f".new-{run.id}", f".old-{run.id}"):
        shutil.copytree(run.folder, run.folder.with_name(name))
    (run.folder.parent / "notes").mkdir()
    assert [each.id for each in runs.list_all()] == [run.id]


def test_an_unknown_id_is_refused():
    with pytest.raises(InputError, match="There is no run '20250101-000000-x'"):
        runs.load("20250101-000000-x")


@pytest.mark.parametrize("id", ["", ".", "..", "../x", "{id}/", "./{id}", "x/../{id}", "{folder}", ".old-{id}", "{id}\0", "x" * 300])
def test_an_id_never_leads_out_of_the_folder_of_runs(home, id):
    run = runs.create(Config())
    for outside in (home, home / "x", home / "runs", home / "runs" / f".old-{run.id}"):
        shutil.copytree(run.folder, outside, dirs_exist_ok=True)
    with pytest.raises(InputError, match="There is no run"):
        runs.load(id.format(id=run.id, folder=run.folder))


def test_the_status_is_replaced_and_read_back():
    run = runs.create(Config())
    runs.write_status(run, "failed", error="The disk is full.", done=3)
    after = runs.load(run.id)
    assert (after.state, after.status) == ("failed", {"error": "The disk is full.", "done": 3})


def test_a_run_whose_worker_works_is_running_and_interrupted_once_it_was_killed():
    run = runs.create(Config())
    with worker(run) as process:
        assert runs.load(run.id).state == "running"
        assert runs.is_alive(run.folder)
        assert not runs.load(run.id).is_resumable
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        after = runs.load(run.id)
        assert (after.state, after.status) == ("interrupted", {"phase": "training"})
        assert after.is_resumable
        assert not runs.is_alive(run.folder)


def test_a_run_that_another_process_holds_can_not_be_claimed_until_that_one_is_gone():
    run = runs.create(Config())
    with worker(run) as process:
        with pytest.raises(InputError, match=f"Run {run.id} is already being worked on"), runs.claim(run):
            pytest.fail("claimed twice")
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        with runs.claim(run):
            assert runs.is_alive(run.folder)
    assert not runs.is_alive(run.folder)


def test_a_claim_is_given_free_where_the_work_raises():
    run = runs.create(Config())
    with pytest.raises(KeyError), runs.claim(run):
        raise KeyError
    assert not runs.is_alive(run.folder)


def test_a_page_that_looks_whether_a_run_is_alive_does_not_keep_a_worker_from_claiming_it():
    run = runs.create(Config())
    looking = (run.folder / "lock").open("w")
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.2, looking.close).start()
    with runs.claim(run):
        assert runs.is_alive(run.folder)


@pytest.mark.parametrize("state", ["queued", "finished", "stopped", "failed"])
def test_only_a_running_run_is_interrupted_by_the_end_of_its_worker(state):
    run = runs.create(Config())
    runs.write_status(run, state)
    assert runs.load(run.id).state == state
    assert runs.load(run.id).is_resumable == (state in ("stopped", "failed"))


def test_the_history_is_read_epoch_by_epoch():
    run = runs.create(Config())
    for number in (1, 2):
        runs.append_epoch(run, epoch(number))
    assert runs.history(run) == [epoch(1), epoch(2)]
    assert runs.epochs_done(run) == 2


def test_a_half_written_last_line_of_the_history_is_ignored():
    run = trained(epoch(1), epoch(2))
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 3, "loss": 0.')
    assert runs.history(run) == [epoch(1), epoch(2)]
    assert runs.epochs_done(run) == 2


def test_a_history_that_was_cut_goes_on_after_the_epochs_that_were_kept():
    run = trained(epoch(1), epoch(2), epoch(3))
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 4, "lo')
    runs.cut_history(run, 2)
    assert runs.history(run) == [epoch(1), epoch(2)]
    runs.append_epoch(run, epoch(3, loss=0.1))
    assert runs.history(run) == [epoch(1), epoch(2), epoch(3, loss=0.1)]


def test_cutting_a_history_to_more_than_it_holds_keeps_it_and_to_none_empties_it():
    run = trained(epoch(1))
    runs.cut_history(run, 5)
    assert runs.history(run) == [epoch(1)]
    runs.cut_history(run, 0)
    assert runs.history(run) == []
    runs.cut_history(runs.create(Config()), 0)


def test_the_run_that_comes_with_the_application_is_loaded_but_not_listed(shipped):
    run = runs.load(runs.SHIPPED)
    assert (run.folder, run.state) == (shipped, "finished")
    assert runs.SHIPPED not in [each.id for each in runs.list_all()]


def test_predictions_with_any_path_are_read_back():
    run = runs.create(Config())
    paths = [
        "cats/plain.jpg",
        'dogs/the "best", really.jpg',
        "cats/Kätzchen 🐈; 1.jpg",
        "dogs/line\nbreak.jpg",
        os.fsdecode(b"dogs/M\xf6ps.jpg"),
    ]
    runs.write_predictions(run, paths, np.array([0, 1, 0, 1, 1]), np.array([0, 1, 0.25, 0.1234567, 1e-6]))
    assert runs.predictions(run) == [
        (paths[0], 0, 0.0),
        (paths[1], 1, 1.0),
        (paths[2], 0, 0.25),
        (paths[3], 1, 0.1234567),
        (paths[4], 1, 1e-6),
    ]


def test_a_prediction_just_below_one_half_stays_below():
    run = runs.create(Config())
    just_below = np.nextafter(np.float32(0.5), np.float32(0))
    runs.write_predictions(run, ["cats/a.jpg"], [0], np.array([just_below]))
    assert runs.predictions(run)[0][2] < 0.5


def test_predictions_of_unequal_lengths_are_refused_and_nothing_is_written():
    run = runs.create(Config())
    with pytest.raises(ValueError, match="zip"):
        runs.write_predictions(run, ["a", "b"], [0], [0.5])
    assert runs.predictions(run) == []


def test_evaluation_and_environment_are_read_back():
    run = evaluated(0.75, runs.create(Config()))
    runs.write_environment(run, {"device": "CPU", "seconds": 1.5})
    assert runs.evaluation(run)["test"]["accuracy"] == 0.75
    assert runs.environment(run) == {"device": "CPU", "seconds": 1.5}


def test_a_stop_is_requested_and_withdrawn():
    run = runs.create(Config())
    runs.request_stop(run)
    runs.request_stop(run)
    assert runs.is_stop_requested(run)
    runs.withdraw_stop(run)
    runs.withdraw_stop(run)
    assert not runs.is_stop_requested(run)


def test_the_resume_point_is_forgotten_and_the_model_kept():
    run = runs.create(Config())
    run.resume_path.write_text("weights")
    run.model_path.write_text("weights")
    runs.forget_resume_point(run)
    runs.forget_resume_point(run)
    assert run.model_path.exists() and not run.resume_path.exists()


def test_what_people_write_on_a_run_is_kept_with_it():
    run = runs.create(Config())
    assert run.label == runs.Label()
    runs.write_label(run, runs.Label("Größer", "after the break", True))
    assert runs.load(run.id).label == runs.Label("Größer", "after the break", True)


def test_a_run_that_did_not_change_is_listed_without_opening_any_of_its_files():
    for _ in range(3):
        runs.write_status(evaluated(0.5, runs.create(Config())), "finished")
    waiting = runs.create(Config())
    expected = runs.list_all()
    with opened() as paths:
        assert runs.list_all() == expected and paths == []
        runs.write_status(waiting, "stopped")
        paths.clear()
        assert runs.list_all()[0].state == "stopped" and {path.parent for path in paths} == {waiting.folder}


def test_a_status_that_is_written_twice_in_a_moment_is_read_as_it_is_now():
    run = runs.create(Config())
    for number in range(200):
        runs.write_status(run, "running" if number % 2 else "queued", done=number)
        assert runs.load(run.id).status["done"] == number


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


def epoch(number, **changed):
    facts = {"loss": 0.5, "accuracy": 0.8, "val_loss": 0.6, "val_accuracy": 0.75, "seconds": 30.0, "pictures_per_second": 100.0}
    return {"epoch": number, **facts, **changed}


def trained(*epochs, config=None):
    run = runs.create(config or Config())
    for each in epochs:
        runs.append_epoch(run, each)
    return run


def evaluated(accuracy, run):
    parts = {"training": 0.99, "validation": 0.95, "test": accuracy}
    runs.write_evaluation(run, {part: {"accuracy": value, "low": value - 0.02} for part, value in parts.items()})
    return run


@contextmanager
def worker(run):
    """A process that has claimed the run and says that it trains."""
    process = PROCESSES.Process(target=hold, args=(run.id,))
    process.start()
    try:
        while runs.load(run.id).state != "running":
            assert process.is_alive()
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.join()


def hold(id):
    run = runs.load(id)
    with runs.claim(run):
        runs.write_status(run, "running", phase="training")
        time.sleep(600)
