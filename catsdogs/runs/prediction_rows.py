"""Reads and validates the rows of predictions.csv; what they mean is up to `predictions`."""

import csv
import io
import re
from functools import lru_cache
from pathlib import Path

from catsdogs.system import files, paths
from catsdogs.system.files import Damaged

_COLUMNS = ["path", "class", "probability"]
_CLASSES = ("0", "1")
_PLAIN = re.compile(rb"path,class,probability\r\n(?:[^\",\r\n]*+,[01],(?:0(?:\.\d++)?|1|\d(?:\.\d++)?e-\d++)\r\n)*+")  # no name is quoted
_LEADING_OUT = (b"\n/", b"..", b"\0")  # in all that `paths.leads_out` finds, and in some other rows


@lru_cache(maxsize=8)  # a page reads the same ones more than once
def load(path: Path, version: tuple) -> tuple[tuple[str, int, float], ...]:
    """The path, the class and the probability of class 1 of every held-out image. Raises Damaged."""
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


def _prediction(row: list[str]) -> tuple[str, int, float]:
    path, label, probability = row[0], row[1], float(row[2])
    if label not in _CLASSES or not 0 <= probability <= 1 or paths.leads_out(path):  # the run may come from elsewhere
        raise ValueError
    return path, int(label), probability
