"""Starts `python -m catsdogs ...` beside this process: dispatcher, workers, searches."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from catsdogs.system import files, priority


def start(
    *words: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    outlives: bool = False,
    trains: bool = False,
    holds: Sequence[int] = (),
) -> subprocess.Popen:
    """The command with these words; what it prints is appended to `log`. `env` adds to the environment of this process.

    It has the open files that it `holds` until it ends: the locks on them, too.

    One that `outlives` this process has a session of its own, so that neither Ctrl-C nor a closed terminal ends it. One that `trains`, or
    starts what does, leaves the processors to others first.
    """
    with _opened(log) as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-u", "-m", "catsdogs", *words],
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=outlives,
            pass_fds=holds,
        )
    if trains:
        priority.lower(process.pid)
    return process


def _opened(log: Path) -> TextIO:
    """The log, to be added to. What is printed is lost where something else is in its place, rather than what was to be started."""
    try:
        files.is_there(log)  # no pipe, which nobody may read
        return log.open("a")
    except (files.Damaged, PermissionError):
        return open(os.devnull, "w")
