"""What the application makes of inputs that disks, editors and enemies have damaged: pictures, archives, stored files, requests.

    python benchmarks/fuzz.py [--inputs N] [--seed N] [--only GLOB] [--show]

N mutated inputs (100,000 unless given), as many for each target of `tests/fuzzing.py`; the same seed makes the same ones. Each has to be
read, or refused by an exception that callers handle, within two seconds of the processor. The process that reads them may take 2 GB more
than it has when it begins; where one kills it, or keeps it busy for a minute, it is started again after that input. Prints a row for each
target, and each fault with the number of the first input that led to it; `--show` writes these inputs to the current folder. Exits with 1
where there was any. Linux only.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from fnmatch import fnmatch
from multiprocessing import Pipe, get_context
from pathlib import Path

PROJECT = Path(__file__).parent.parent
sys.path[0] = str(PROJECT)  # not this folder, whose pages.py would be taken for the application's pages
_SECONDS = 2.0  # of the processor, for an input
_PATIENCE = 60.0  # seconds without another input
_MEMORY = 2 * 10**9  # bytes beside what the process begins with


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*")
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    rows, faults = {}, Counter()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        attacked(asked, Path(folder), rows, faults)
    print(f"{'target':28}{'inputs':>9}{'read':>9}{'refused':>9}{'ms':>8}{'slowest':>9}{'MB more':>9}")
    for name, (count, read, seconds, slowest, memory) in rows.items():
        print(f"{name:28}{count:9,}{read:9,}{count - read:9,}{1000 * seconds / count:8.2f}{slowest:8.2f}s{memory:9.0f}")
    for (name, fault), count in faults.items():
        print(f"\n{name}, {count} times: {fault}")
    print(f"\n{sum(row[0] for row in rows.values()):,} inputs, {len(faults)} different faults")
    return int(bool(faults))


def attacked(asked, folder: Path, rows: dict[str, tuple], faults: Counter) -> None:
    """Fill both by a process that is started again where an input ends it."""
    place, is_done = (0, 0), False
    while not is_done:
        connection, theirs = Pipe()
        child = get_context("spawn").Process(target=work, args=(theirs, asked, folder, place))
        child.start()
        theirs.close()
        name = "the start"
        while True:
            try:
                kind, *told = connection.recv() if connection.poll(_PATIENCE) else ("busy",)
            except EOFError:
                kind = "died"
            if kind == "at":
                name, *place = told
            elif kind == "row":
                rows[told[0]] = merged(rows.get(told[0]), told[1])
            elif kind == "fault":
                faults[(name, told[0])] += 1
            else:
                break
        is_done = kind == "done"
        if kind == "busy":
            child.kill()
        child.join()
        if not is_done:
            faults[(name, f"the process {kind} with exit status {child.exitcode}, input {place[1]}")] += 1
            place = (place[0], place[1] + 1)
            if name == "the start":
                return


def merged(before: tuple | None, row: tuple) -> tuple:
    if before is None:
        return row
    return *(one + other for one, other in zip(before[:3], row[:3], strict=True)), max(before[3], row[3]), max(before[4], row[4])


def work(connection, asked, folder: Path, place: tuple[int, int]) -> None:
    """In the process that may die: all inputs from that target and input on."""
    warnings.simplefilter("ignore")
    os.fsync = lambda file: None  # thousands of files are written here, and no power fails
    within = Path(tempfile.mkdtemp(dir=folder))
    os.environ["CATSDOGS_HOME"] = str(within / "home")
    from tests import fuzzing

    (within / "given").mkdir()
    every = (*fuzzing.targets(within / "given"), *fuzzing.of_returned(within / "given"))
    found = [target for target in every if fnmatch(target.name, asked.only)]
    for target in found:
        for content in target.whole:  # whatever has to be imported for it
            target.read(content)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # what decoders say
    begun = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (begun + _MEMORY, resource.RLIM_INFINITY))
    for number in range(place[0], len(found)):
        attack(connection, asked, number, found[number], place[1] if number == place[0] else 0, asked.inputs // len(found))
    connection.send(("done",))


def attack(connection, asked, number: int, target, first: int, count: int) -> None:
    from tests import fuzzing

    done = read = seconds = slowest = 0
    shown, before = set(), memory(is_reset=True)
    for index in range(first, count):
        connection.send(("at", target.name, number, index))
        content = fuzzing.mutated(target.whole, random.Random(f"{asked.seed} {target.name} {index}"))
        start, fault = time.process_time(), ""
        try:
            target.read(content)
            read += 1
        except target.handled:
            pass
        except BaseException as error:
            fault = described(error)
        taken = time.process_time() - start
        done, seconds, slowest = done + 1, seconds + taken, max(slowest, taken)
        fault = fault or (f"took longer than {_SECONDS:g} s" if taken > _SECONDS else "")
        if fault:
            connection.send(("fault", fault))
        if fault not in shown and fault and asked.show:
            shown.add(fault)
            Path(f"{target.name.replace(' ', '-').replace('/', '-')}-{index}").write_bytes(content)
        if done % 500 == 0 or index == count - 1:
            connection.send(("row", target.name, (done, read, seconds, slowest, memory() - before)))
            done = read = seconds = 0


def described(error: BaseException) -> str:
    """What was raised and where in the project, the same for all inputs that lead to it."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(PROJECT / "catsdogs"))]
    ours = ours or traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {Path(ours[-1].filename).name}, line {ours[-1].lineno}: {str(error)[:60]}"


def memory(is_reset: bool = False) -> float:
    """The most that this process had resident since it was last reset, in MB."""
    from tests.memory import peak

    if is_reset:
        Path("/proc/self/clear_refs").write_text("5")
    return peak()


if __name__ == "__main__":
    sys.exit(main())
