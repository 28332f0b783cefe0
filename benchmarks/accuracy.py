"""Minutes of training to 90, 95 and 96% validation accuracy: the study's recipe against ours, one after the other.

    .venv/bin/python benchmarks/accuracy.py --data DIR [--preset NAME] [--study NAME] [--seeds N]

Ours trains to its end, with each seed; the study's is then given as many minutes, however many epochs these are. Minutes are from the
start of the command to the end of an epoch and its validation, in a home folder with nothing in it: decoding the photographs is in them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from catsdogs.analysis import evaluation
from catsdogs.queue import jobs
from catsdogs.runs import Run, history, store
from catsdogs.settings import presets

MARKS = (0.90, 0.95, 0.96)


@dataclass(frozen=True)
class Race:
    """The minutes after which each epoch was there, and the line of the table."""

    minutes: list[float]
    line: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of the photographs")
    parser.add_argument("--preset", default="fast", help="our recipe (default: %(default)s)")
    parser.add_argument("--study", default="study-adam", help="the study's recipe (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=1, help="how often ours is trained (default: %(default)s)")
    asked = parser.parse_args()
    ours = [train(asked.data, asked.preset, seed) for seed in range(asked.seeds)]
    theirs = train(asked.data, asked.study, limit=ours[0].minutes[-1])
    marks = "".join(f"{f'min to {mark:.0%}':>12}" for mark in MARKS)
    print(f"{'':34}{'seed':>6}{marks}{'best':>9}{'epochs':>8}{'min':>7}{'held out':>10}")
    for race in (*ours, theirs):
        print(race.line)


def train(data: str, preset: str, seed: int = 0, limit: float = float("inf")) -> Race:
    """A preset in a process and an empty home folder of its own, stopped after the epoch with which it reaches the limit in minutes."""
    words = ["train", "--data", data, "--preset", preset, "--set", f"seed={seed}"] + (["--epochs", "500"] if limit < float("inf") else [])
    minutes, start = [], time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        with subprocess.Popen([sys.executable, "-m", "catsdogs", *words], stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                time.sleep(0.5)
                for run in store.list_all():
                    minutes += [(time.monotonic() - start) / 60] * (history.epochs_done(run) - len(minutes))
                    if minutes and minutes[-1] >= limit:
                        jobs.stop(run)
        (run,) = store.list_all()
        return Race(minutes, line(run, minutes))


def line(run: Run, minutes: list[float]) -> str:
    """A line of the table."""
    accuracies = [epoch["val_accuracy"] for epoch in history.load(run)]
    passed = list(zip(minutes, accuracies, strict=True))
    reached = {mark: next((time for time, accuracy in passed if accuracy >= mark), None) for mark in MARKS}
    marks = "".join(f"{f'{reached[mark]:.1f}' if reached[mark] else 'never':>12}" for mark in MARKS)
    evaluated = evaluation.load(run)
    held_out = f"{evaluated.test.accuracy:.1%}" if evaluated else "-"
    rest = f"{max(accuracies):9.1%}{len(accuracies):8}{minutes[-1]:7.1f}{held_out:>10}"
    return f"{presets.title(run.config):34}{run.config.seed:6}{marks}{rest}"


if __name__ == "__main__":
    main()
