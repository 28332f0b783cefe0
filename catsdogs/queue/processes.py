"""Starts `python -m catsdogs ...` beside this process: dispatcher, workers, searches."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from catsdogs.system import files, home, priority


def start(
    *words: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    outlives: bool = False,
    trains: bool = False,
    holds: Sequence[int] = (),
) -> subprocess.Popen:
    """The command with these words, at this home folder; what it prints is appended to `log`.

    `env` adds to the environment of this process. It has the open files that it `holds` until it ends: the locks on them, too.

    One that `outlives` this process has a session of its own, so that neither Ctrl-C nor a closed terminal ends it. One that `trains`, or
    starts what does, leaves the processors to others first.
    """
    with _opened(log) as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-u", "-m", "catsdogs", *words],
            env={**os.environ, "CATSDOGS_HOME": str(home.folder()), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=outlives,
            pass_fds=holds,
        )
    if trains:
        priority.lower(process.pid)
    threading.Thread(target=process.wait, daemon=True).start()  # else it stays a zombie when it ends
    return process


def _opened(log: Path) -> TextIO:
    """The log, to be added to. What is printed is lost where it can't be opened, rather than what was to be started.

    Raises FileNotFoundError where its folder is gone.
    """
    try:
        files.is_there(log)  # no pipe, which nobody may read
        return log.open("a")
    except FileNotFoundError:
        raise
    except (files.Damaged, OSError):
        return open(os.devnull, "w")
