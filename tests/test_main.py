"""The command line in a process of its own: exit statuses, what is on which stream, and Ctrl-C."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catsdogs.runs import history, store
from tests.images import photographs

SMALL = ("--set", "target_size=32", "--set", "batch_size=8", "--set", "dense_units=8", "--set", "precision=float32")


def catsdogs(*words: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "catsdogs", *map(str, words)], capture_output=True, text=True)


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
    assert ended.stderr.startswith("catsdogs: There is no run 'nobody'") and ended.stderr.count("\n") == 1


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
