"""Whether anything is lost where a training is killed, or its disk is full: at chance moments, and at every event of its files.

    python benchmarks/kills.py [--random N] [--events N|all] [--sizes N] [--full N|all]

--random   N SIGKILLs at random moments of one run after the other, each resumed until it has finished
--events   a SIGKILL just before N events of a run, spread evenly, or before each: a file opened to be written, synced, renamed, removed
--sizes    N sizes of a file; the write beyond it kills the run, and in another run fails, as on a full disk
--full     a disk of 64 MB that is full to the last byte from an event on; needs permission to mount one (root)

After each fault the run must be readable, its checkpoints whole, its history that of the run to which nothing happened, up to the last
whole epoch; it is then resumed, and must end with the same history and the same answers, to the last digit. Prints what was lost, and
exits with 1 where anything was. Linux only.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from catsdogs.runs import history, liveness, store
from catsdogs.runs.store import Run
from catsdogs.system import devices
from tests import faults
from tests.images import photographs
from tests.running import create
from tests.workers import know_precision

_SETTINGS = {"model": "dense", "dense_units": 16, "epochs": 3, "ema_momentum": 0.5, "data_pruning": 0.3}
_MEASURED = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
_LARGEST = 400_000  # bytes; about a resume point
_SMALLEST = 30
_LONGEST = 4.0  # seconds, about what a run takes
_DISK = "64m"


class Lost(Exception):
    """What is not as it should be after a fault."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--events", default="0")
    parser.add_argument("--sizes", type=int, default=0)
    parser.add_argument("--full", default="0")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as mounted:
        home = Path(folder) / "home"
        home.mkdir()
        os.environ["CATSDOGS_HOME"] = str(home)
        if asked.full != "0":
            mounted.enter_context(small_disk(home))
        devices.prepare()
        from catsdogs.training import trainer  # noqa: F401  before the forks

        know_precision()
        data = photographs(Path(folder) / "photographs", {"cats": 30, "dogs": 30})
        whole = create(data, **_SETTINGS)
        note = Path(folder) / "note"
        require(faults.train(whole, faults.at_event(10**9, faults.kill, note)) == 0, "the run to which nothing happens did not finish")
        total = len(note.read_text().splitlines())
        print(f"a run has {total} events", flush=True)
        tried = [
            kill_at_random(asked.random, whole, data),
            at_events("killed", numbers(asked.events, total), faults.kill, whole, data, note),
            at_sizes(asked.sizes, whole, data),
            at_events("disk full", numbers(asked.full, total), faults.fill_disk, whole, data, note),
        ]
    return int(any(tried))


def kill_at_random(count: int, whole: Run, data: Path) -> int:
    """That many kills, as many a run as it takes; most within its epochs. Returns how often something was lost."""
    choose, killed, runs, lost = random.Random(0), 0, 0, 0
    while killed < count:
        run, runs = create(data, **_SETTINGS), runs + 1
        while killed < count and store.load(run.id).state not in ("finished", "failed"):
            before = history.epochs_done(run)

            moment = threading.Timer(choose.uniform(0, _LONGEST), faults.kill)
            killed += faults.train(run, moment.start) == signal.SIGKILL
            lost += told(f"kill {killed}", lambda run=run, before=before: require_intact(run, whole, before))
        lost += told(f"run {runs}", lambda run=run: require_same_end(run, whole))
    return said("random kills", killed, lost)


def numbers(asked: str, total: int) -> list[int]:
    """Of the events of a run, as many as were asked for, spread evenly."""
    count = total if asked == "all" else min(int(asked), total)
    return [round((place + 0.5) * total / count - 0.5) for place in range(count)]


