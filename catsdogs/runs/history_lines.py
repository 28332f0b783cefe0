"""The lines of history.jsonl -> epochs. What is done with them is up to `history`.

Other files of a run are read by `shapes`. Raises `files.Damaged` where it can't be the history of a run.
"""

from functools import lru_cache
from pathlib import Path
from typing import NotRequired

from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.runs.shapes import NotNegative, Share, Some, lenient
from catsdogs.system import files
from catsdogs.system.files import Damaged


@lenient
class Epoch(TypedDict):
    """A line of history.jsonl; None where the loss was not a number."""

    epoch: Some
    loss: float | None
    accuracy: Share | None
    val_loss: float | None
    val_accuracy: Share | None
    seconds: NotNegative
    pictures_per_second: NotRequired[NotNegative | None]


@lru_cache(maxsize=8)  # a long one is large, and read more than once in a row
def load(path: Path, version: tuple) -> tuple[dict, ...]:
    """The epochs, in order, one a line; not to be changed. Without the last line while that is still on its way."""
    text = files.read(path).decode("utf-8", "replace")
    whole = text[: text.rfind("\n") + 1].splitlines()
    try:
        epochs = files.parse(f"[{','.join(whole)}]")
    except (ValueError, RecursionError):
        raise Damaged(path, f"has a line that is not JSON: line {_first_bad(whole)}") from None
    files.check(path, epochs, list[Epoch])
    for line, epoch in enumerate(epochs, start=1):
        if epoch["epoch"] != line:
            raise Damaged(path, f"holds epoch {epoch['epoch']} in line {line}")
    return tuple(epochs)


@lru_cache(maxsize=10_000)
def count(path: Path, version: tuple) -> int:
    """How many epochs there are, which is kept in memory when they are not."""
    return len(load(path, version))


def _first_bad(lines: list[str]) -> int:
    for number, line in enumerate(lines, start=1):
        try:
            files.parse(line)
        except (ValueError, RecursionError):
            return number
    return len(lines)
