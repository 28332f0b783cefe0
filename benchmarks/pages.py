"""How fast the pages come: the first one after `streamlit run`, a change of page, and the answers of Classify.

    python benchmarks/pages.py [--rounds N]

Draws a small data set and trains a small network on it in a home folder of its own, then prints seconds, medians of the rounds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.browsing import PROJECT, open_browser, serve

TITLES = {"Results": "Results", "Train": "Train", "Classify": "Classify", "Data": "Data"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home, open_browser() as browser:
        os.environ["CATSDOGS_HOME"] = home
        paths = train_small(Path(home))
        measured = [measure(browser, paths) for _ in range(rounds)]
    print(f"{'':44}{'median s':>9}  {'all':>4}")
    for name in measured[0]:
        seconds = [one[name] for one in measured]
        print(f"{name:44}{statistics.median(seconds):9.2f}  {' '.join(f'{value:.2f}' for value in seconds)}")


def train_small(home: Path) -> list[Path]:
    """A finished run, so that there is something to classify with; returns images to classify."""
    folder = home / "data" / "drawn-200-0"
    folder.parent.mkdir()
    small = ("--set", "target_size=32", "--set", "dense_units=8", "--epochs", "1")
    for words in (("demo", folder, "--count", "200"), ("train", "--data", folder, *small)):
        subprocess.run([sys.executable, "-m", "catsdogs", *map(str, words)], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return sorted((folder / "cats").iterdir())[:10]


def measure(browser, paths: list[Path]) -> dict[str, float]:
    """One fresh server, from its start to changes of page with Keras loaded."""
    page = browser.new_page()
    start = time.perf_counter()
    with serve() as address:
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        seconds = {"first page, from `streamlit run`": time.perf_counter() - start}
        page.get_by_role("heading", name="Samples").wait_for()
        seconds["change of page (slowest of 4)"] = max(change(page, name) for name in TITLES)
        change(page, "Classify")
        start = time.perf_counter()
        page.get_by_label("Pictures", exact=True).set_input_files(paths)
        page.locator("[data-testid=stMarkdown] h2").nth(len(paths) - 1).wait_for()
        seconds["ten images classified, the page just opened"] = time.perf_counter() - start
        seconds["change of page after that (slowest of 4)"] = max(change(page, name) for name in TITLES)
    page.close()
    return seconds


def change(page, name: str) -> float:
    """Seconds from the click on a page's link until its title is there."""
    page.wait_for_timeout(700)  # what the page before still draws is not what is measured
    start = time.perf_counter()
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", level=1, name=TITLES[name], exact=True).wait_for()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
