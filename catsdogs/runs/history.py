"""The epochs of a run: history.jsonl, one line per epoch. What of them is drawn or compared is up to `analysis.curves`."""

import json
import os
from collections.abc import Iterable, Sequence

from catsdogs.runs import history_lines
from catsdogs.runs.store import Run
from catsdogs.settings import Config, stages
from catsdogs.settings.stages import Stage
from catsdogs.system import files, shortage

_NAME = "history.jsonl"


def load(run: Run) -> list[dict]:
    """The epochs so far, each with epoch (from 1), loss, accuracy, val_loss, val_accuracy, seconds, pictures_per_second.

    Accuracies are 0 to 1; losses and accuracies are None where they were not a number. Raises files.Damaged.
    """
    found = version(run)
    return [dict(epoch) for epoch in history_lines.load(run.folder / _NAME, found)] if found else []


def version(run: Run) -> tuple | None:
    """Another value whenever an epoch was added; None while there is none."""
    return files.version(run.folder / _NAME)


def epochs_done(run: Run) -> int:
    """How many epochs there are; they are not kept in memory."""
    found = version(run)
    return history_lines.count(run.folder / _NAME, found) if found else 0


def append(run: Run, epoch: dict) -> None:
    """Add one epoch, on the disk when this returns; of one that was not written whole, readers see nothing. For the run's worker."""
    with shortage.explained(run.folder, "the epoch"), (run.folder / _NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(epoch) + "\n")
        file.flush()
        os.fsync(file.fileno())


def replace(run: Run, epochs: Iterable[dict]) -> None:
    """Keep only these epochs, from which a resumed run continues. For the run's worker."""
    lines = "".join(json.dumps(epoch) + "\n" for epoch in epochs)
    files.replace(run.folder / _NAME, lambda path: path.write_text(lines, encoding="utf-8"))


def best_epoch(config: Config, epochs: Sequence[dict], stage: Stage) -> dict:
    """The epoch with the lowest validation loss of all at the image size of that stage; {} where none has one."""
    first = min(other.first for other in stages.plan(config) if other.size == stage.size)
    return lowest(epochs[first : stage.end])


def lowest(epochs: Sequence[dict]) -> dict:
    """The first of those with the lowest validation loss; {} where no epoch has one."""
    scored = [epoch for epoch in epochs if epoch["val_loss"] is not None]
    return min(scored, key=lambda epoch: epoch["val_loss"], default={})
