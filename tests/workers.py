"""Runs in workers of their own: processes, which the tests only see from outside."""

import os
from pathlib import Path

from catsdogs.runs import history, liveness, store
from catsdogs.runs.store import Run
from tests.waiting import wait_until


def state(run: Run) -> str:
    """What its folder says now."""
    return store.load(run.id).state


def ended(run: Run) -> Run:
    """The run when it has ended and its process with it."""
    wait_until(lambda: state(run) in store.ENDED and not liveness.is_alive(run.folder))
    return store.load(run.id)


def is_in_an_epoch(run: Run) -> bool:
    """Whether it has trained a whole epoch, and is in the middle of another one."""
    return history.epochs_done(run) >= 1 and store.load(run.id).status.get("activity") == "training"


def process_of(*words: str) -> int:
    """The process with these words on its command line and this test's home folder."""
    home = f"CATSDOGS_HOME={os.environ['CATSDOGS_HOME']}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, env = ((entry / name).read_bytes().split(b"\0") for name in ("cmdline", "environ"))
        except OSError:  # ended a moment ago
            continue
        if home in env and {word.encode() for word in words} <= set(command):
            return int(entry.name)
    raise AssertionError(f"there is no process with {words}")
