"""The command line, as a person calls it: in a process of its own."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.images import photographs, picture

PROJECT = Path(__file__).parents[2]
COMMANDS = (
    *("demo", "data", "device", "presets", "train", "study", "runs", "stop", "resume", "classify", "download", "code"),
    *("work", "dispatch"),
)
SMALL = ("--set", "target_size=32", "--set", "batch_size=8", "--set", "dense_units=8", "--set", "precision=float32", "--epochs", "2")


def catsdogs(*words: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "catsdogs", *map(str, words)], cwd=PROJECT, capture_output=True, text=True)


def refusal(*words: str | Path) -> str:
    """What a person is told: exit status 2 and one line, no traceback."""
    ended = catsdogs(*words)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith("catsdogs: ") and ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


def test_the_runs_are_listed_for_people_too():
    assert "There are no runs yet." in catsdogs("runs").stdout
    run = storing.finished(Config(preset="quick"), right=90)
    heading, line = catsdogs("runs").stdout.splitlines()
    assert line.split() == [run.id, "finished", "quick", "2/10", "90.0%", "90.0%", "90.0%"] and heading.startswith("id")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    ended = catsdogs(command, "--help")
    assert ended.returncode == 0
    assert f"catsdogs {command}" in ended.stdout


def test_the_whole_way_from_drawing_to_answers(tmp_path):
    drawn = tmp_path / "drawn"
    assert "40 pictures" in catsdogs("demo", drawn, "--count", "40").stdout
    facts = json.loads(catsdogs("data", drawn, "--json").stdout)
    assert facts["classes"] == {"cats": 20, "dogs": 20} and facts["set_aside"] == []

    trained = catsdogs("train", "--data", drawn, "--preset", "study-sgd", *SMALL, "--json")
    assert trained.returncode == 0, trained.stderr
    assert "epoch 2/2" in trained.stderr
    summary = json.loads(trained.stdout)
    assert (summary["state"], summary["epochs_done"], summary["preset"]) == ("finished", 2, "study-sgd")

    listed = json.loads(catsdogs("runs", "--json").stdout)
    assert [run["id"] for run in listed] == [summary["id"]]
    assert all(0 <= listed[0][name] <= 1 for name in ("train_accuracy", "val_accuracy", "test_accuracy"))

    pictures = sorted((drawn / "cats").iterdir())[:2] + sorted((drawn / "dogs").iterdir())[:1]
    classified = catsdogs("classify", "--json", *pictures)
    assert classified.returncode == 0 and classified.stderr == ""
    answers = json.loads(classified.stdout)
    assert [answer["picture"] for answer in answers] == [str(path) for path in pictures]
    assert all(answer["label"] in ("cat", "dog") and 0.5 <= answer["probability"] <= 1 for answer in answers)


def test_what_is_no_picture_gets_an_error_and_the_others_an_answer(folder, tmp_path):
    catsdogs("train", "--data", folder, *SMALL)
    text = tmp_path / "letter.jpg"
    text.write_text("Dear cat,")
    good = picture(tmp_path / "good.png")
    ended = catsdogs("classify", "--json", text, good, tmp_path / "missing.jpg")
    answers = json.loads(ended.stdout)
    assert ended.returncode == 2
    assert "no picture" in answers[0]["error"] and "label" not in answers[0]
    assert answers[1]["label"] in ("cat", "dog")
    assert "No such file" in answers[2]["error"]


def test_a_setting_that_there_is_not_is_named_with_those_that_there_are(folder):
    assert "'nonsense'" in refusal("train", "--data", folder, "--set", "nonsense=1")


def test_a_learning_rate_of_minus_one_is_refused_with_what_is_allowed(folder):
    message = refusal("train", "--data", folder, "--set", "learning_rate=-1")
    assert "learning_rate = -1" in message and "1e-06 to 1" in message


def test_a_batch_larger_than_the_data_is_refused_with_the_count(folder):
    assert "only 44 photographs to train on" in refusal("train", "--data", folder, "--set", "batch_size=1000")


def test_a_folder_that_is_missing_empty_or_of_one_class_is_refused(tmp_path):
    assert "no folder" in refusal("data", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "no pictures" in refusal("train", "--data", tmp_path / "empty")
    photographs(tmp_path / "one", {"cats": 5})
    assert "only one class (cats)" in refusal("train", "--data", tmp_path / "one")


def test_a_refused_training_leaves_no_run_behind(folder):
    refusal("train", "--data", folder, "--set", "batch_size=1000")
    assert json.loads(catsdogs("runs", "--json").stdout) == []


def test_broken_files_are_told_with_their_reasons_and_stay_where_they_are(folder):
    broken = folder / "cats" / "broken.jpg"
    broken.write_bytes((folder / "cats" / "cats.0.jpg").read_bytes()[:400])
    ended = catsdogs("data", folder)
    assert "1  set aside" in ended.stdout and "cats/broken.jpg: The picture is damaged" in ended.stdout
    assert broken.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("bogus",), "bogus"),
        (("classify", "--run", "nobody", "cat.jpg"), "no run 'nobody'"),
        (("download", "nobody"), "no run 'nobody'"),
        (("code", "nobody"), "no run 'nobody'"),
        (("train", "--data", ".", "--preset", "nobody"), "no preset 'nobody'"),
        (("demo", "somewhere", "--count", "3"), "3"),
        (("data",), "DIR"),
    ],
)
def test_mistakes_are_answered_in_one_line(words, told):
    assert told in refusal(*words)


def test_a_study_is_queued_once_and_says_so(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    words = ("study", "--data", folder, "--preset-set", "study-small", "--seeds", "2")
    with dispatcher.turn(print):  # nothing starts meanwhile
        facts = json.loads(catsdogs(*words, "--json").stdout)
        assert len(facts["queued"]) == 12
        assert {run["state"] for step in facts["steps"] for run in step["runs"]} == {"queued"}
        assert {conclusion["verdict"] for conclusion in facts["conclusions"]} == {"is not known yet"}
        told = catsdogs(*words).stdout
        assert "0 runs were queued now; 12 are waiting or running" in told and "Study 5 · Conv2D, Adam (small)" in told
        for id in facts["queued"]:
            jobs.stop(store.load(id))


def test_a_study_that_the_data_is_too_small_for_is_refused_before_a_run_is_made(folder):
    assert "only 44 photographs to train on" in refusal("study", "--data", folder)
    assert "no preset set 'all'" in refusal("study", "--data", folder, "--preset-set", "all")
    assert "seeds = 0" in refusal("study", "--data", photographs(folder.parent / "more", {"cats": 75, "dogs": 75}), "--seeds", "0")
    assert json.loads(catsdogs("runs", "--json").stdout) == []


def test_presets_are_listed_with_their_settings():
    listed = {preset["name"]: preset["settings"] for preset in json.loads(catsdogs("presets", "--json").stdout)}
    assert listed["study-adam"]["target_size"] == 150 and listed["study-adam"]["batch_size"] == 100
    assert "study-adam" in catsdogs("presets").stdout


def test_a_run_is_downloaded_once_and_replaced_only_when_told_to(tmp_path):
    path = tmp_path / "taken.zip"
    assert catsdogs("download", "shipped", path).stdout == f"{path}\n"
    with zipfile.ZipFile(path) as archive:
        assert "shipped/classify.py" in archive.namelist()
    path.write_text("something of mine")
    assert "there already" in refusal("download", "shipped", path) and path.read_text() == "something of mine"
    assert catsdogs("download", "shipped", path, "--force").returncode == 0 and zipfile.is_zipfile(path)
    assert "no folder" in refusal("download", "shipped", tmp_path / "nowhere" / "taken.zip")


def test_the_code_of_a_run_is_a_script_and_nothing_else():
    ended = catsdogs("code", "shipped")
    assert (ended.returncode, ended.stderr) == (0, "")
    compile(ended.stdout, "train.py", "exec")
    assert "RandomBrightness" in ended.stdout and 'set_dtype_policy("mixed_bfloat16")' in ended.stdout
