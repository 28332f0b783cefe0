"""A command that finds no room says so in one line, leaves nothing half made, and works as soon as there is room."""

import re

import pytest

from catsdogs import __main__ as command_line
from tests.images import photographs
from tests.limits import files_up_to
from tests.running import create, train
from tests.sources.test_archive import good

EVERYWHERE = (0, 100, 700, 5000, 40_000)  # bytes that a file may have


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


def commands(folder, tmp_path):
    yield ["import", good(tmp_path / "pets.zip"), "zip"]
    yield ["import", folder, "copied"]
    yield ["data", folder]


def test_wherever_the_disk_is_full_the_command_says_so_in_one_line(folder, tmp_path, home, capsys):
    for words in commands(folder, tmp_path):
        refused = [size for size in EVERYWHERE if is_refused(words, size, capsys)]
        assert refused and refused[0] == 0, words
        assert not list(home.rglob(".new-*")) and not list((home / "data").glob(".*"))
        assert run(words) == 0, words
        capsys.readouterr()


def test_a_measurement_that_cannot_be_written_says_so_and_leaves_the_run_as_it_was(folder, home, capsys):
    run_ = create(folder, epochs=1)
    train(run_)
    others = photographs(folder.parent / "others", {"cats": 10, "dogs": 10}, size=(40, 30))
    words = ["evaluate", "--run", run_.id, "--data", others]
    before = sorted(path.name for path in run_.folder.iterdir())
    for size in (0, 300):
        assert is_refused(words, size, capsys), size
        assert sorted(path.name for path in run_.folder.iterdir()) == before
    assert run(words) == 0


def is_refused(words, size: int, capsys) -> bool:
    """Whether the command found no room where files may have so many bytes; it then said so in one line."""
    with files_up_to(size):
        status = run(words)
    message = capsys.readouterr().err
    if status == 0:
        return False
    assert status == 2 and message.startswith("catsdogs: ") and message.count("\n") == 1, message
    assert "not allowed here" in message and "free in" in message, message
    assert not re.search(r"\.(json|npz|npy)\b|[0-9a-f]{16}", message), message  # files of which nobody knows
    return True


def run(words) -> int:
    return command_line.main([str(word) for word in words])
