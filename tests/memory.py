"""How much memory a process of its own takes."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_TELL = "\nimport sys; print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')), file=sys.stderr)"


def peak(words: Sequence) -> tuple[str, int]:
    """What `python -c CODE ...` prints, and the most memory that it held at once, in bytes.

    As the process itself reads it in the end: what the system counts for a child begins with its parent's.
    """
    python, option, code, *rest = map(str, words)
    assert (python, option) == (sys.executable, "-c")
    ended = subprocess.run([python, "-c", code + _TELL, *rest], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout, 1024 * int(ended.stderr.split()[-1])


def peak_of(pid: int) -> int:
    """The most memory that a running process has held at once, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
