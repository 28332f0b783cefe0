"""The command line in a process of its own: exit statuses, what is on which stream, and Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catsdogs.runs import history, store
from tests.images import photographs

SMALL = ("--set", "target_size=32", "--set", "batch_size=8", "--set", "dense_units=8", "--set", "precision=float32")


def catsdogs(*words: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run(command(*words), capture_output=True, text=True)


def test_from_drawing_to_answers(tmp_path):
    drawn = tmp_path / "drawn"
    assert "40 images" in catsdogs("demo", drawn, "--count", "40").stdout

    trained = catsdogs("train", "--data", drawn, "--preset", "study-sgd", *SMALL, "--epochs", "2", "--json")
    assert trained.returncode == 0, trained.stderr
    assert "epoch 2/2" in trained.stderr
    summary = json.loads(trained.stdout)
    assert (summary["state"], summary["epochs_done"], summary["preset"]) == ("finished", 2, "study-sgd")
    assert [run.id for run in store.list_all()] == [summary["id"]]

    paths = sorted((drawn / "cats").iterdir())[:2] + sorted((drawn / "dogs").iterdir())[:1]
    classified = catsdogs("classify", "--json", *paths)
    assert classified.returncode == 0 and classified.stderr == "", "TensorFlow is to be silent"
    answers = json.loads(classified.stdout)
    assert [answer["picture"] for answer in answers] == [str(path) for path in paths]
    assert all(answer["label"] in ("cat", "dog") and 0.5 <= answer["probability"] <= 1 for answer in answers)


@pytest.mark.parametrize("command", [(sys.executable, "-m", "catsdogs"), (Path(sys.executable).with_name("catsdogs"),)], ids=len)
def test_it_starts_anywhere_and_a_mistake_is_one_line(command, tmp_path):
    ended = subprocess.run([*command, "code", "nobody"], cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "catsdogs: There is no run 'nobody'; it may have been deleted. `python -m catsdogs runs` lists the runs.\n"


def test_names_of_files_stay_in_their_line_and_no_terminal_obeys_them(tmp_path):
    folder, odd = photographs(tmp_path / "two\nlines", {"cats": 2, "dogs": 2}), "\x1b[2J\nodd.jpg"
    (folder / "cats" / odd).write_text("no picture")
    photographs(folder, {"more\x07": 1})
    said = [catsdogs("data", folder), catsdogs("import", folder)]
    assert r" cats/\x1b[2J\nodd.jpg: This is not an image" in said[0].stdout and r"left out: more\x07/ with 1 image" in said[0].stdout
    for name in ("cats", "more\x07"):
        shutil.rmtree(folder / name)
    said.append(catsdogs("data", folder))
    assert said[2].returncode == 2 and r"two\nlines holds" in said[2].stderr and said[2].stderr.count("\n") == 1
    assert not any(control in each.stdout + each.stderr for each in said for control in "\x1b\x07")


def test_ctrl_c_stops_a_training_and_keeps_its_epochs(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
    words = [sys.executable, "-m", "catsdogs", "train", "--data", str(folder), *SMALL, "--epochs", "500"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as training:
        assert any(line.startswith("epoch 2/500") for line in training.stdout)
        training.send_signal(signal.SIGINT)
        _, errors = training.communicate()
    (run,) = store.list_all()
    assert run.state == "stopped" and run.is_resumable and history.epochs_done(run) >= 2
    assert "Traceback" not in errors


def test_ctrl_c_ends_a_command_quietly_before_it_has_begun(tmp_path):
    """While modules were imported, it was a traceback. The command is one that takes long: on a busy machine, the signal may come late."""
    words = [sys.executable, "-X", "importtime", *command("demo", tmp_path / "drawn", "--count", "20000")[1:]]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as starting:
        assert any(line.split()[-1] == "pydantic" for line in starting.stderr)
        starting.send_signal(signal.SIGINT)
        out, errors = starting.communicate()
    assert (starting.returncode, out) == (130, "") and "Traceback" not in errors


def test_a_reader_that_has_seen_enough_ends_a_command_quietly():
    for words in (["runs"], ["presets"], ["--help"], ["train", "--help"]):
        assert ended_unread(*words) == (0, ""), words


def test_a_training_whose_reader_has_seen_enough_is_stopped_and_not_called_failed(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
    assert ended_unread("train", "--data", folder, *SMALL, "--epochs", "500") == (0, "")
    (run,) = store.list_all()
    assert run.state == "stopped" and run.is_resumable


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("words", [["runs"], ["presets", "--json"], ["--help"]], ids=" ".join)
@pytest.mark.parametrize("is_unbuffered", [False, True])
def test_output_that_a_full_disk_does_not_take_is_one_line(words, is_unbuffered):
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command(*words), stdout=full, stderr=subprocess.PIPE, text=True, env=buffering(is_unbuffered))
    assert (ended.returncode, ended.stderr) == (2, "catsdogs: The output can't be written: No space left on device.\n")


def ended_unread(*words: str | Path) -> tuple[int, str]:
    """The exit status and the errors of a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as pipe:
        ended = subprocess.run(command(*words), stdout=pipe, stderr=subprocess.PIPE, text=True, env=buffering(False))
    return ended.returncode, ended.stderr


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "catsdogs", *map(str, words)]


def buffering(is_unbuffered: bool) -> dict[str, str]:
    """The environment of a command whose output Python collects until its end, as it does in a pipe, or doesn't."""
    return {**os.environ, "PYTHONUNBUFFERED": "1" if is_unbuffered else ""}
