"""A Ray cluster of the tests' own, whose nodes are on this machine. Nothing of it is left running, even where the tests are killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.browsing import PROJECT, free_port

TOKEN = "a-token-of-the-tests-which-nobody-else-has"
_WATCH = "import sys; from pathlib import Path; from tests.clusters import Nodes; sys.stdin.read(); Nodes(Path(sys.argv[1])).close()"
_MARK = "CATSDOGS_TEST_NODE"  # in the environment of all processes of a node, by which they are found


class Nodes:
    """The cluster's nodes by name, each with one CPU; `address` is the head's."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._port, self._dashboard = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self._dashboard}"

    def start_head(self, name: str) -> None:
        """The first one."""
        self._start(
            name, "--head", f"--port={self._port}", f"--dashboard-port={self._dashboard}", f"--ray-client-server-port={free_port()}"
        )

    def join(self, name: str) -> None:
        """Another one."""
        self._start(name, f"--address=127.0.0.1:{self._port}")

    def _start(self, name: str, *words: str) -> None:
        own = {_MARK: self._mark(name), "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "PYTHONPATH": str(PROJECT)}
        words = (*words, "--num-cpus=1", "--num-gpus=0", "--object-store-memory=80000000", f"--temp-dir={self._folder / name}")
        words += ("--disable-usage-stats", "--include-log-monitor=false", f"--dashboard-agent-listen-port={free_port()}")
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--node-ip-address=127.0.0.1", *words]
        started = subprocess.run(command, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert started.returncode == 0, started.stdout

    def kill(self, name: str) -> None:
        """As if its machine had lost its power: whatever runs there."""
        while processes := self._processes(name):
            for number in processes:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            time.sleep(0.1)

    def has(self, name: str, process: int) -> bool:
        """Whether the process runs on that node."""
        return process in self._processes(name)

    def close(self) -> None:
        """All of it."""
        self.kill("")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _mark(self, name: str) -> str:
        return f"{self._folder}:{name}"

    def _processes(self, name: str) -> list[int]:
        mark, found = f"{_MARK}={self._mark(name)}".encode(), []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # ended a moment ago
                if any(part.startswith(mark) for part in (entry / "environ").read_bytes().split(b"\0")):
                    found.append(int(entry.name))
        return found


@contextmanager
def cluster() -> Iterator[Nodes]:
    """Without nodes at first."""
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))  # a short path, as those of sockets may have 107 letters
    nodes = Nodes(folder)
    # reads until this process closes the pipe, or ends in whatever way
    watcher = subprocess.Popen([sys.executable, "-c", _WATCH, folder], cwd=PROJECT, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield nodes
    finally:
        nodes.close()
        watcher.communicate()
