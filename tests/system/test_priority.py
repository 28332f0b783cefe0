"""What trains gives way to what people wait for."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from catsdogs.system import priority

AUTOGROUP = Path("/proc/self/autogroup")


@pytest.fixture
def no_giving_way():
    """Here it does."""


@contextmanager
def idle(**options):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, **options)
    yield process.pid
    process.communicate(b"\n")


def group(process: int) -> str:
    return Path(f"/proc/{process}/autogroup").read_text()


def test_a_process_that_is_lowered_twice_is_as_low_as_after_once():
    with idle() as process:
        priority.lower(process)
        priority.lower(process)
        assert os.getpriority(os.PRIO_PROCESS, process) == priority.LOW > os.getpriority(os.PRIO_PROCESS, 0)


def test_one_that_was_lower_before_stays_where_it_is():
    with idle(preexec_fn=lambda: os.nice(19)) as process:
        priority.lower(process)
        assert os.getpriority(os.PRIO_PROCESS, process) == 19


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this system doesn't divide the processor among sessions")
def test_a_session_is_lowered_with_its_leader_only():
    before = AUTOGROUP.read_text()
    with idle(start_new_session=True) as leader, idle() as member:
        priority.lower(leader)
        priority.lower(member)
        assert group(leader).endswith(f"nice {priority.LOW}\n") and group(member) == AUTOGROUP.read_text() == before
