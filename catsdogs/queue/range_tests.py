"""Learning-rate range tests for the pages, each in a process of its own, which does what `training.range_test` says.

config.json    the configuration to test
status.json    what the process is doing; at its end, what it found or why it could not
log            what it printed
*.lock         held by the process: for whom it counts, as `allowance` tells
"""

import secrets
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.errors import InputError
from catsdogs.queue import allowance, processes
from catsdogs.runs.shapes import NotNegative
from catsdogs.settings import Config
from catsdogs.settings import config as configs
from catsdogs.system import access, clock, files, home, locks, shortage

_LIFETIME = 3600  # seconds, after which the folder of a test that has ended is deleted
_WRITE_EVERY = 0.3  # seconds
_DIED = "The test ended before it was done. The computer may be out of memory: close other programs, or try smaller images or batches."
_FORGOTTEN = "This test ended more than an hour ago, and what it found was not kept. Close this, and start another one."


class Status(TypedDict):
    """`done` of `total` of what the `message` says; at the end, the test as `found`, or an `error` in words."""

    message: NotRequired[str]
    done: NotRequired[NotNegative]
    total: NotRequired[Annotated[float, Field(gt=0)]]
    found: NotRequired[dict]
    error: NotRequired[str]


@dataclass(frozen=True)
class Test:
    """One that was started: its folder, and its process."""

    folder: Path
    process: subprocess.Popen

    @property
    def status(self) -> Status:
        """How far the test is, or how it ended."""
        has_ended = self.process.poll() is not None  # asked first: it writes its last status before it ends
        written = read_status(self.folder)
        if has_ended and not {"found", "error"} & written.keys():
            return {"error": _DIED if self.folder.exists() else _FORGOTTEN}
        return written


def start(config: Config) -> Test:
    """Start the test of that configuration, for whoever may train on its data set.

    Raises InputError where they have as many runs and tests under way as one person may have; shortage.DiskFull.
    """
    access.require_training()
    access.require_folder(config.data)
    _sweep()
    folder, name = home.subfolder(allowance.TESTS) / secrets.token_hex(4), access.person().name
    with allowance.taken([name]), shortage.explained(folder, "the test"):
        try:
            folder.mkdir()
            files.replace_json(folder / "config.json", configs.to_json(config))
            with locks.hold(folder / allowance.place(name)) as place:
                process = processes.start("test-rates", str(folder), log=folder / "log", trains=True, holds=[place])
        except OSError:  # of a full disk
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return Test(folder, process)


def cancel(test: Test) -> None:
    """Kill its process, on which nothing else depends, and remove its folder."""
    access.require_training()
    test.process.kill()
    test.process.wait()
    shutil.rmtree(test.folder, ignore_errors=True)


def read_config(folder: Path) -> Config:
    """The configuration to test. Raises InputError where the folder is not that of a test."""
    try:
        return configs.from_json(files.read_json(folder / "config.json", dict))
    except files.Damaged as damaged:
        raise InputError(f"There is no test to make in {folder}: {damaged}") from None


def read_status(folder: Path) -> Status:
    """What its process wrote last; empty where it has written nothing."""
    path = folder / "status.json"
    return files.read_json(path, Status) if files.is_there(path) else {}


def write_status(folder: Path, status: Status) -> None:
    """Replace the status. For the process of the test."""
    files.replace_json(folder / "status.json", status)


class Progress:
    """The status while the test is under way, written at most a few times a second."""

    def __init__(self, folder: Path):
        self._folder, self._written, self._said = folder, 0.0, ""

    def say(self, message: str, done: float, total: float) -> None:
        """`done` of `total` of what the message says."""
        if message != self._said or time.monotonic() - self._written > _WRITE_EVERY:
            write_status(self._folder, {"message": message, "done": done, "total": total})
            self._said, self._written = message, time.monotonic()


def _sweep() -> None:
    for folder in home.subfolder(allowance.TESTS).iterdir():
        with suppress(FileNotFoundError):  # another page may be at it
            is_old = clock.now() - folder.stat().st_mtime > _LIFETIME
            if is_old and not any(map(locks.is_held, folder.glob("*.lock"))):
                shutil.rmtree(folder)
