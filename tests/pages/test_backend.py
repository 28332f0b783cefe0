"""What the pages send to the process that classifies."""

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from catsdogs.errors import InputError
from catsdogs.runs import store
from pages.parts.shared import backend, insight
from tests.browsing import PROJECT


def test_many_uploads_are_sent_in_portions_and_none_is_lost():
    small, large = ("small", bytes(10)), ("large", bytes(15_000_000))
    images = [small] * 40 + [large] * 3 + [("file", Path("cat.jpg"))]
    portions = list(backend.portions(images))
    assert [image for portion in portions for image in portion] == images
    assert [len(portion) for portion in portions] == [32, 9, 1, 2]
    assert list(backend.portions([])) == []


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda run, path: backend.classify(run, [("letter", b"Dear cat")])[0].error, "This is not an image"),
        (lambda run, path: backend.import_run(path, path.name), "empty.zip is not the ZIP file of a run"),
        (lambda run, path: insight.heat_map(run, b"Dear cat"), "This is not an image"),
    ],
    ids=["classify", "import", "heat map"],
)
def test_a_page_that_waits_long_for_a_process_which_hangs_says_when_another_one_takes_over(ask, answer, tmp_path, monkeypatch):
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    said, hung = [], backend.companion()
    assert hung.call(os.getpid) == hung.pid

    def say(text, icon):
        said.append(text)
        os.kill(hung.pid, signal.SIGCONT)

    monkeypatch.setattr(backend, "st", SimpleNamespace(empty=lambda: SimpleNamespace(warning=say, empty=lambda: said.append(""))))
    monkeypatch.setattr(backend, "get_script_run_ctx", lambda: "of a page")
    monkeypatch.setattr(backend, "_PATIENCE", 0.1)
    os.kill(hung.pid, signal.SIGSTOP)
    try:
        told = ask(store.load(store.SHIPPED), tmp_path / "empty.zip")
    except InputError as error:
        told = str(error)
    finally:
        os.kill(hung.pid, signal.SIGCONT)
    assert told.startswith(answer)
    assert "not answered for more than 0.1 s" in said[0] and "another one takes its place in 10 min." in said[0] and said[-1] == ""


def test_what_a_server_imports_keeps_nothing_before_it_runs(home):
    ended = subprocess.run([sys.executable, "-c", "import app"], cwd=PROJECT, capture_output=True, text=True)
    assert ended.returncode == 0
    assert "No runtime found" not in ended.stderr  # Streamlit's, for each function whose answers it is to keep
