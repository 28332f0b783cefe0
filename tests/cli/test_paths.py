"""Paths on the command line: what can't be used is refused in one line, and names that are no UTF-8 are paths like any other."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from catsdogs.data import dataset
from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.cli.test_commands import catsdogs, refusal
from tests.images import photographs, picture
from tests.paths import NO_UTF8, impossible, unreadable

COMMANDS = (
    ("data", "{}"),
    ("data", "{}", "--json"),
    ("demo", "{}", "--count", "20"),
    ("import", "{}"),
    ("train", "--data", "{}"),
    ("study", "--data", "{}"),
    ("train", "--data", "photos", "--set", "model=mobilenetv2", "--set", "weights={}"),
    ("download", store.SHIPPED, "{}"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_an_impossible_path_is_refused_in_one_line(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
    for path in impossible(tmp_path):
        refusal(*(word.format(path) for word in words))


@pytest.mark.parametrize(
    "words",
    [*COMMANDS[:6], *(("sweep", "--name", "a", "--data", "{}"), ("fetch", "starter", "{}"), ("classify", "{}"), ("download", "a", "{}"))],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(words, tmp_path, monkeypatch):
    monkeypatch.chdir(photographs(tmp_path / "photos", {"cats": 30, "dogs": 30}))
    said = refusal(*(word.format("") for word in words))
    assert "'' is not a path; name a file or a folder, or give . for the current folder. See" in said


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="Linux has it, and no file can be made in it")
@pytest.mark.parametrize("words", [("download", "shipped"), ("explain", "cat.png", "--to")], ids=" ".join)
def test_a_file_that_the_system_refuses_is_named_as_it_was_given(words, tmp_path, monkeypatch):
    picture(tmp_path / "cat.png")
    monkeypatch.chdir(tmp_path)
    named = "/proc/map.png" if "--to" in words else "/proc/taken.zip"
    assert f"{named} can't be written (" in refusal(*words, named)


def test_a_current_folder_that_was_deleted_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for words in (["runs"], ["data", "x"], ["classify", "x.jpg"]):
        assert refusal(*words) == "catsdogs: The current folder has been deleted. Change to another one.\n"


@pytest.mark.parametrize("words", [("demo",), ("fetch", "starter")], ids=" ".join)
def test_a_file_where_a_data_set_is_to_go_is_called_one(words, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear cat,")
    assert f"{tmp_path / 'letter.txt'} is a file. " in refusal(*words, tmp_path / "letter.txt")


def test_an_impossible_image_is_an_error_of_its_own(tmp_path):
    paths = [path for path in impossible(tmp_path) if "\0" not in path]
    ended = catsdogs("classify", "--json", *paths, tmp_path, picture(tmp_path / "cat.jpg"))
    answers = json.loads(ended.stdout)
    assert ended.returncode == 2 and [bool(answer.get("error")) for answer in answers] == [True] * 4 + [False]


def test_a_home_folder_that_can_not_be_is_refused_in_one_line(tmp_path, monkeypatch):
    for path in impossible(tmp_path):
        if "\0" not in path:
            ended = subprocess.run(
                [sys.executable, "-m", "catsdogs", "runs"], capture_output=True, text=True, env={**os.environ, "CATSDOGS_HOME": path}
            )
            assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr


@pytest.mark.parametrize("place", [".", "cats"])
def test_a_folder_that_may_not_be_read_is_named(place, tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 3, "dogs": 3})
    with unreadable(folder / place), pytest.raises(InputError, match="can't be (read|used): permission denied"):
        dataset.check(folder)


def test_a_name_that_is_no_utf8_is_a_path_like_any_other(tmp_path):
    folder = photographs(tmp_path / NO_UTF8, {f"{NO_UTF8}-a": 10, f"{NO_UTF8}-b": 10})
    (folder / f"{NO_UTF8}-a" / f"{NO_UTF8}.jpg").write_text("Dear cat,")
    shown = _run("data", folder)
    assert "K\\udce4tzchen-a" in shown and "K\\udce4tzchen.jpg: This is not" in shown
    facts = json.loads(_run("data", folder, "--json"))
    assert os.fsencode(facts["folder"]) == os.fsencode(folder) and facts["photographs"] == 20
    assert "40 images are in" in _run("demo", tmp_path / f"{NO_UTF8} drawn", "--count", "40")


def test_a_run_on_such_a_folder_is_downloaded(tmp_path, monkeypatch):
    shipped = store.load(store.SHIPPED)
    run = storing.finished(Config(data=str(tmp_path / NO_UTF8), target_size=shipped.config.target_size))
    store.write_environment(run, {**store.environment(run), "class_names": (f"{NO_UTF8}-a", "dogs"), "data": run.config.data})
    run.model_path.write_bytes(shipped.model_path.read_bytes())
    target = tmp_path / f"{NO_UTF8}.zip"
    assert "K\\udce4tzchen.zip" in _run("download", run.id, target)
    with zipfile.ZipFile(Path(target)) as archive:
        reading = json.loads(archive.read(f"{run.id}/classify.json"))
    assert reading["labels"] == [f"{NO_UTF8}-a", "dog"]
    assert f"{run.id}" in _run("runs")


def _run(*words: str | Path) -> str:
    ended = subprocess.run([sys.executable, "-m", "catsdogs", *map(str, words)], capture_output=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.decode()
