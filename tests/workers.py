"""Runs in workers of their own: processes, which the tests only see from outside."""

import json
import os
from pathlib import Path

from catsdogs.runs import history, liveness, store
from catsdogs.runs.store import Run
from catsdogs.system import devices, home
from tests.waiting import wait_until


def know_precision() -> None:
    """The first worker in a home folder measures for seconds which precision is the fastest; spare it that."""
    import keras

    home.folder().mkdir(parents=True, exist_ok=True)
    key = f"{devices.processor()}, {keras.backend.backend()}, Keras {keras.version()}"
    (home.folder() / "precision.json").write_text(json.dumps({key: {"float32": 100, "mixed_bfloat16": 100}}), encoding="utf-8")


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
    own = f"CATSDOGS_HOME={os.environ['CATSDOGS_HOME']}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, env = ((entry / name).read_bytes().split(b"\0") for name in ("cmdline", "environ"))
        except OSError:  # ended a moment ago
            continue
        if own in env and {word.encode() for word in words} <= set(command):
            return int(entry.name)
    raise AssertionError(f"there is no process with {words}")
