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

from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.system import home

PROCESSES = multiprocessing.get_context("spawn")


def test_a_new_run_is_queued_and_read_back():
    config = Config(preset="quick", seed=3, data="/Bücher", brightness_range=(0.5, 1.5))
    run = store.create(config)
    assert (run.config, run.state, run.status) == (config, "queued", {})
    assert store.load(run.id) == run
    assert datetime.now(UTC) - run.created < timedelta(minutes=5)
    assert "conv2d-adam" in run.id


def test_a_new_run_has_nothing_yet():
    run = store.create(Config())
    assert store.history(run) == [] and store.epochs_done(run) == 0
    assert store.evaluation(run) is None
    assert store.environment(run) == {}
    assert store.predictions(run) == []
    assert not store.is_alive(run.folder) and not store.is_stop_requested(run)


def test_runs_are_listed_newest_first_even_if_they_were_made_in_the_same_second():
    assert store.list_all() == []
    made = [store.create(Config(model=model)).id for model in ("dense", "conv2d", "dense", "conv2d", "conv2d")]
    assert [run.id for run in store.list_all()] == made[::-1]


def test_a_run_that_is_being_made_or_deleted_is_not_listed():
    run = store.create(Config())
    for name in (f".new-{run.id}", f".old-{run.id}"):
        shutil.copytree(run.folder, run.folder.with_name(name))
    (run.folder.parent / "notes").mkdir()
    assert [each.id for each in store.list_all()] == [run.id]


def test_an_unknown_id_is_refused():
    with pytest.raises(InputError, match="There is no run '20250101-000000-x'"):
        store.load("20250101-000000-x")


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


def test_a_run_whose_worker_works_is_running_and_interrupted_once_it_was_killed():
    run = store.create(Config())
    with worker(run) as process:
        assert store.load(run.id).state == "running"
        assert store.is_alive(run.folder)
        assert not store.load(run.id).is_resumable
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        after = store.load(run.id)
        assert (after.state, after.status) == ("interrupted", {"phase": "training"})
        assert after.is_resumable
        assert not store.is_alive(run.folder)


def test_a_run_that_another_process_holds_can_not_be_claimed_until_that_one_is_gone():
    run = store.create(Config())
    with worker(run) as process:
        with pytest.raises(InputError, match=f"Run {run.id} is already being worked on"), store.claim(run):
            pytest.fail("claimed twice")
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        with store.claim(run):
            assert store.is_alive(run.folder)
    assert not store.is_alive(run.folder)


def test_a_claim_is_given_free_where_the_work_raises():
    run = store.create(Config())
    with pytest.raises(KeyError), store.claim(run):
        raise KeyError
    assert not store.is_alive(run.folder)


def test_a_page_that_looks_whether_a_run_is_alive_does_not_keep_a_worker_from_claiming_it():
    run = store.create(Config())
    looking = (run.folder / "lock").open("w")
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.2, looking.close).start()
    with store.claim(run):
        assert store.is_alive(run.folder)


@pytest.mark.parametrize("state", ["queued", "finished", "stopped", "failed"])
def test_only_a_running_run_is_interrupted_by_the_end_of_its_worker(state):
    run = store.create(Config())
    store.write_status(run, state)
    assert store.load(run.id).state == state
    assert store.load(run.id).is_resumable == (state in ("stopped", "failed"))


def test_the_history_is_read_epoch_by_epoch():
    run = store.create(Config())
    for number in (1, 2):
        store.append_epoch(run, epoch(number))
    assert store.history(run) == [epoch(1), epoch(2)]
    assert store.epochs_done(run) == 2


def test_a_half_written_last_line_of_the_history_is_ignored():
    run = trained(epoch(1), epoch(2))
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 3, "loss": 0.')
    assert store.history(run) == [epoch(1), epoch(2)]
    assert store.epochs_done(run) == 2


def test_a_history_that_was_cut_goes_on_after_the_epochs_that_were_kept():
    run = trained(epoch(1), epoch(2), epoch(3))
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 4, "lo')
    store.cut_history(run, 2)
    assert store.history(run) == [epoch(1), epoch(2)]
    store.append_epoch(run, epoch(3, loss=0.1))
    assert store.history(run) == [epoch(1), epoch(2), epoch(3, loss=0.1)]


