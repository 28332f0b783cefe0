"""The held-out images of a run, each with its model's answer: predictions.csv."""

import csv
import io
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from catsdogs.runs import prediction_rows
from catsdogs.runs.store import Run
from catsdogs.system import files

_NAME = "predictions.csv"


class Prediction(NamedTuple):
    """`path` is relative to the data set; `label` is the true class, 0 or 1; `probability` is that of class 1."""

    path: str
    label: int
    probability: float

    @property
    def answer(self) -> int:
        """The predicted class."""
        return int(self.probability >= 0.5)

    @property
    def confidence(self) -> float:
        """The probability of the predicted class, 0.5 to 1."""
        return max(self.probability, 1 - self.probability)


def write(run: Run, paths: Sequence[str], labels: Sequence[int], probabilities: Sequence[float]) -> None:
    """Store the held-out images. For the run's worker."""
    with io.StringIO(newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("path", "class", "probability"))
        for path, label, probability in zip(paths, labels, probabilities, strict=True):
            writer.writerow((path, int(label), f"{probability:.9g}"))
        content = text.getvalue()
    files.replace(run.folder / _NAME, lambda path: path.write_bytes(os.fsencode(content)))  # names of files need not be valid UTF-8


def load(run: Run) -> tuple[Prediction, ...]:
    """Every held-out image; empty where the run was not evaluated."""
    return _load(run.folder / _NAME, version(run))


def version(run: Run) -> tuple | None:
    """Another value whenever they were written; None while there are none."""
    return files.version(run.folder / _NAME)


@lru_cache(maxsize=8)
def _load(path: Path, version: tuple | None) -> tuple[Prediction, ...]:
    return tuple(map(Prediction._make, prediction_rows.load(path, version))) if version else ()
