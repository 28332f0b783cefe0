"""The rows of predictions.csv -> predictions. `predictions` knows whose they are."""

import csv
import io
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from catsdogs.system import files, paths
from catsdogs.system.files import Damaged

_COLUMNS = ["path", "class", "probability"]
_CLASSES = ("0", "1")
_PLAIN = re.compile(rb"path,class,probability\r\n(?:[^\",\r\n]*+,[01],(?:0(?:\.\d++)?|1|\d(?:\.\d++)?e-\d++)\r\n)*+")  # no name is quoted
_LEADING_OUT = (b"\n/", b"..", b"\0")  # in all that `paths.leads_out` finds, and in some other rows


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


@lru_cache(maxsize=8)  # a page reads the same ones more than once
def load(path: Path, version: tuple) -> tuple[Prediction, ...]:
    """Every held-out image. Raises Damaged."""
    text = files.read(path).decode("utf-8", "surrogateescape")  # names of files need not be valid UTF-8
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        if next(rows, [])[:3] != _COLUMNS:
            raise ValueError
        return tuple(map(_prediction, rows))
    except (ValueError, IndexError, csv.Error):
        expected = f"{','.join(_COLUMNS)}, with a path in the data set, 0 or 1 as the class and 0 to 1 as the probability"
        raise Damaged(path, f"holds something other than {expected}, in line {rows.line_num}") from None


@lru_cache(maxsize=10_000)
def count(path: Path, version: tuple) -> int:
    """How many predictions there are, which is kept when they are not."""
    content = files.read(path)
    # A sixth of the time, which a list of many runs notices
    if _PLAIN.fullmatch(content) and not any(part in content for part in _LEADING_OUT):
        return content.count(b"\n") - 1
    return len(load(path, version))


def _prediction(row: list[str]) -> Prediction:
    path, label, probability = row[0], row[1], float(row[2])
    if label not in _CLASSES or not 0 <= probability <= 1 or paths.leads_out(path):  # the run may come from elsewhere
        raise ValueError
    return Prediction(path, int(label), probability)
