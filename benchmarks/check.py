"""How long the check of a data set takes: all of it, as `python -m catsdogs data` does it the first time, and the decoding alone.

    python benchmarks/check.py --data PHOTOS [--rounds N]

Decoding is also measured with every file on one of several threads, as large files are: small ones then wait for the interpreter's lock.
Prints seconds and seconds of the processor, medians of the rounds. PHOTOS is read once before, so that it is the same from round to round.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import rounds

from catsdogs.data import decoding, layout

PROJECT = Path(__file__).parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    folder = arguments.data.resolve()
    names = [candidate.path for candidate in layout.read(folder).usable()]
    small, threaded = (partial(decode, folder, names, limit) for limit in (decoding._SMALL, -1))
    for clock, unit in ((time.perf_counter, "seconds"), (processor_seconds, "of processor")):
        ways = {"decoding": small, "decoding, all on threads": threaded, "check, all of it": partial(check, folder)}
        found = rounds.run({name: partial(taken, clock, do) for name, do in ways.items()}, arguments.rounds)
        rounds.show(found, unit, 1, base="decoding")


def decode(folder: Path, names: list[str], small: int) -> None:
    """All of them, with files of up to so many bytes left to this thread."""
    decoding._SMALL = small
    decoding.decode(folder, names)


def check(folder: Path) -> None:
    """By the command line, with nothing stored."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CATSDOGS_HOME": home}
        words = [sys.executable, "-m", "catsdogs", "data", str(folder)]
        subprocess.run(words, cwd=PROJECT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def taken(clock: Callable[[], float], do: Callable[[], object]) -> float:
    """By that clock."""
    start = clock()
    do()
    return clock() - start


def processor_seconds() -> float:
    """Of this process and of those that it has waited for, on all cores."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


if __name__ == "__main__":
    main()
