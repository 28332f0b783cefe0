"""Minutes of training to 90, 95 and 96% validation accuracy: the study's recipe against ours, one after the other.

    python benchmarks/accuracy.py --data DIR [--preset NAME] [--study NAME] [--seeds N]

Each is trained to its end, ours with each seed. Minutes are from the start of the command to the end of an epoch and its validation, in a
home folder with nothing in it: decoding the photographs is in them. The last lines compare them, and the epochs alone, without decoding.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from catsdogs.analysis import evaluation
from catsdogs.runs import Run, history, store
from catsdogs.settings import presets

MARKS = (0.90, 0.95, 0.96)


@dataclass(frozen=True)
class Race:
    """One training: the minutes after which each epoch was there, the validation accuracy after each, and the line of the table."""

    minutes: list[float]
    accuracies: list[float]
    seconds: float  # of all epochs, without what came before
    line: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of the photographs")
    parser.add_argument("--preset", default="fast", help="our recipe (default: %(default)s)")
    parser.add_argument("--study", default="study-adam", help="the study's recipe (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=1, help="how often ours is trained (default: %(default)s)")
    asked = parser.parse_args()
    ours = [train(asked.data, asked.preset, seed) for seed in range(asked.seeds)]
    theirs = train(asked.data, asked.study)
    marks = "".join(f"{f'min to {mark:.0%}':>12}" for mark in MARKS)
    print(f"{'':34}{'seed':>6}{marks}{'best':>9}{'epochs':>8}{'min':>7}{'held out':>10}")
    for race in (*ours, theirs):
        print(race.line)
    for race in ours:
        whole, epochs = race.minutes[-1] / theirs.minutes[-1], race.seconds / theirs.seconds
        print(f"{asked.preset}: {whole:.2f} of the time of {asked.study}; the epochs alone, {epochs:.2f}. {tell(race, theirs)}")


def tell(race: Race, other: Race, mark: float = MARKS[-1]) -> str:
    """The sentence on when it had the highest accuracy, as a part of the other one's time."""
    first = reached(race.minutes, race.accuracies, mark)
    return f"It reached {mark:.0%} after {first / other.minutes[-1]:.2f} of that time." if first else f"It did not reach {mark:.0%}."


def reached(minutes: list[float], accuracies: list[float], mark: float) -> float | None:
    """The minutes after which an epoch had that validation accuracy; None where none had."""
    return next((time for time, accuracy in zip(minutes, accuracies, strict=True) if accuracy >= mark), None)


def train(data: str, preset: str, seed: int = 0) -> Race:
    """A preset in a process and an empty home folder of its own."""
    words = ["train", "--data", data, "--preset", preset, "--set", f"seed={seed}"]
    minutes, start = [], time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        with subprocess.Popen([sys.executable, "-m", "catsdogs", *words], stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                time.sleep(0.5)
                for run in store.list_all():
                    minutes += [(time.monotonic() - start) / 60] * (history.epochs_done(run) - len(minutes))
        (run,) = store.list_all()
        epochs = history.load(run)
        accuracies = [epoch["val_accuracy"] for epoch in epochs]
        return Race(minutes, accuracies, sum(epoch["seconds"] for epoch in epochs), line(run, minutes, accuracies))


def line(run: Run, minutes: list[float], accuracies: list[float]) -> str:
    """A line of the table."""
    times = [reached(minutes, accuracies, mark) for mark in MARKS]
    marks = "".join(f"{f'{each:.1f}' if each else 'never':>12}" for each in times)
    evaluated = evaluation.load(run)
    held_out = f"{evaluated.test.accuracy:.1%}" if evaluated else "-"
    rest = f"{max(accuracies):9.1%}{len(accuracies):8}{minutes[-1]:7.1f}{held_out:>10}"
    return f"{presets.title(run.config):34}{run.config.seed:6}{marks}{rest}"


if __name__ == "__main__":
    main()
