"""What each command prints, and how it refuses. What only a process can show is in test_main.py."""

import json
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from catsdogs.__main__ import main
from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.images import photographs, picture

COMMANDS = (
    *("demo", "data", "device", "presets", "train", "study", "runs", "stop", "resume", "classify", "download", "code"),
    *("work", "dispatch"),
)


class Ended(NamedTuple):
    status: int
    stdout: str
    stderr: str


@pytest.fixture
def catsdogs(capsys):
    """Runs a command as a person writes it."""

    def run(*words: str | Path) -> Ended:
        return Ended(main([str(word) for word in words]), *capsys.readouterr())

    return run


@pytest.fixture
def refusal(catsdogs):
    """Runs a command that is to end with status 2 and one line, which it returns."""

    def run(*words: str | Path) -> str:
        ended = catsdogs(*words)
        assert ended.status == 2, ended
        assert ended.stderr.startswith("catsdogs: ") and ended.stderr.count("\n") == 1, ended
        return ended.stderr

    return run


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert not ended.value.code
    assert f"catsdogs {command}" in capsys.readouterr().out


def test_runs_are_listed_for_people_and_as_json(catsdogs):
    assert "There are no runs yet." in catsdogs("runs").stdout
    run = storing.finished(Config(preset="quick"), right=90)
    heading, line = catsdogs("runs").stdout.splitlines()
    assert line.split() == [run.id, "finished", "quick", "2/10", "90.0%", "90.0%", "90.0%"] and heading.startswith("id")
    (listed,) = json.loads(catsdogs("runs", "--json").stdout)
    assert listed["id"] == run.id
    assert [listed[name] for name in ("train_accuracy", "val_accuracy", "test_accuracy")] == [0.9] * 3


def test_a_file_that_is_no_image_is_an_error_among_answers(catsdogs, tmp_path):
    text = tmp_path / "letter.jpg"
    text.write_text("Dear cat,")
    good = picture(tmp_path / "good.png")
    ended = catsdogs("classify", "--json", text, good, tmp_path / "missing.jpg")
    answers = json.loads(ended.stdout)
    assert ended.status == 2
    assert "no picture" in answers[0]["error"] and "label" not in answers[0]
    assert answers[1]["label"] in ("cat", "dog")
    assert "No such file" in answers[2]["error"]


def test_a_data_set_is_described(catsdogs, folder):
    broken = folder / "cats" / "broken.jpg"
    broken.write_bytes((folder / "cats" / "cats.0.jpg").read_bytes()[:400])
    facts = json.loads(catsdogs("data", folder, "--json").stdout)
    assert facts["classes"] == {"cats": 30, "dogs": 30} and [entry["path"] for entry in facts["set_aside"]] == ["cats/broken.jpg"]
    ended = catsdogs("data", folder)
    assert "1  set aside" in ended.stdout and "cats/broken.jpg: The picture is damaged" in ended.stdout
    assert broken.exists()


@pytest.mark.parametrize(
    ("setting", "messages"),
    [
        ("nonsense=1", ["'nonsense'"]),
        ("learning_rate=-1", ["learning_rate = -1", "1e-06 to 1"]),
        ("batch_size=1000", ["only 44 photographs to train on"]),
    ],
)
def test_a_refused_training_leaves_no_run(catsdogs, refusal, folder, setting, messages):
    message = refusal("train", "--data", folder, "--set", setting)
    assert all(part in message for part in messages)
    assert json.loads(catsdogs("runs", "--json").stdout) == []


def test_a_folder_that_is_missing_empty_or_of_one_class_is_refused(refusal, tmp_path):
    assert "no folder" in refusal("data", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "no pictures" in refusal("train", "--data", tmp_path / "empty")
    photographs(tmp_path / "one", {"cats": 5})
    assert "only one class (cats)" in refusal("train", "--data", tmp_path / "one")


@pytest.mark.parametrize(
    ("words", "message"),
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
def test_mistakes_are_answered_in_one_line(refusal, words, message):
    assert message in refusal(*words)


def test_a_study_is_queued_once_and_says_so(catsdogs, tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    words = ("study", "--data", folder, "--preset-set", "study-small", "--seeds", "2")
    with dispatcher.turn(print):  # nothing starts meanwhile
        facts = json.loads(catsdogs(*words, "--json").stdout)
        assert len(facts["queued"]) == 12
        assert {run["state"] for step in facts["steps"] for run in step["runs"]} == {"queued"}
        assert {conclusion["verdict"] for conclusion in facts["conclusions"]} == {"is not known yet"}
        printed = catsdogs(*words).stdout
        assert "0 runs were queued now; 12 are waiting or running" in printed and "Study 5 · Conv2D, Adam (small)" in printed
        for id in facts["queued"]:
            jobs.stop(store.load(id))


def test_a_study_of_too_few_images_is_refused(catsdogs, refusal, folder):
    assert "only 44 photographs to train on" in refusal("study", "--data", folder)
    assert "no preset set 'all'" in refusal("study", "--data", folder, "--preset-set", "all")
    assert "seeds = 0" in refusal("study", "--data", photographs(folder.parent / "more", {"cats": 75, "dogs": 75}), "--seeds", "0")
    assert json.loads(catsdogs("runs", "--json").stdout) == []


def test_presets_are_listed_with_their_settings(catsdogs):
    listed = {preset["name"]: preset["settings"] for preset in json.loads(catsdogs("presets", "--json").stdout)}
    assert listed["study-adam"]["target_size"] == 150 and listed["study-adam"]["batch_size"] == 100
    assert "study-adam" in catsdogs("presets").stdout


def test_a_download_replaces_a_file_only_by_force(catsdogs, refusal, tmp_path):
    path = tmp_path / "taken.zip"
    assert catsdogs("download", "shipped", path).stdout == f"{path}\n"
    with zipfile.ZipFile(path) as archive:
        assert "shipped/classify.py" in archive.namelist()
    path.write_text("something of mine")
    assert "there already" in refusal("download", "shipped", path) and path.read_text() == "something of mine"
    assert catsdogs("download", "shipped", path, "--force").status == 0 and zipfile.is_zipfile(path)
    assert "no folder" in refusal("download", "shipped", tmp_path / "nowhere" / "taken.zip")


def test_the_code_of_a_run_is_a_script_and_nothing_else(catsdogs):
    ended = catsdogs("code", "shipped")
    assert (ended.status, ended.stderr) == (0, "")
    compile(ended.stdout, "train.py", "exec")
    assert "RandomBrightness" in ended.stdout and 'set_dtype_policy("mixed_bfloat16")' in ended.stdout
