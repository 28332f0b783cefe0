"""A damaged run takes nothing else down: it is listed with the file and the reason, refused by name, and can be deleted."""

import json
import multiprocessing
import os
import shutil
import signal
from functools import partial
from pathlib import Path

import pytest

from catsdogs.analysis import evaluation, ranking, summaries
from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import Run, history, liveness, store, temperature, trash
from catsdogs.runs.damage import Unreadable
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from catsdogs.system import files, notices
from tests import breaking, storing
from tests.breaking import say, say_in_line

READ = ("config.json", "status.json", "environment.json", "history.jsonl", "evaluation.json", "predictions.csv")
OPTIONAL = ("temperature.json",)  # old runs have none
OTHERS = ("model.keras", "last.keras", "losses.npy", "log.txt", "lock", "stop")  # whose content no list needs
SAYS = {  # file -> damages that parse
    "config.json": [
        say(created="yesterday"),
        say(created="2026-01-01T10:00:00"),  # without its zone it can't be sorted
        say(created="0001-01-01T00:00:00+23:59"),
        say(created=None),
        say(epochs="ten"),
        say(epochs=10**300),
        say(learning_rate=1e300),
        say(optimizer="lion"),
        say(mixup=0.2),
        say(validation_split=0.5, test_split=0.5),
        say(epochs=1),  # of which two are in the history
    ],
    "status.json": [
        say(state="asleep"),
        say(state=None),
        say(state=["finished"]),
        say(started="today"),
        say(ended=7),
        say(epoch="one"),
        say(epoch=3),  # of which two are in the history
        say(total=0),
        say(total=10**400),
        say(seconds_left="soon"),
        say(error=7),
        say(resumed="today"),
        say(seconds_at_work=-1),
    ],
    "environment.json": [
        say(class_names=None),
        say(class_names=["cats"]),
        say(class_names=[1, 2]),
        say(weights="many"),
        say(weights=10**400),
        say(photographs=None),
        say(photographs__training=0),
        say(split=["a list"]),
        say(subsets={"training": "one", "validation": ["a list"], "test": "another"}),
    ],
    "history.jsonl": [
        say_in_line(1, epoch="two"),
        say_in_line(1, epoch=3),
        say_in_line(0, val_accuracy=7),
        say_in_line(0, seconds=-1),
        say_in_line(0, seconds=1e300),
        say_in_line(0, seconds=None),
        say_in_line(0, loss="NaN"),
        say_in_line(0, loss=float("inf")),
    ],
    "evaluation.json": [
        say(test__accuracy=7),
        say(test__accuracy=float("nan")),
        say(test__accuracy="0.8"),
        say(test__count=0),
        say(test__count=99),
        say(training=None),
        say(test__by_class__confusion=[[1, 2]]),
        say(test__by_class=None),
        say(test__by_class__confusion=[[0, 0], [0, 0]]),
        say(class_names=["cats", "dogs", "birds"]),
        say(auc=-1),
    ],
    "predictions.csv": [
        lambda path: path.write_text("path,class,probability\n"),
        lambda path: path.write_text("path,class\ncats/a.jpg,0\n"),
        lambda path: path.write_text("path,class,probability\n" + "cats/a.jpg,0,7\n" * 100),
        lambda path: path.write_text("path,class,probability\n" + "cats/a.jpg,0,nan\n" * 100),
        lambda path: path.write_text("path,class,probability\n" + "cats/a.jpg,cats,0.5\n" * 100),
        lambda path: path.write_text("path,class,probability\n" + "cats/a.jpg\n" * 100),
        lambda path: path.write_text("path,class,probability\n" + "cats/a.jpg,0,0.5\0\n" * 100),
        lambda path: path.write_text("path,class,probability\n" + f"{'a' * 200_000},0,0.5\n" * 100),
        *(
            partial(Path.write_text, data="path,class,probability\n" + "cats/a.jpg,0,0.5\n" * 99 + f"{outside},0,0.5\n", newline="\r\n")
            for outside in ("/etc/a.jpg", "../a.jpg", "cats/../../a.jpg", "cats/..", "cats/a\0.jpg", '"/etc/a,.jpg"')
        ),
    ],
    "temperature.json": [
        say(value=0),
        say(value=float("nan")),
        say(value="1.0"),
        say(value=None),
        say(photographs=0),
        say(before=7),
        say(note=7),
    ],
}
NAMED = {  # where two files do not go together, it is the other one that is named
    ("config.json", 10): "history.jsonl",
    ("status.json", 6): "history.jsonl",
    ("evaluation.json", 4): "predictions.csv",
}
FOLDERS = {  # what may be in the place of a whole run
    "a dead link": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a file": lambda path: path.write_text("notes"),
    "a pipe": os.mkfifo,
    "an empty folder": Path.mkdir,
    "a folder of something else": lambda path: shutil.copytree(Path(__file__).parent, path),
}