def at_events(what: str, chosen: list[int], act: Callable[[], None], whole: Run, data: Path, note: Path) -> int:
    """The fault at each of these events, each in a run of its own. Returns how often something was lost."""
    lost = 0
    for number in chosen:
        run = create(data, **_SETTINGS)
        note.write_text("")
        exit_status = faults.train(run, faults.at_event(number, act, note))  # not 0: nothing could be written, and the dispatcher tells
        event = f"event {number} ({note.read_text().splitlines()[-1]})"  # a busy machine makes for more reports, so for more events
        lost += told(
            f"{what} at {event}", lambda run=run, is_full=what != "killed" and not exit_status: require_intact(run, whole, 0, is_full)
        )
        faults.free_disk()
        lost += told(f"{what} at {event}, and resumed", lambda run=run: require_same_end(run, whole))
    return said(f"{what} at an event", len(chosen), lost)


def at_sizes(count: int, whole: Run, data: Path) -> int:
    """A kill and a failure at the write beyond each size. Returns how often something was lost."""
    lost = 0
    for place in range(count):
        size = round(_SMALLEST * (_LARGEST / _SMALLEST) ** (place / max(1, count - 1)))
        for is_killed in (True, False):
            run = create(data, **_SETTINGS)
            exit_status = faults.train(run, faults.at_size(size, is_killed))
            what = f"{'killed' if is_killed else 'failed'} at {size} bytes"
            lost += told(what, lambda run=run, is_full=not (is_killed or exit_status): require_intact(run, whole, 0, is_full))
            lost += told(f"resumed after it {what}", lambda run=run: require_same_end(run, whole))
    return said("sizes, killed and failed", 2 * count, lost)


def require_intact(run: Run, whole: Run, epochs: int, is_full: bool = False) -> None:
    """Raises Lost unless the run can be read, with whole checkpoints and the epochs that it had, and says that it failed, if it did."""
    found = store.load(run.id)
    require(not liveness.is_alive(run.folder), "somebody is still at work")
    require(history.epochs_done(run) >= epochs, f"{epochs - history.epochs_done(run)} epochs are gone")
    require(curves(run) == curves(whole)[: history.epochs_done(run)], "the history is another one")
    for path in (run.model_path, run.resume_path):
        if path.exists():
            with zipfile.ZipFile(path) as archive:
                require(archive.testzip() is None, f"{path.name} is damaged")
    if is_full:
        words = ("full", "not allowed", "quota")
        is_said = found.state == "failed" and any(word in found.status["error"] for word in words)
        require(found.state == "finished" or is_said, f"it is {found.state}: {found.status.get('error')}")


def require_same_end(run: Run, whole: Run) -> None:
    """Raises Lost unless the run, resumed to its end, has the history and the answers of the other, and leaves no temporary file."""
    if store.load(run.id).state != "finished":
        faults.train(run)
    ended = store.load(run.id)
    require(ended.state == "finished", f"resumed, it is {ended.state}: {ended.status.get('error')}")
    require(curves(run) == curves(whole), "resumed, its history is another one")
    answers = [(each.folder / "predictions.csv").read_bytes() for each in (run, whole)]
    require(answers[0] == answers[1], "resumed, its answers are others")
    for path in run.folder.glob(".new-*"):  # small ones may be in use, and go when they are a minute old
        os.utime(path, (0, 0))
    os.utime(run.folder)
    store.list_all()
    rest = [path.name for path in run.folder.iterdir() if path.name.startswith(".new-") or path.name in ("last.keras", "stop")]
    require(not rest, f"left behind: {rest}")


def curves(run: Run) -> list[tuple]:
    return [tuple(epoch[name] for name in _MEASURED) for epoch in history.load(run)]


def require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Lost(otherwise)


def told(what: str, look: Callable[[], None]) -> int:
    """1 where something was lost, which is printed."""
    try:
        look()
    except Exception as error:  # a run that can't be read any more is lost, too
        print(f"{what}: {type(error).__name__}: {error}", flush=True)
        return 1
    return 0


def said(what: str, count: int, lost: int) -> int:
    if count:
        print(f"{what}: {count}, lost in {lost}", flush=True)
    return lost


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own for the folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        time.sleep(0.1)  # for the last process to let go of it
        subprocess.run(["umount", str(folder)], check=True)


if __name__ == "__main__":
    sys.exit(main())
