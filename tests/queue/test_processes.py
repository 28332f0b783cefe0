"""What is started beside this process, and where what it prints goes."""

import pytest

from catsdogs.queue import processes
from tests import breaking


def test_what_it_prints_is_added_to_its_log(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("before\n", encoding="utf-8")
    assert processes.start("nothing", log=log).wait() == 2
    assert log.read_text(encoding="utf-8").startswith("before\ncatsdogs: ")


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a link to itself", "on a broken disk"])
def test_it_starts_without_a_log_where_none_can_be_opened(kind, tmp_path):
    log = tmp_path / "a.log"
    breaking.ALL[kind](log)
    assert processes.start("nothing", log=log).wait() == 2