@pytest.fixture(autouse=True)
def never_waits():
    """Reading a pipe would wait for ever."""

    def fail(*_):
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(300)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def good():
    return storing.finished(Config(seed=1))


@pytest.fixture
def run(good):
    made = storing.finished(Config(seed=2))
    store.change_label(made, name="Mine")
    temperature.save(made, Temperature(0.6, 100, 0.05, 0.01))
    for name in OTHERS:
        (made.folder / name).write_bytes(b"some bytes" * 20)
    return store.load(made.id)


def assert_listed(found: Run, file: str, good: store.Run) -> Unreadable:
    """It is listed with that file and a reason, opening it is refused with both, and nothing else suffers."""
    assert [each.id for each in store.list_all()] == [good.id]
    (listed,) = store.list_unreadable()
    assert (listed.id, listed.file) == (found.id, file) and listed.reason, listed
    with pytest.raises(InputError, match=f"Run {found.id} can't be read. ") as refused:
        store.load(found.id)
    assert file in str(refused.value) and str(refused.value).count("\n") == 0 and len(str(refused.value)) < 1000
    assert jobs.queue() == [] and ranking.default().run.id == store.SHIPPED and summaries.make(good)["test_accuracy"] == 0.8
    return listed


def assert_deletable(id: str) -> None:
    """It can be deleted, brought back as it was, and deleted for good."""
    before = store.list_all(), store.list_unreadable()
    found = store.find(id)
    assert files.space(found.folder) >= 0
    trash.put(found)
    assert store.list_unreadable() == [] and id not in [each.id for each in store.list_all()]
    trash.restore(id)
    assert (store.list_all(), store.list_unreadable()) == before
    trash.put(store.find(id))
    trash.empty()
    assert id not in os.listdir(found.folder.parent) and f".old-{id}" not in os.listdir(found.folder.parent)


@pytest.mark.parametrize("kind", breaking.ALL)
@pytest.mark.parametrize("name", READ + OPTIONAL)
def test_a_damaged_file_is_named(name, kind, run, good):
    breaking.ALL[kind](run.folder / name)
    assert_listed(run, name, good)
    assert_deletable(run.id)


@pytest.mark.parametrize("name", READ)
def test_a_missing_file_is_named(name, run, good):
    (run.folder / name).unlink()
    assert "is missing" in assert_listed(run, name, good).reason
    assert_deletable(run.id)


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_missing_file_of_which_older_runs_have_none_is_not_missed(name, run):
    (run.folder / name).unlink()
    assert store.load(run.id).state == "finished" and store.list_unreadable() == []


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, all in SAYS.items() for number in range(len(all))])
def test_a_file_that_says_what_cannot_be_is_named(name, number, run, good):
    SAYS[name][number](run.folder / name)
    assert_listed(run, NAMED.get((name, number), name), good)
    assert_deletable(run.id)


@pytest.mark.parametrize("kind", breaking.PLACES)
@pytest.mark.parametrize("name", OTHERS)
def test_something_else_in_the_place_of_a_file_is_named(name, kind, run, good):
    breaking.PLACES[kind](run.folder / name)
    assert_listed(run, name, good)
    assert_deletable(run.id)


@pytest.mark.parametrize("kind", breaking.CONTENTS)
@pytest.mark.parametrize("name", OTHERS)
def test_the_content_of_a_file_that_is_not_listed_harms_no_list(name, kind, run):
    breaking.CONTENTS[kind](run.folder / name)
    assert store.load(run.id) == run and store.list_unreadable() == []
    assert_deletable(run.id)


@pytest.mark.parametrize("kind", breaking.ALL)
def test_a_damaged_label_is_set_aside_and_told_once(kind, run, good):
    breaking.ALL[kind](run.folder / "label.json")
    assert [each.id for each in store.list_all()] == [run.id, good.id] and store.list_unreadable() == []
    assert store.load(run.id).label == store.Label()
    assert os.path.lexists(run.folder / "label.json.unreadable-1")
    (notice,) = notices.take()
    assert "label.json" in notice and "set aside as label.json.unreadable-1" in notice
    assert notices.take() == [] and store.load(run.id) and notices.take() == []
    store.change_label(run, note="again")
    assert store.load(run.id).label == store.Label("", "again")
    assert_deletable(run.id)


@pytest.mark.parametrize("kind", FOLDERS)
def test_what_is_no_run_is_listed_as_such(kind, good, home):
    FOLDERS[kind](home / "runs" / "something")
    assert [each.id for each in store.list_all()] == [good.id]
    (listed,) = store.list_unreadable()
    assert (listed.id, listed.file) == ("something", "config.json" if "folder" in kind else "something") and listed.reason
    with pytest.raises(InputError, match="Run something can't be read"):
        store.load("something")
    assert_deletable("something")


