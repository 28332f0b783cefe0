"""Minutes of training to 90, 95 and 96 % validation accuracy: the study's recipe against ours, one after the other.

    .venv/bin/python benchmarks/accuracy.py --data DIR [--preset NAME] [--study NAME]

Ours trains to its end; the study's is then given as many minutes, however many epochs these are. Minutes are what the
epochs took by the runs' histories, with their validation; decoding the photographs is not in them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT))
from catsdogs import jobs, presets, runs  # noqa: E402
from catsdogs.runs import Run  # noqa: E402

MARKS = (0.90, 0.95, 0.96)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of the photographs")
    parser.add_argument("--preset", default="fast", help="our recipe (default: %(default)s)")
    parser.add_argument("--study", default="study-adam", help="the study's recipe (default: %(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        ours = train(asked.data, asked.preset)
        theirs = train(asked.data, asked.study, limit=minutes(ours)[-1])
        print(f"{'':34}" + "".join(f"{f'min to {mark:.0%}':>12}" for mark in MARKS) + f"{'best':>9}{'epochs':>8}{'min':>7}{'held out':>10}")
        for run in (ours, theirs):
            print(line(run))


def train(data: str, preset: str, limit: float = float("inf")) -> Run:
    """The run of a preset in a process of its own, stopped after the epoch with which it reaches the limit in minutes."""
    before = {run.id for run in runs.list_all()}
    words = ["train", "--data", data, "--preset", preset] + (["--epochs", "500"] if limit < float("inf") else [])
    with subprocess.Popen([sys.executable, "-m", "catsdogs", *words], cwd=PROJECT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            time.sleep(1)
            for run in runs.list_all():
                if run.id not in before and sum(epoch["seconds"] for epoch in runs.history(run)) / 60 >= limit:
                    jobs.stop(run)
    return next(run for run in runs.list_all() if run.id not in before)


def minutes(run: Run) -> list[float]:
    """From the start of the training to the end of each epoch."""
    return [seconds / 60 for seconds in accumulate(epoch["seconds"] for epoch in runs.history(run))]


def line(run: Run) -> str:
    """A line of the table."""
    accuracies = [epoch["val_accuracy"] for epoch in runs.history(run)]
    passed = list(zip(minutes(run), accuracies, strict=True))
    reached = {mark: next((time for time, accuracy in passed if accuracy >= mark), None) for mark in MARKS}
    marks = "".join(f"{f'{reached[mark]:.1f}' if reached[mark] else 'never':>12}" for mark in MARKS)
    evaluated = runs.evaluation(run)
    held_out = f"{evaluated['test']['accuracy']:.1%}" if evaluated else "-"
    return f"{presets.title(run.config):34}{marks}{max(accuracies):9.1%}{len(accuracies):8}{minutes(run)[-1]:7.1f}{held_out:>10}"


if __name__ == "__main__":
    main()
