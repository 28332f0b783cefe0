"""How the page Results and a page with a running training fare with many stored runs.

    python benchmarks/results.py [--rounds N]

Writes 50 runs of 2,000 epochs, then 1,000 runs of 10, into home folders of its own and opens them in a browser, on a fresh server each
round: by a link for the first time, when the server has to read every run and the browser to load what draws, and by it again. Prints
seconds, medians of the rounds, and how many files of finished runs a poll of a running training opens.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from catsdogs.runs import store
from catsdogs.settings import presets
from tests import storing
from tests.browsing import PROJECT, open_browser, serve

_POLL = """
import sys
from catsdogs.queue import jobs
from catsdogs.runs import store
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
store.list_all(); jobs.queue(); opened.clear()
import time; start = time.perf_counter()
store.list_all(); jobs.queue()
print(sum("/runs/" in path for path in opened), time.perf_counter() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as many, open_browser() as browser:
        long_runs = [run.id for run in make(few, 50, epochs=2000)]
        compared = [measure(browser, f"results?{'&'.join(f'run={id}' for id in long_runs)}", is_compared) for _ in range(rounds)]
        make(many, 1000, epochs=10)
        listed = [measure(browser, "results", is_listed) for _ in range(rounds)]
        polled = subprocess.run([sys.executable, "-c", _POLL], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    opened, seconds = polled.split()
    print(f"{'':58}{'median':>9}  {'all':>4}")
    for name, measured in (("50 runs of 2,000 epochs, compared", compared), ("a list of 1,000 runs", listed)):
        for when, times in zip(("for the first time", "again"), zip(*measured, strict=True), strict=True):
            print(f"{f'{name}, {when}, s':58}{statistics.median(times):9.2f}  {' '.join(f'{value:.2f}' for value in times)}")
    print(f"{'a poll beside 1,000 finished runs, s':58}{float(seconds):9.3f}")
    print(f"{'files of finished runs that it opens':58}{opened:>9}")


def make(home: str, count: int, epochs: int) -> list[store.Run]:
    """Finished runs, in that home folder, which is the one that is used from then on."""
    os.environ["CATSDOGS_HOME"] = home
    names = [preset.name for preset in presets.PRESETS]
    configs = [
        presets.config(names[index % len(names)], data="/photographs", batch_size=8 + index, epochs=epochs) for index in range(count)
    ]
    return [storing.finished(config, epochs=epochs) for config in configs]


def measure(browser, path: str, is_there) -> list[float]:
    """Seconds from opening the page until what it is for is drawn, on a fresh server whose first page was seen; and once more."""
    page = browser.new_page()
    with serve() as address:
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(1000)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            page.goto(f"{address}/{path}")
            is_there(page)
            seconds.append(time.perf_counter() - start)
    page.close()
    return seconds


def is_compared(page) -> None:
    """Both charts of curves are drawn, with all their lines."""
    for measured in ("accuracy", "loss"):
        page.locator(f".st-key-compared-{measured} .scatterlayer .trace").nth(99).wait_for(state="attached")


def is_listed(page) -> None:
    """The table is there, with its rows."""
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    page.get_by_text("Tick a row").wait_for()


if __name__ == "__main__":
    main()