def test_cutting_a_history_to_more_than_it_holds_keeps_it_and_to_none_empties_it():
    run = trained(epoch(1))
    store.cut_history(run, 5)
    assert store.history(run) == [epoch(1)]
    store.cut_history(run, 0)
    assert store.history(run) == []
    store.cut_history(store.create(Config()), 0)


def test_the_run_that_comes_with_the_application_is_loaded_but_not_listed(shipped):
    run = store.load(store.SHIPPED)
    assert (run.folder, run.state) == (shipped, "finished")
    assert store.SHIPPED not in [each.id for each in store.list_all()]


def test_predictions_with_any_path_are_read_back():
    run = store.create(Config())
    paths = [
        "cats/plain.jpg",
        'dogs/the "best", really.jpg',
        "cats/Kätzchen 🐈; 1.jpg",
        "dogs/line\nbreak.jpg",
        os.fsdecode(b"dogs/M\xf6ps.jpg"),
    ]
    store.write_predictions(run, paths, np.array([0, 1, 0, 1, 1]), np.array([0, 1, 0.25, 0.1234567, 1e-6]))
    assert store.predictions(run) == [
        (paths[0], 0, 0.0),
        (paths[1], 1, 1.0),
        (paths[2], 0, 0.25),
        (paths[3], 1, 0.1234567),
        (paths[4], 1, 1e-6),
    ]


def test_a_prediction_just_below_one_half_stays_below():
    run = store.create(Config())
    just_below = np.nextafter(np.float32(0.5), np.float32(0))
    store.write_predictions(run, ["cats/a.jpg"], [0], np.array([just_below]))
    assert store.predictions(run)[0][2] < 0.5


def test_predictions_of_unequal_lengths_are_refused_and_nothing_is_written():
    run = store.create(Config())
    with pytest.raises(ValueError, match="zip"):
        store.write_predictions(run, ["a", "b"], [0], [0.5])
    assert store.predictions(run) == []


def test_evaluation_and_environment_are_read_back():
    run = evaluated(0.75, store.create(Config()))
    store.write_environment(run, {"device": "CPU", "seconds": 1.5})
    assert store.evaluation(run)["test"]["accuracy"] == 0.75
    assert store.environment(run) == {"device": "CPU", "seconds": 1.5}


def test_a_stop_is_requested_and_withdrawn():
    run = store.create(Config())
    store.request_stop(run)
    store.request_stop(run)
    assert store.is_stop_requested(run)
    store.withdraw_stop(run)
    store.withdraw_stop(run)
    assert not store.is_stop_requested(run)


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
    store.write_label(run, store.Label("Größer", "after the break", True))
    assert store.load(run.id).label == store.Label("Größer", "after the break", True)


def test_a_run_that_did_not_change_is_listed_without_opening_any_of_its_files():
    for _ in range(3):
        store.write_status(evaluated(0.5, store.create(Config())), "finished")
    waiting = store.create(Config())
    expected = store.list_all()
    with opened() as paths:
        assert store.list_all() == expected and paths == []
        store.write_status(waiting, "stopped")
        paths.clear()
        assert store.list_all()[0].state == "stopped" and {path.parent for path in paths} == {waiting.folder}


def test_a_status_that_is_written_twice_in_a_moment_is_read_as_it_is_now():
    run = store.create(Config())
    for number in range(200):
        store.write_status(run, "running" if number % 2 else "queued", done=number)
        assert store.load(run.id).status["done"] == number


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
    run = store.create(config or Config())
    for each in epochs:
        store.append_epoch(run, each)
    return run


def evaluated(accuracy, run):
    parts = {"training": 0.99, "validation": 0.95, "test": accuracy}
    store.write_evaluation(run, {part: {"accuracy": value, "low": value - 0.02} for part, value in parts.items()})
    return run


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
    with store.claim(run):
        store.write_status(run, "running", phase="training")
        time.sleep(600)
