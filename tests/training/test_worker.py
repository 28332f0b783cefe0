"""How a run ends that can't go on."""

import shutil

from tests.running import create, work


def test_a_data_folder_that_disappeared_is_named(folder):
    run = create(folder)
    shutil.rmtree(folder)
    ended = work(run)
    assert ended.state == "failed"
    assert ended.status["error"].startswith(f"There is no folder {folder}")


def test_whatever_breaks_a_run_it_says_that_it_failed(folder, home, capsys):
    run = create(folder)
    (home / "pixels").write_text("a file where a folder has to be")
    ended = work(run)
    assert ended.state == "failed"
    assert "FileExistsError" in ended.status["error"] and "log" in ended.status["error"]
    assert "Traceback" in capsys.readouterr().err
