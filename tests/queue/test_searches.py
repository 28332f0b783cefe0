"""What is stored of searches."""

import json
import os
import shutil
from contextlib import suppress
from itertools import count

import pytest

from catsdogs.cli import tables
from catsdogs.errors import InputError
from catsdogs.queue import jobs, searches, sweeps
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.settings.space import Range
from catsdogs.system import access
from catsdogs.system.access import Limits, Person
from catsdogs.system.shortage import DiskFull
from tests import mounts
from tests.breaking import ALL
from tests.limits import files_up_to

pytestmark = pytest.mark.usefixtures("nothing_starts")
SPACE = {"learning_rate": Range(0.001, 0.1, True), "brightness_range": ((0.8, 1.2), (1.0, 1.0)), "optimizer": ("adam", "sgd")}


def test_all_of_it_is_read_again_as_it_was_written(tmp_path, monkeypatch):
    monkeypatch.setattr(access, "_identify", [lambda: Person("Ada", roots=(tmp_path,), limits=Limits(3, 10**9, 10**6))])
    run = searches.create("  rates ", Config(data=str(tmp_path)), SPACE, 90)
    (search,) = searches.list_all()
    assert (search.name, search.space, search.seconds, search.base, search.person) == ("rates", SPACE, 90, run.config, access.person())
    assert search.first == run.id and search.is_busy and run.by == "Ada" and [each.id for each in sweeps.runs("rates")] == [run.id]


@pytest.mark.parametrize(
    ("wanted", "seconds", "message"),
    [({}, 600, "a setting that varies"), (SPACE, 5, "must be 10s"), ({"learning_rate": Range(0.1, 7, True)}, 600, "must be")],
    ids=["nothing", "short", "much"],
)
def test_what_can_not_be_is_refused_and_leaves_nothing(wanted, seconds, message):
    with pytest.raises(InputError, match=message):
        searches.create("rates", Config(), wanted, seconds)
    assert not jobs.queue() and not sweeps.names() and not searches.list_all()


def test_where_it_can_not_be_stored_nothing_stays_and_the_name_is_free(home):
    (home / "searches").write_text("no folder")
    with pytest.raises(OSError):
        searches.create("rates", Config(), SPACE, 600)
    (home / "searches").unlink()
    assert not store.list_all() and not sweeps.names()
    assert searches.create("rates", Config(), SPACE, 600)


def test_on_a_disk_that_is_full_before_it_is_stored_nothing_stays_either():
    other = store.create(Config())
    with files_up_to((other.folder / "config.json").stat().st_size + 50), pytest.raises(OSError):
        searches.create("rates", Config(), SPACE, 600)
    assert [run.id for run in store.list_all()] == [other.id] and not sweeps.names() and not searches.list_all()


def test_what_a_process_that_was_killed_had_begun_to_store_is_none(home):
    searches.create("rates", Config(), SPACE, 600)
    (folder,) = (home / "searches").iterdir()
    killed = folder.rename(folder.with_name(f".new-{folder.name}"))
    assert not searches.list_all() and not searches.list_unreadable()
    for path in (*killed.iterdir(), killed):
        os.utime(path, (0, 0))
    searches.create("others", Config(), SPACE, 600)
    assert not killed.exists() and [search.name for search in searches.list_all()] == ["others"]


def test_a_cancelled_one_begins_no_other_run():
    run = searches.create("rates", Config(), SPACE, 600)
    assert [each.id for each in searches.cancel("rates")] == [run.id]
    assert not searches.find("rates").is_busy and not jobs.queue() and searches.cancel("rates") == []
    assert tables.search(searches.find("rates")).endswith("1 in progress. It was cancelled.")


def test_a_sweep_that_has_the_name_of_a_search_without_runs_is_no_search():
    run = searches.create("rates", Config(), SPACE, 600)
    searches.cancel("rates")
    assert searches.find("rates")
    shutil.rmtree(run.folder)
    sweeps.create("rates", [Config()])
    assert searches.find("rates") is None


def test_a_run_in_progress_is_known_as_an_earlier_version_stored_it():
    searches.create("rates", Config(), SPACE, 600)
    path = searches.find("rates").folder / "search.json"
    assert '"in progress"' in path.read_text()
    path.write_text(path.read_text().replace("in progress", "at hand"))
    assert list(searches.find("rates").runs.values()) == [searches.IN_PROGRESS]


@pytest.mark.parametrize("kind", ALL)
def test_one_that_is_damaged_is_named_and_does_not_stop_the_others(kind):
    for name in ("rates", "others"):
        searches.create(name, Config(), SPACE, 600)
    ALL[kind](searches.find("rates").folder / "search.json")
    assert {search.name for search in searches.list_all()} <= {"rates", "others"} and searches.find("others")
    if searches.find("rates") is None:
        assert [found.path.name for found in searches.list_unreadable()] == ["search.json"]
    searches.wake()
    assert sweeps.runs("rates") and searches.cancel("rates")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"spent": -1}, "spent"),
        ({"runs": {}}, "runs"),
        ({"runs": {"a": "lost"}}, "runs"),
        ({"base": {"epochs": 0}}, "can't be used"),
        ({"space": {"learning_rate": {"low": 1}}}, "can't be used"),
        ({"space": {"nonsense": {"values": [1, 2]}}}, "nonsense"),
        ({"ended": "yesterday"}, "ended"),
    ],
    ids=range(7),
)
def test_what_does_not_make_sense_is_said(changed, said):
    searches.create("rates", Config(), SPACE, 600)
    path = searches.find("rates").folder / "search.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
    (found,) = searches.list_unreadable()
    assert said in str(found)


def test_one_that_can_not_be_cancelled_on_a_disk_without_place_for_another_file_says_why(home):
    with mounts.without_inodes(home, 60):
        searches.create("rates", Config(data="/photos"), SPACE, 600)
        with suppress(OSError):
            for number in count():
                (home / f"{number}.txt").touch()
        with pytest.raises(DiskFull, match="The disk is full: .* the request to end it could not be written"):
            searches.cancel("rates")
        assert searches.find("rates").is_busy


@pytest.mark.parametrize(
    "wanted", [{"first_size": {"values": [8, 64]}}, {"fill_mode": {"values": ["wrap", "reflect"]}}], ids=["small", "no difference"]
)
def test_one_that_could_not_be_begun_any_more_is_still_read(wanted):
    searches.create("rates", Config(model="resnet"), {"learning_rate": Range(0.001, 0.1, True)}, 600)
    path = searches.find("rates").folder / "search.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "space": wanted}))
    assert searches.find("rates") and not searches.list_unreadable()
    with pytest.raises(InputError, match=f"{next(iter(wanted))} "):
        searches.create("again", Config(model="resnet"), searches.find("rates").space, 600)
