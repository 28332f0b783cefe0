"""What a long queue costs: a poll of the page Train, a look of the dispatcher, and what 100 workers do to a shared folder.

    python benchmarks/queue_of_a_thousand.py [--runs N] [--workers N] [--rounds N]

Writes 1,000 runs into a home folder of its own, of which 100 say that they are trained on other machines and the others wait. Nothing is
trained. A poll is what the page does once a second while somebody watches; it is drawn by Streamlit's own test, without a browser. Of what
is asked of the file system within the home folder, calls are counted, not what a network makes of them. Prints medians of the rounds.
"""

import argparse
import fcntl
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from pathlib import Path

PROJECT = Path(__file__).parent.parent
sys.path[0] = str(PROJECT)  # not this folder, whose pages.py would be taken for the application's pages

from streamlit.testing.v1 import AppTest  # noqa: E402

from catsdogs.queue import engine, jobs  # noqa: E402
from catsdogs.runs import Run, heartbeat, liveness, store  # noqa: E402
from catsdogs.settings import presets  # noqa: E402
from catsdogs.system import locks  # noqa: E402
from catsdogs.training.worker import _LOOK_EVERY_AFAR, _WRITE_EVERY_AFAR  # noqa: E402
from tests import storing  # noqa: E402

_EPOCHS = 10  # that a running run has behind it
Measured = tuple[float, Counter]
KINDS = ("stat", "list", "open", "read", "write", "change", "lock", "sync", "bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    os.chdir(PROJECT)
    with tempfile.TemporaryDirectory() as home, locks.hold(Path(home) / "dispatcher.lock"):  # so that nothing is begun
        os.environ["CATSDOGS_HOME"] = home
        (Path(home) / engine.FILE).write_text('[ray]\naddress = "http://127.0.0.1:9"\n')
        engine.report(asked.workers, "")
        running, waiting = make(asked.runs, asked.workers)
        print(f"{len(running)} runs that are trained, {len(waiting)} that wait\n")
        print(f"{'':44}{'s':>8}" + "".join(f"{kind:>9}" for kind in KINDS))
        beat_all = partial(beat, running)
        show("a poll of the page: a run, and the queue", asked.rounds, poll(running[0], beat_all), lambda: None)
        show("a look of the dispatcher at the queue", asked.rounds, partial(measured, jobs.queue), beat_all)
        show("a look of the dispatcher at its jobs", asked.rounds, partial(measured, lambda: [look(run) for run in running]), beat_all)
        one = running[0]
        status = {**one.status, "device": "a GPU", "message": "training in float32"}
        each = {
            "a worker writes its status": (lambda: store.write_status(one, "running", **status), 1 / _WRITE_EVERY_AFAR),
            "a worker looks for a request to stop": (lambda: liveness.is_stop_requested(one.folder), 1 / _LOOK_EVERY_AFAR),
            "a worker's heartbeat": (lambda: heartbeat.beat(one.folder, one.id), 1 / heartbeat.EVERY),
        }
        total = Counter()
        for name, (act, rate) in each.items():
            found = show(name, asked.rounds, partial(measured, act), beat_all)
            total.update({kind: found[kind] * rate * len(running) for kind in KINDS})
        print(f"\n{f'{len(running)} workers, each second':52}" + "".join(f"{total[kind]:9,.0f}" for kind in KINDS))


def make(count: int, workers: int) -> tuple[list[Run], list[Run]]:
    """Runs that seem to be trained elsewhere, and runs that wait; one has finished, so that the page can estimate."""
    names = [preset.name for preset in presets.PRESETS]
    configs = [presets.config(names[seed % len(names)], data="/photographs", seed=seed, epochs=20) for seed in range(count)]
    for config in configs[: len(names)]:
        storing.finished(config)
    made = [storing.trained(config=config) for config in configs[workers:]]
    at_work = []
    for config in configs[:workers]:
        run = storing.trained(*map(storing.epoch, range(1, _EPOCHS + 1)), config=config)
        heartbeat.begin(run.folder, run.id)
        facts = {"epoch": _EPOCHS + 1, "epochs": 20, "done": 1, "total": 2, "seconds_left": 300.0, "host": "node"}
        store.write_status(run, "running", phase="training", activity="training", **facts)
        at_work.append(store.load(run.id))
    return at_work, made


def beat(running: list[Run]) -> None:
    """Keep them alive; and each has just reported, as workers do."""
    for run in running:
        heartbeat.beat(run.folder, run.id)
        store.write_status(run, "running", **run.status)


def look(run: Run) -> None:
    """What the dispatcher asks of a run that a cluster trains, while all is well."""
    liveness.is_stop_requested(run.folder)
    store.load(run.id)
    store.status_version(run)
    heartbeat.age(run.folder)


def poll(run: Run, before: Callable[[], object]) -> Callable[[], Measured]:
    """What is drawn again once a second, the run and the queue below it, measured while all of the page is drawn."""
    from pages.parts.train import live

    original, found = live._poll.__wrapped__, []

    def drawn(shown: Run) -> None:
        before()  # the page has just read all that there was
        found.append(measured(lambda: original(shown)))

    live._poll = drawn
    app = AppTest.from_file(PROJECT / "pages" / "navigation.py", default_timeout=600)
    app.query_params["run"] = run.id
    app.switch_page("train.py")

    def draw() -> Measured:
        app.run()
        assert not app.exception, app.exception
        return found[-1]

    return draw


def measured(act: Callable[[], object]) -> Measured:
    """How long it takes, and what it asks of the file system."""
    start = time.perf_counter()
    with counted() as found:
        act()
    return time.perf_counter() - start, found


def show(name: str, rounds: int, act: Callable[[], Measured], before: Callable[[], object]) -> Counter:
    """A line of the table: the median of the rounds, after one in which everything is read for the first time."""
    act()
    found = []
    for _ in range(rounds):
        before()
        found.append(act())
    seconds = statistics.median(each for each, _ in found)
    median = Counter({kind: statistics.median(counts[kind] for _, counts in found) for kind in KINDS})
    print(f"{name:44}{seconds:8.3f}" + "".join(f"{median[kind]:9,.0f}" for kind in KINDS), flush=True)
    return median


_counting: list[Counter] = []


@contextmanager
def counted():
    """Count what is asked of the home folder's file system."""
    found = Counter()
    _counting.append(found)
    try:
        yield found
    finally:
        _counting.pop()


def count(kind: str, path: object, by: int = 1) -> None:
    if _counting and (isinstance(path, int) or os.fspath(path or ".").startswith(os.environ["CATSDOGS_HOME"])):
        _counting[-1][kind] += by


def watch() -> None:
    """Wrap what the library uses of the operating system. Files are read and written whole, so an open one is read or written once."""

    def wrapped(module, name: str, kind: str) -> None:
        original = getattr(module, name)

        def call(path, *words, **named):
            count(kind, path)
            return original(path, *words, **named)

        setattr(module, name, call)

    for name, kind in (("stat", "stat"), ("lstat", "stat"), ("fstat", "stat"), ("scandir", "list"), ("listdir", "list")):
        wrapped(os, name, kind)
    for name, kind in (("replace", "change"), ("rename", "change"), ("unlink", "change"), ("utime", "change"), ("fsync", "sync")):
        wrapped(os, name, kind)
    wrapped(fcntl, "flock", "lock")
    sys.addaudithook(opened)


def opened(event: str, arguments: tuple) -> None:
    if event != "open" or not _counting or not isinstance(arguments[0], str | bytes) or isinstance(arguments[0], bytes):
        return
    path, _, flags = arguments
    if not path.startswith(os.environ["CATSDOGS_HOME"]):
        return
    count("open", path)
    if flags & (os.O_WRONLY | os.O_RDWR):
        count("write", path)
    elif os.path.isfile(path) and os.path.basename(path) not in ("lock",):
        count("read", path)
        count("bytes", path, os.path.getsize(path))


if __name__ == "__main__":
    os.fsync = lambda file: None  # thousands of files are written here, and no power fails
    watch()
    main()
