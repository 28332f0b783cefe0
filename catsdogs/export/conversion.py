"""A run for other runtimes by `portable`, in a process of its own, as that takes a GB of memory and the backend TensorFlow.

exports/<run>-<format>.zip      kept for a day
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.system import clock, home, locks

_LIFETIME = 24 * 3600  # seconds
_REFUSED = 2  # the exit status of the command line where it says why in one line


def convert(run: Run, format: str) -> tuple[Path, dict]:
    """The ZIP file, and what `portable.Exported` says of it. Raises InputError where the run is gone, or the process refuses or dies."""
    store.load(run.id)
    _sweep()
    path = home.subfolder("exports") / f"{run.id}-{format}.zip"
    command = [sys.executable, "-P", "-m", "catsdogs", "download", run.id, str(path), "--format", format, "--force", "--json", "--unread"]
    with locks.hold(home.folder() / "exports.lock"):  # one at a time
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode == _REFUSED:
        raise InputError(ended.stderr.strip().splitlines()[-1].removeprefix("catsdogs: "))
    if ended.returncode:
        print(ended.stderr, file=sys.stderr)
        raise InputError("The export ended before it was done; the server's log says why. It may be out of memory: try again later.")
    return path, json.loads(ended.stdout)


def _sweep() -> None:
    for path in home.subfolder("exports").iterdir():
        with suppress(FileNotFoundError, IsADirectoryError):  # another page may be at it; a folder is none of its files
            if clock.now() - path.stat().st_mtime > _LIFETIME:
                path.unlink()