@pytest.mark.parametrize("name", ["{id} (copy)", "{id}.bak", os.fsdecode(b"K\xe4tzchen"), "line\nbreak", "x" * 200])
def test_a_copy_under_a_name_that_no_run_can_have_is_listed(name, good, home):
    name = name.format(id=good.id)
    shutil.copytree(good.folder, home / "runs" / name)
    (listed,) = store.list_unreadable()
    assert listed.id == name and "Rename it" in listed.reason and listed.name.isprintable()
    assert store.list_all() == [good]
    assert_deletable(name)
    shutil.copytree(good.folder, home / "runs" / "renamed")
    assert {run.id for run in store.list_all()} == {good.id, "renamed"}


def test_a_copy_under_the_name_of_the_bundled_run_is_listed_and_deleted(good, home):
    shutil.copytree(good.folder, home / "runs" / store.SHIPPED)
    (listed,) = store.list_unreadable()
    assert "the name of the bundled run" in listed.sentence and store.load(store.SHIPPED).folder != listed.folder
    trash.put(listed)
    assert store.list_unreadable() == [] and store.list_all() == [good]


def test_a_link_to_a_run_is_that_run_and_deleting_it_leaves_the_other(good, home, tmp_path):
    shutil.copytree(good.folder, tmp_path / "elsewhere")
    (home / "runs" / "linked").symlink_to(tmp_path / "elsewhere")
    assert store.load("linked").config == good.config
    assert_deletable("linked")
    assert history.load(good) and (tmp_path / "elsewhere" / "config.json").exists()


def test_settings_of_a_newer_version_are_named_with_that_reason(run, good):
    say(mixup=0.2)(run.folder / "config.json")
    assert assert_listed(run, "config.json", good).sentence == (
        "config.json has the setting 'mixup', which this version does not know; a newer version may have written it."
    )
    say(mixup=None, optimizer="lion")(run.folder / "config.json")
    sentence = assert_listed(run, "config.json", good).sentence
    assert "optimizer = 'lion': must be sgd, adam, " in sentence and sentence.endswith("a newer version may have written it.")


def test_what_else_a_newer_version_says_is_let_through(run):
    say(mood="good")(run.folder / "status.json")
    say(test__kappa=0.5, kappa=0.5)(run.folder / "evaluation.json")
    say(country="Norway")(run.folder / "environment.json")
    say(color="red")(run.folder / "label.json")
    say_in_line(0, kappa=0.5)(run.folder / "history.jsonl")
    assert store.load(run.id).label.name == "Mine" and evaluation.load(run).test.accuracy == 0.8
    store.change_label(run, note="kept")
    assert json.loads((run.folder / "label.json").read_text())["color"] == "red"


def test_the_reason_is_one_that_a_person_understands(run, good):
    breaking.CONTENTS["emptied"](run.folder / "status.json")
    assert assert_listed(run, "status.json", good).sentence == "status.json is empty."
    breaking.PLACES["a folder"](run.folder / "status.json")
    assert assert_listed(run, "status.json", good).sentence == "status.json is a folder."
    breaking.PLACES["a dead link"](run.folder / "status.json")
    assert assert_listed(run, "status.json", good).sentence == "status.json is a link that leads nowhere."
    breaking.remove(run.folder / "status.json")
    store.write_status(run, "finished")
    say_in_line(1, val_accuracy=7)(run.folder / "history.jsonl")
    assert assert_listed(run, "history.jsonl", good).sentence == (
        "history.jsonl holds 2.val_accuracy = 7: should be less than or equal to 1."
    )


def test_a_run_that_was_mended_is_back(run, good):
    kept = (run.folder / "status.json").read_bytes()
    breaking.CONTENTS["cut in half"](run.folder / "status.json")
    assert_listed(run, "status.json", good)
    (run.folder / "status.json").write_bytes(kept)
    assert store.load(run.id).state == "finished" and store.list_unreadable() == []


def test_a_damaged_run_that_is_being_worked_on_is_stopped_before_it_is_deleted(run):
    breaking.CONTENTS["emptied"](run.folder / "config.json")
    breaking.remove(run.folder / "stop")
    with liveness.claim(run.folder):
        with pytest.raises(InputError, match="was asked to stop"):
            trash.put(store.find(run.id))
        assert liveness.is_stop_requested(run.folder)
    trash.put(store.find(run.id))
    assert store.list_unreadable() == []


def test_runs_are_read_while_workers_finish_them():
    """Their files are written one after the other, and the status last: none counts as missing that is there when the status says so."""
    working = multiprocessing.get_context("spawn").Process(target=finish_many)
    working.start()
    seen = set()
    try:
        while working.is_alive():
            assert store.list_unreadable() == []
            seen |= {run.state for run in store.list_all()}
    finally:
        working.kill()
        working.join()
    assert working.exitcode == 0 and "finished" in seen


def finish_many():
    for seed in range(100):
        store.write_status(storing.evaluated(0.9, store.create(Config(seed=seed))), "finished")
