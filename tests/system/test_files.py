import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from catsdogs.errors import InputError
from catsdogs.system import files
from catsdogs.system import home as homes
from tests import paths

WITHOUT_LOCKS = """
import errno, os, sys
def refuse(event, arguments):
    if event == "fcntl.flock":
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
sys.addaudithook(refuse)
from catsdogs.errors import InputError
from catsdogs.system import home
try:
    home.require()
except InputError as error:
    print(error)
"""


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "status.json"
    path.write_text("old")
    files.replace(path, lambda temporary: temporary.write_text("new"))
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["status.json"]


def test_who_reads_the_old_file_goes_on_reading_it(tmp_path):
    path = tmp_path / "status.json"
    path.write_text("old")
    with path.open() as reader:
        files.replace(path, lambda temporary: temporary.write_text("new"))
        assert reader.read() == "old"


def test_a_file_that_was_not_there_is_made(tmp_path):
    files.replace(tmp_path / "new.txt", lambda temporary: temporary.write_text("new"))
    assert (tmp_path / "new.txt").read_text() == "new"


def test_readers_see_the_old_file_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")

    def write(temporary):
        temporary.write_text("half")
        assert path.read_text() == "old"
        assert temporary.parent == tmp_path and temporary.suffix == ".keras"
        temporary.write_text("whole")

    files.replace(path, write)
    assert path.read_text() == "whole"


def test_a_failing_writer_leaves_the_old_file_and_no_temporary_one(tmp_path):
    path = tmp_path / "history.txt"
    path.write_text("old")

    def write(temporary):
        temporary.write_text("half")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="The disk is full: .* free in .*, a file could not be written"):
        files.replace(path, write)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["history.txt"]


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")
    process = multiprocessing.get_context("spawn").Process(target=write_half_and_wait, args=(path,))
    process.start()
    while len(os.listdir(tmp_path)) < 2:
        assert process.is_alive()
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert path.read_text() == "old"


def test_json_keeps_names_that_are_not_utf_8(tmp_path):
    content = {"data": "/Bücher/Kätzchen 🐈", "path": os.fsdecode(b"K\xe4tzchen.jpg"), "epochs": [1, 2.5, None, True]}
    files.replace_json(tmp_path / "a.json", content)
    assert files.read_json(tmp_path / "a.json") == content
    assert "Bücher".encode() in (tmp_path / "a.json").read_bytes()


def test_what_is_no_json_leaves_the_old_file(tmp_path):
    files.replace_json(tmp_path / "a.json", {"epochs": 1})
    with pytest.raises(TypeError):
        files.replace_json(tmp_path / "a.json", {"epochs": object()})
    assert json.loads((tmp_path / "a.json").read_text()) == {"epochs": 1}
    assert os.listdir(tmp_path) == ["a.json"]


def test_the_environment_names_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CATSDOGS_HOME", str(tmp_path / "a" / "b"))
    assert homes.folder() == tmp_path / "a" / "b"
    assert homes.subfolder("runs") == tmp_path / "a" / "b" / "runs"
    assert (tmp_path / "a" / "b" / "runs").is_dir()


def test_a_tilde_in_the_home_folder_is_the_user_s_own(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CATSDOGS_HOME", "~/studio")
    assert homes.folder() == tmp_path / "studio"


def test_a_home_folder_where_nothing_can_be_locked_is_refused_in_words(home):
    words = [sys.executable, "-c", WITHOUT_LOCKS]
    ended = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert ended.stdout == f"{home} can't be the home folder: no file can be locked there. Set CATSDOGS_HOME to one on another disk.\n"


def write_half_and_wait(path: Path):
    def write(temporary):
        temporary.write_text("half")
        time.sleep(600)

    files.replace(path, write)


def test_a_home_folder_whose_runs_are_another_users_is_refused_in_a_sentence(monkeypatch):
    said = "its runs are another user's .permission denied.. Set CATSDOGS_HOME"
    with tempfile.TemporaryDirectory() as folder:  # not below one that only this user may enter
        monkeypatch.setenv("CATSDOGS_HOME", folder)
        Path(folder).chmod(0o777)
        homes.subfolder("runs")
        with paths.unreadable(Path(folder, "runs")), pytest.raises(InputError, match=said):
            homes.require()
        homes.require()


def test_the_space_of_a_folder_is_counted_while_files_in_it_go(tmp_path):
    (tmp_path / "kept").write_bytes(bytes(100_000))
    for number in range(2000):  # looking at all of them takes long enough for others to go
        (tmp_path / f"kept-{number}").touch()
    is_over = threading.Event()

    def come_and_go() -> None:
        while not is_over.is_set():
            for number in range(50):
                (tmp_path / str(number)).touch()
            for number in range(50):
                (tmp_path / str(number)).unlink()

    others = threading.Thread(target=come_and_go)
    others.start()
    try:
        assert min(files.space(tmp_path) for _ in range(30)) >= 100_000
    finally:
        is_over.set()
        others.join()
    (tmp_path / "link").symlink_to(tmp_path)
    assert files.space(tmp_path / "link") < 100_000 <= files.space(tmp_path / "kept")
