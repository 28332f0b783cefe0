"""Lists that several processes change, and lists that can't be read."""

import multiprocessing
import os
import resource
from contextlib import suppress

import pytest

from catsdogs.errors import InputError
from catsdogs.system import files, lists, locks, notices
from catsdogs.system.files import Damaged
from tests import breaking, paths

PROCESSES = multiprocessing.get_context("spawn")
SHAPE = list[str]


def test_a_list_begins_empty_and_is_read_back(tmp_path):
    path = tmp_path / "folders.json"
    assert lists.read(path, SHAPE, []) == [] and not path.exists()
    assert lists.change(path, SHAPE, [], lambda names: [*names, "a"]) == ["a"]
    assert lists.change(path, SHAPE, [], lambda names: [*names, "b"]) == lists.read(path, SHAPE, []) == ["a", "b"]


def test_a_list_that_stays_the_same_is_not_written(tmp_path):
    path = tmp_path / "folders.json"
    lists.change(path, SHAPE, [], lambda _: ["a"])
    before = files.version(path)
    lists.change(path, SHAPE, [], list)
    assert files.version(path) == before


def test_a_change_that_raises_leaves_the_list_and_the_lock(tmp_path):
    path = tmp_path / "folders.json"
    lists.change(path, SHAPE, [], lambda _: ["a"])
    with pytest.raises(KeyError):
        lists.change(path, SHAPE, [], lambda _: {}["nothing"])
    assert lists.read(path, SHAPE, []) == ["a"] and not locks.is_held(path.with_suffix(".lock"))


def test_of_what_several_processes_add_at_once_nothing_is_lost(tmp_path):
    path = tmp_path / "folders.json"
    adding = [PROCESSES.Process(target=add, args=(path, name)) for name in "abcd"]
    for process in adding:
        process.start()
    for process in adding:
        process.join()
    assert sorted(lists.read(path, SHAPE, [])) == sorted(f"{name}{number}" for name in "abcd" for number in range(50))


@pytest.mark.parametrize("kind", [*breaking.ALL, "of another item"])
def test_a_list_that_cannot_be_read_is_set_aside_and_begun_anew(kind, tmp_path):
    path = tmp_path / "folders.json"
    files.replace_json(path, ["a", "b"])
    (breaking.ALL | {"of another item": lambda path: path.write_text('["a", 7]')})[kind](path)
    left = os.lstat(path).st_ino
    assert lists.read(path, SHAPE, []) == []
    assert os.lstat(tmp_path / "folders.json.unreadable-1").st_ino == left and not os.path.lexists(path)
    (notice,) = notices.take()
    assert str(path) in notice and "set aside as folders.json.unreadable-1" in notice and "\n" not in notice
    assert lists.change(path, SHAPE, [], lambda names: [*names, "c"]) == ["c"] and notices.take() == []


def test_a_second_list_is_set_aside_beside_the_first(tmp_path):
    path = tmp_path / "folders.json"
    for content in ("one", "two", "three"):
        path.write_text(content)
        lists.change(path, SHAPE, [], lambda names: [*names, "a"])
    assert [(tmp_path / f"folders.json.unreadable-{number}").read_text() for number in (1, 2, 3)] == ["one", "two", "three"]


def test_a_list_is_set_aside_only_with_its_lock_held(tmp_path):
    path = tmp_path / "folders.json"
    path.write_text("half of what another process is abou")
    begun = PROCESSES.Event()
    reading = PROCESSES.Process(target=begin_and_read, args=(begun, path))
    with locks.hold(path.with_suffix(".lock")):
        reading.start()
        assert begun.wait(90)
        reading.join(0.5)  # long enough for one that does not wait
        assert reading.is_alive() and path.exists()
        files.replace_json(path, ["a"])
    reading.join()
    assert lists.read(path, SHAPE, []) == ["a"] and notices.take() == []


def test_several_processes_that_find_the_same_damage_set_aside_one_file(tmp_path):
    path = tmp_path / "folders.json"
    path.write_text("damaged")
    adding = [PROCESSES.Process(target=add, args=(path, name)) for name in "abcd"]
    for process in adding:
        process.start()
    for process in adding:
        process.join()
    assert len(lists.read(path, SHAPE, [])) == 200 and len(notices.take()) == 1
    assert not (tmp_path / "folders.json.unreadable-2").exists()


@pytest.mark.parametrize("spare", range(4))
def test_a_list_stays_where_the_process_has_too_many_files_open_to_read_it(spare, tmp_path):
    path = tmp_path / "folders.json"
    files.replace_json(path, ["a"])
    changing = PROCESSES.Process(target=change_with_few_files, args=(path, spare))
    changing.start()
    changing.join()
    assert "a" in lists.read(path, SHAPE, []) and notices.take() == []


def test_what_cannot_be_set_aside_is_said_in_a_sentence(tmp_path, monkeypatch):
    path = tmp_path / "folders.json"
    path.write_text("damaged")
    (tmp_path / "folders.json.unreadable-1").write_text("older")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)  # as in a folder of someone else, which root could change
    with pytest.raises(Damaged, match="is not JSON .* and can't be set aside .Permission denied.: move it away"):
        lists.read(path, SHAPE, [])
    assert path.read_text() == "damaged"


def test_each_notice_is_handed_out_once_to_one_of_several_processes():
    for number in range(100):
        notices.leave(f"notice {number}")
    assert list(notices.pending().values()) == [f"notice {number}" for number in range(100)], "the oldest first"
    with PROCESSES.Pool(3) as pool:
        taken = pool.map(take, range(30), chunksize=1)
    assert sorted(text for texts in taken for text in texts) == sorted(f"notice {number}" for number in range(100))
    assert notices.take() == []


@pytest.mark.parametrize("kind", ["a folder", "a pipe"])
def test_something_else_in_the_place_of_a_lock_is_locked_all_the_same(kind, tmp_path):
    path = tmp_path / "folders.lock"
    path.touch()
    breaking.PLACES[kind](path)
    with locks.hold(path):
        assert locks.is_held(path)
        with pytest.raises(locks.Taken), locks.hold(path, patience=0):
            pytest.fail("held twice")
    assert not locks.is_held(path)


def add(path, name):
    for number in range(50):
        lists.change(path, SHAPE, [], lambda names, added=f"{name}{number}": [*names, added])


def begin_and_read(begun, path):
    begun.set()
    lists.read(path, SHAPE, [])


def change_with_few_files(path, spare):
    """With so many more that may be opened."""
    lists.read(path, SHAPE, [])  # imports what it takes
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    opened = []
    with suppress(OSError):
        while True:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    for each in opened[:spare]:
        os.close(each)
    with suppress(OSError, Damaged):
        lists.change(path, SHAPE, [], lambda names: [*names, "b"])


def take(_):
    return notices.take()


def test_a_lock_that_may_not_be_opened_is_named(tmp_path):
    lock = tmp_path / "list.lock"
    lock.touch()
    with paths.unreadable(lock), pytest.raises(InputError, match="list.lock can't be opened .permission denied.. Delete it"):
        lists.change(tmp_path / "list.json", list[str], [], lambda before: ["a"])
    assert lists.change(tmp_path / "list.json", list[str], [], lambda before: ["a"]) == ["a"]
