"""The held-out images of a run, each with its model's answer: predictions.csv."""

import csv
import io
import os
from collections.abc import Sequence

from catsdogs.runs import prediction_rows
from catsdogs.runs.prediction_rows import Prediction
from catsdogs.runs.store import Run
from catsdogs.system import files

_NAME = "predictions.csv"


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
    found = version(run)
    return prediction_rows.load(run.folder / _NAME, found) if found else ()


def version(run: Run) -> tuple | None:
    """Another value whenever they were written; None while there are none."""
    return files.version(run.folder / _NAME)
