"""Whether restarts of the server harm a training: two servers on one workspace, killed in turn and started again while two runs train.

    python benchmarks/restarts.py [--restarts N] [--epochs N]

Each restart is a SIGKILL to a server, which is then started again; a browser opens its page Train, which has to show the run that trains,
or that both have ended. At every look no more than one run may be at work. In the end each run must have been begun once, and have the
history that it has without restarts, to the last digit. Prints what was seen, and exits with 1 where anything is otherwise. Linux only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from catsdogs.queue import jobs
from catsdogs.runs import history, store
from catsdogs.runs.store import Run
from catsdogs.settings import Config
from tests import browsing
from tests.images import photographs
from tests.waiting import wait_until
from tests.workers import know_precision

_MEASURED = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
_SETTINGS = {"model": "dense", "dense_units": 16, "target_size": 32, "batch_size": 8, "precision": "float32"}
_LONGEST = 1800  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=150, help="of each of the two runs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CATSDOGS_HOME"] = str(Path(folder, "home"))
        know_precision()
        data = photographs(Path(folder, "data"), {"cats": 40, "dogs": 40})
        alone = _finish([_config(data, asked.epochs, seed) for seed in (1, 2)])  # with nothing to disturb them
        runs = [store.create(_config(data, asked.epochs, seed)) for seed in (1, 2)]  # the first server starts them
        wrong = [f"restart {number}: {what}" for number, what in _restart(runs, asked.restarts)]
        wait_until(lambda: all(store.load(run.id).state in store.ENDED for run in runs), _LONGEST)
        for run, reference in zip(runs, alone, strict=True):
            wrong += _compare(store.load(run.id), reference)
    print("\n".join(wrong) or "nothing was lost, nothing begun twice")
    return 1 if wrong else 0


def _config(data: Path, epochs: int, seed: int) -> Config:
    return Config(data=str(data), epochs=epochs, seed=seed, **_SETTINGS)


def _finish(configs: list[Config]) -> list[Run]:
    """These runs, when they have ended."""
    runs = jobs.create(configs)
    wait_until(lambda: all(store.load(run.id).state in store.ENDED for run in runs), _LONGEST)
    return runs


def _restart(runs: list[Run], count: int):
    """Yield the number of a restart and what was wrong after it."""
    ports, servers = [browsing.free_port() for _ in range(2)], {}
    expect.set_options(timeout=60_000)  # ms; the machine may be busy
    with browsing.open_browser() as browser:
        page = browser.new_page()
        for number in range(-2, count):  # the first two only start the servers
            port = ports[number % 2]
            if port in servers:
                servers[port].kill()
                servers[port].wait()
            servers[port] = _start(port)
            at_work = [store.load(run.id) for run in runs if store.load(run.id).state in store.AT_WORK]
            print(f"restart {number + 1}: {[store.load(run.id).state for run in runs]}", flush=True)
            if len(at_work) > 1:
                yield number, "two runs are at work at once"
            problem = _look(page, port, runs)
            if problem:
                yield number, problem
    for server in servers.values():
        server.kill()
        server.wait()


def _start(port: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    server = subprocess.Popen(command, cwd=browsing.PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    browsing.wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
    return server


def _look(page: Page, port: int, runs: list[Run]) -> str | None:
    """What is wrong on the page Train, if anything."""
    page.goto(f"http://127.0.0.1:{port}/train")
    browsing.come_to_rest(page)
    has_ended = all(store.load(run.id).state in store.ENDED for run in runs)
    if page.get_by_test_id("stException").count():
        return "the page shows an exception"
    if not has_ended:
        try:
            expect(page.get_by_role("button", name="Stop").first).to_be_visible()
        except AssertionError:
            return "the page does not show the run that trains"
    return None


def _compare(run: Run, reference: Run) -> list[str]:
    wrong = [] if run.state == "finished" else [f"{run.id} is {run.state}"]
    found, expected = ([tuple(epoch.get(name) for name in _MEASURED) for epoch in history.load(each)] for each in (run, reference))
    if found != expected:
        wrong.append(f"{run.id} has another history than without restarts")
    begun = run.log_path.read_text().count("preparing the")
    if begun != 1:
        wrong.append(f"{run.id} was begun {begun} times")
    return wrong


if __name__ == "__main__":
    start = time.monotonic()
    status = main()
    print(f"{time.monotonic() - start:.0f} s")
    sys.exit(status)
