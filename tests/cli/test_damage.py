"""The command line beside damaged runs and lists: each command works, names them, and deletes the runs."""

import json
import os
import shutil

import pytest

from catsdogs.data import known_folders
from catsdogs.errors import InputError
from catsdogs.export import conversion
from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import liveness, store
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from tests import breaking, storing
from tests.breaking import say
from tests.cli.test_commands import catsdogs, refusal
from tests.images import photographs, picture

FILES = ("config.json", "status.json", "environment.json", "history.jsonl", "evaluation.json", "predictions.csv")


@pytest.fixture
def good():
    return storing.finished(Config(preset="quick"), right=90)


@pytest.fixture
def damaged(good):
    """A run for each kind of damage to each of its files, one of a newer version, and a stray file."""
    parent = good.folder.parent
    for name in FILES:
        for kind, damage in {**breaking.ALL, "missing": breaking.remove}.items():
            damage(copy(good, f"{name.partition('.')[0]}-{kind.replace(' ', '_')}") / name)
    say(mixup=0.2)(copy(good, "newer") / "config.json")
    copy(good, f"{good.id} (copy)")
    (parent / "notes.txt").write_text("a stray file")
    return sorted(set(os.listdir(parent)) - {good.id})


def copy(run, name):
    return shutil.copytree(run.folder, run.folder.with_name(name))


def test_the_runs_are_listed_and_below_them_those_that_cannot_be_read(damaged, good):
    ended = catsdogs("runs")
    heading, line, blank, summary, *lines = ended.stdout.splitlines()
    assert ended.returncode == 0 and line.startswith(good.id) and blank == "" and heading.startswith("id")
    assert summary.startswith(f"{len(damaged)} runs can't be read. ") and "catsdogs delete RUN" in summary
    assert [each.split("  ")[0] for each in lines] == damaged
    reasons = {id: reason.strip() for id, _, reason in (each.partition("  ") for each in lines)}
    assert reasons["newer"] == "config.json has the setting 'mixup', which this version does not know; a newer version may have written it."
    assert reasons["status-emptied"] == "status.json is empty." and len({each.index(reasons[each.split("  ")[0]]) for each in lines}) == 1


def test_in_json_they_have_a_state_of_their_own(damaged, good):
    rows = {row["id"]: row for row in json.loads(catsdogs("runs", "--json").stdout)}
    assert rows[good.id]["state"] == "finished" and rows[good.id]["test_accuracy"] == 0.9
    assert set(rows) == {good.id, *damaged} and {rows[id]["state"] for id in damaged} == {"unreadable"}
    assert (rows["status-emptied"]["file"], rows["status-emptied"]["error"]) == ("status.json", "status.json is empty.")


def test_a_study_counts_those_that_can_be_read_and_mentions_the_others(damaged, tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    with dispatcher.turn(print):
        ended = catsdogs("study", "--data", folder, "--preset-set", "study-small")
        assert ended.returncode == 0 and f"{len(damaged)} runs can't be read" in ended.stdout
        for run in store.list_all():
            jobs.stop(run)


def test_pictures_are_classified_beside_them(damaged, tmp_path):
    assert catsdogs("classify", "--run", "shipped", picture(tmp_path / "a.png")).returncode == 0


@pytest.mark.parametrize("words", [("stop",), ("resume",), ("code",), ("download",), ("work",), ("classify", "x.jpg", "--run")])
def test_a_command_for_one_is_refused_in_a_line(words, good):
    breaking.CONTENTS["emptied"](copy(good, "damaged") / "status.json")
    message = refusal(*words, "damaged")
    assert "Run damaged can't be read. status.json is empty." in message and "catsdogs delete damaged" in message


@pytest.mark.parametrize("damage", [*breaking.CONTENTS.values(), breaking.remove])
def test_a_model_that_is_none_is_refused_in_a_line(damage, good, tmp_path):
    shutil.copy(store.load(store.SHIPPED).model_path, good.model_path)
    damage(good.model_path)
    message = refusal("classify", "--run", good.id, picture(tmp_path / "a.png"))
    assert "model" in message and good.id in message and "another run" in message
    assert store.list_all() == [good]


def test_several_are_deleted_for_good(damaged, good):
    ended = catsdogs("delete", *damaged)
    assert ended.returncode == 0, ended.stderr
    assert [line.split(",")[0] for line in ended.stdout.splitlines()] == [f"Deleted {id}" for id in damaged]
    assert os.listdir(good.folder.parent) == [good.id]


@pytest.mark.parametrize("name", [os.fsdecode(b"K\xe4tzchen"), "a  b\nc"])
def test_one_with_letters_that_cannot_be_printed_is_listed_and_deleted(name, good):
    copy(good, name)
    assert len(catsdogs("runs").stdout.splitlines()) == 5
    ended = catsdogs("delete", name)
    assert ended.returncode == 0 and ended.stdout.isascii() and ended.stdout.count("\n") == 1
    assert store.list_unreadable() == []


def test_a_good_run_is_deleted_unless_it_waits_or_trains_or_is_bundled(good):
    assert "Deleted" in catsdogs("delete", good.id).stdout and store.list_all() == []
    assert "no run 'nobody'" in refusal("delete", "nobody")
    assert "bundled" in refusal("delete", "shipped")
    with dispatcher.turn(print):
        (waiting,) = jobs.create([presets.config("quick")])
        assert "is queued; stop it first" in refusal("delete", waiting.id)
        jobs.stop(waiting)


@pytest.mark.parametrize("id", ["..", ".", "", "../runs", "x/../y", "/tmp", "\0"])
def test_nothing_but_a_run_is_deleted(id, good, home):
    assert "There is no run" in refusal("delete", id)
    assert store.list_all() == [good] and home.is_dir()


def test_one_that_is_worked_on_is_stopped_first(good):
    folder = copy(good, "damaged")
    breaking.CONTENTS["emptied"](folder / "config.json")
    with liveness.claim(folder):
        assert "is being worked on, and was asked to stop" in refusal("delete", "damaged")
    assert catsdogs("delete", "damaged").returncode == 0


def test_a_list_that_was_set_aside_is_told_once(tmp_path, home):
    folder = photographs(tmp_path / "photos", {"cats": 3, "dogs": 3})
    (home / "folders.json").write_text("damaged")
    ended = catsdogs("data", folder)
    assert ended.returncode == 0 and ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("catsdogs: ") and "set aside as folders.json.unreadable-1" in ended.stderr
    assert catsdogs("data", folder).stderr == "" and known_folders.load() == [folder]


def test_a_worker_and_an_export_of_a_page_leave_what_is_to_be_told_to_a_command_that_is_read(home, good):
    (home / "queue.json").write_text("damaged")
    assert catsdogs("dispatch").stderr == ""
    with pytest.raises(InputError, match="has no model yet"):
        conversion.convert(good, "litert")
    assert "queue.json" in catsdogs("runs").stderr and catsdogs("runs").stderr == ""
