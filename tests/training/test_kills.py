"""A sample of what `benchmarks/kills.py` does at every event of a run; kills at random moments are in test_resume_point.py."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_nothing_is_lost_wherever_a_run_is_killed_or_finds_no_room():
    words = [sys.executable, "benchmarks/kills.py", "--events", "1", "--sizes", "2"]
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(words, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True)
    assert done.stdout.splitlines()[1:] == [
        "killed at an event: 1, lost in 0",
        "sizes, killed and failed: 4, lost in 0",
    ]
    assert done.returncode == 0
