"""The sign of life of a worker on another machine, where no lock can tell: a file in the run folder that it touches every few seconds.

The file holds the name of the job that the worker was started as. A worker that finds another name there, or no file any more, has been
given up and replaced: it has to end without writing anything. Ages go by the clock of the shared file system.
"""

import os
from pathlib import Path

from catsdogs.system import clock, files
from catsdogs.system.files import Damaged

NAME = "heartbeat"
EVERY = 4  # seconds
DEAD_AFTER = 20  # seconds; loading a large library from a slow disk can keep a worker from beating for several


def begin(folder: Path, job: str) -> None:
    """Make this job the one that works on the run."""
    files.replace(folder / NAME, lambda temporary: temporary.write_text(job))


def beat(folder: Path, job: str) -> bool:
    """Touch the file. Returns whether the run is still this job's."""
    try:
        with (folder / NAME).open() as file:
            if file.read() != job:
                return False
            os.utime(file.fileno())
    except FileNotFoundError:
        return False
    return True


def end(folder: Path, job: str = "") -> None:
    """Remove the file, of that job only if one is given: no worker on another machine has the run any more."""
    if not job or beat(folder, job):
        (folder / NAME).unlink(missing_ok=True)


def age(folder: Path) -> float | None:
    """Seconds since the last heartbeat, or until it if the clock was set back; None if no worker on another machine has the run.

    Raises files.Damaged where that can't be told.
    """
    path = folder / NAME
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # over NFS, opening asks the server, whereas `stat` may answer from memory
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Damaged(path, files.why(error)) from None
    try:
        return abs(clock.now() - os.fstat(opened).st_mtime)
    finally:
        os.close(opened)
