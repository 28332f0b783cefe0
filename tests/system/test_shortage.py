"""A disk or a memory that ran out is told from any other error."""

import errno
import os
import pickle
import re

import pytest

from catsdogs.errors import InputError
from catsdogs.system import shortage
from catsdogs.system.shortage import DiskFull


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, " Free some space there."), (errno.EDQUOT, " Free some space there."), (errno.EFBIG, "")],
)
def test_an_error_of_a_full_disk_says_what_is_free_what_was_needed_and_what_to_do(tmp_path, number, advice):
    with pytest.raises(DiskFull) as found, shortage.explained(tmp_path / "model.keras", "the checkpoint", 130_000_000):
        raise OSError(number, os.strerror(number))
    text = str(pickle.loads(pickle.dumps(found.value)))
    assert text.endswith(f"free in {tmp_path}, the checkpoint needs 130 MB.{advice}") and isinstance(found.value, InputError | OSError)


def test_an_error_in_the_words_of_another_library_is_recognised(tmp_path):
    with pytest.raises(DiskFull, match=f"in {tmp_path}, a file could not be written"), shortage.explained(tmp_path / "a.h5"):
        raise RuntimeError("Can't decrement id ref count (unable to extend file properly, errno = 28, error message = 'No space ...')")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (
            errno.ENOSPC,
            r"The disk is full: [\d.]+ .B free, the checkpoint needs 130 MB\. Delete data sets or runs that nobody needs, or ask .*\.",
        ),
        (errno.EFBIG, r"Files of this size are not allowed here: [\d.]+ .B free, the checkpoint needs 130 MB\."),
        (errno.EROFS, r"The disk is read-only: the checkpoint needs 130 MB\."),
    ],
)
def test_whoever_may_not_know_where_the_disk_is_is_told_what_is_free_and_what_else_to_do(tmp_path, number, told):
    with pytest.raises(DiskFull) as found, shortage.explained(tmp_path / "model.keras", "the checkpoint", 130_000_000):
        raise OSError(number, os.strerror(number))
    assert re.fullmatch(told, shortage.without_place(str(found.value)))


def test_any_other_error_is_let_through(tmp_path):
    with pytest.raises(PermissionError), shortage.explained(tmp_path):
        raise PermissionError(errno.EACCES, "no")
    with pytest.raises(RuntimeError, match="errno = 281"), shortage.explained(tmp_path):
        raise RuntimeError("errno = 281")


def test_room_is_asked_of_the_disk_on_which_a_folder_is_to_be_made(tmp_path):
    shortage.require_room(tmp_path / "not" / "yet", 1000, "it")
    with pytest.raises(DiskFull, match=r"^Not enough disk space: .* free, it needs 1000000000\.0 GB\. Delete data sets or runs"):
        shortage.require_room(tmp_path / "not" / "yet", 10**18, "it")


def test_a_reserve_takes_room_until_it_is_over(tmp_path):
    with shortage.reserve(tmp_path) as room:
        assert room.stat().st_blocks * 512 >= 65_536
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 123 bytes."),
        ValueError("{{function_node}} OOM when allocating tensor with shape[100,32,148,148] [Op:Conv2D]"),
    ],
    ids=["Python", "PyTorch", "JAX", "TensorFlow"],
)
def test_memory_that_ran_out_is_recognised_of_every_backend(error):
    assert shortage.is_of_memory(error)
    try:
        raise KeyError("afterwards") from error
    except KeyError as later:
        assert shortage.is_of_memory(later)


def test_other_errors_are_not_of_memory():
    assert not shortage.is_of_memory(ValueError("a bloom of roses"))


@pytest.mark.parametrize(
    ("own", "count"),
    [("0::/studio\n", "studio/memory.events.local"), ("9:cpu:/\n4:cpuset,memory:/studio\n0::/\n", "memory/studio/memory.oom_control")],
    ids=["version 2", "version 1"],
)
def test_the_kernel_s_count_of_kills_for_memory_is_read(own, count, tmp_path, monkeypatch):
    for name, place in (("_OWN", "cgroup"), ("_GROUPS", "groups"), ("_OF_MACHINE", "vmstat")):
        monkeypatch.setattr(shortage, name, tmp_path / place)
    assert shortage.kills() is None
    (tmp_path / "vmstat").write_text("nr_free_pages 1\noom_kill 4\n")
    assert shortage.kills() == 4
    (tmp_path / "cgroup").write_text(own)
    assert shortage.kills() == 4
    path = tmp_path / "groups" / count
    path.parent.mkdir(parents=True)
    path.write_text("low 0\noom 9\noom_kill 2\noom_group_kill 0\n")
    assert shortage.kills() == 2, "those of other groups don't count"
