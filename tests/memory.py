"""How much memory a process takes: the most that it had resident, as Linux counts it (`ru_maxrss` begins with what its parent had)."""

import subprocess
import sys
from pathlib import Path

from tests.browsing import PROJECT


def peak(pid: int | str = "self") -> float:
    """Of a process so far, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))


def peak_of(code: str, *arguments: str) -> float:
    """Of a process that runs this code with `sys.argv[1:]` as given, in MB."""
    return run(code, *arguments)[1]


def run(code: str, *arguments: str) -> tuple[str, float]:
    """What a process prints that runs this code with `sys.argv[1:]` as given, and how much memory it takes, in MB."""
    code = f"{code}\nfrom tests.memory import peak\nprint(peak())"
    ran = subprocess.run([sys.executable, "-c", code, *arguments], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    said, _, memory = ran.stdout.rstrip().rpartition("\n")
    return said, float(memory)
