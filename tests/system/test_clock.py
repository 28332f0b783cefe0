"""The clock that the times of files go by."""

import os
import time

from catsdogs.system import clock


def test_after_this_machine_s_clock_was_set_back_it_is_that_of_new_files_at_once(tmp_path, home, monkeypatch):
    counted = time.monotonic
    start, rest = counted(), 6000.0  # the beginning of a minute
    monkeypatch.setattr(time, "monotonic", lambda: rest + counted() - start)
    assert abs(clock.now() - time.time()) < 20
    rest += 59.0  # the same as if the other clock had been set back by so much
    os.utime(home / ".clock", (1, 1))
    (tmp_path / "new").touch()
    assert abs(clock.now() - (tmp_path / "new").stat().st_mtime) < 20


def test_where_no_file_tells_it_is_this_machine_s(home):
    (home / ".clock").mkdir()
    assert abs(clock.now() - time.time()) < 20
