"""Runs that can't be read: which of their files, and why. `shapes` says what a file has to look like; what has to be there, and what
the files have to say of one another, is said here.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from catsdogs.runs import history_lines, liveness, prediction_rows, shapes
from catsdogs.settings import Config
from catsdogs.system import files
from catsdogs.system.files import Damaged
from catsdogs.system.words import counted

LABEL = "label.json"  # begun anew where it can't be read: the run is no worse without it
_READ = ("config.json", "status.json", "environment.json", "history.jsonl", "evaluation.json", "predictions.csv", "temperature.json")
_COMPARED = ("data_fingerprint", "photographs", "weights")  # of the environment, when runs are
_KNOWN = {*_READ, LABEL, "model.keras", "last.keras", "losses.npy", "neither.json", "log.txt", "lock", "stop", "heartbeat", "job.json"}

Versions = tuple[tuple[str, tuple | None], ...]


@dataclass(frozen=True)
class Unreadable:
    """A run that can't be used, by the name of its folder. `file` is what can't be read: a file in it, or the folder itself.

    `reason` goes on after its name: "is empty".
    """

    id: str
    folder: Path
    file: str
    reason: str

    @property
    def name(self) -> str:
        """The id, `printable`."""
        return printable(self.id)

    @property
    def is_worked_on(self) -> bool:
        """Whether a worker holds it, which goes on with what it has in memory."""
        try:
            return self.folder.is_dir() and liveness.is_alive(self.folder)
        except Damaged:  # what is in the place of the lock can't be held
            return False

    @property
    def sentence(self) -> str:
        """What is wrong with which file."""
        return f"{self.file if self.file in _KNOWN else 'The folder'} {self.reason}."


def printable(id: str) -> str:
    """The id with characters that can't be printed as escapes."""
    return id if id.isprintable() else ascii(id)[1:-1]


def unreadable(id: str, folder: Path, found: Damaged) -> Unreadable:
    """The run in whose folder the damage was found."""
    return Unreadable(id, folder, found.path.name if found.path != folder else folder.name, found.reason)


def look(folder: Path) -> Versions:
    """The files of a run that are there, each with its `files.version` where its content matters to a list of runs.

    Raises Damaged where something else is in the place of the folder, or of one of them. Opens none.
    """
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name in _READ:
                    found[entry.name] = files.version(folder / entry.name)
                elif entry.name == LABEL:
                    found[entry.name] = files.mark(entry.stat(follow_symlinks=False))
                elif entry.name in _KNOWN:
                    if not entry.is_file(follow_symlinks=False):
                        files.is_there(folder / entry.name)
                    found[entry.name] = None
    except OSError as error:
        raise Damaged(folder, files.why(error)) from None
    return tuple(sorted(found.items()))


def require(names: dict[str, tuple | None], folder: Path, is_bundled: bool, config: Config, state: str, status: dict) -> None:
    """Raises Damaged where a file of the run is missing, or does not go with the others."""
    for name, why in sorted(_needed(names, is_bundled, state).items()):
        if name not in names:
            raise Damaged(folder / name, f"is missing, though the run {why}")
    read = {name: (folder / name, version) for name, version in names.items() if name in _READ}
    if "environment.json" in read:
        known = shapes.environment(*read["environment.json"])
        lacking = [name for name in _COMPARED if "evaluation.json" in read and name not in known]
        if lacking:
            raise Damaged(folder / "environment.json", f"lacks {lacking[0]}")
    epochs = history_lines.count(*read["history.jsonl"]) if "history.jsonl" in read else 0
    _require_epochs(folder / "history.jsonl", epochs, config, state, status)
    if "temperature.json" in read:
        shapes.temperature(*read["temperature.json"])
    evaluated = shapes.evaluation(*read["evaluation.json"])["test"]["count"] if "evaluation.json" in read else None
    predicted = prediction_rows.count(*read["predictions.csv"]) if "predictions.csv" in read else None
    if None not in (evaluated, predicted) and evaluated != predicted:
        raise Damaged(folder / "predictions.csv", f"has {predicted:,} of the {evaluated:,} photographs that were evaluated")


def _needed(names: dict[str, tuple | None], is_bundled: bool, state: str) -> dict[str, str]:
    """The files that have to be there, and why."""
    needed = {"environment.json": "has a model"} if {"model.keras", "last.keras"} & names.keys() else {}
    if "evaluation.json" in names:
        needed |= dict.fromkeys(("history.jsonl", "environment.json", "predictions.csv"), "was evaluated")
    if state == "finished":
        needed |= dict.fromkeys(("history.jsonl", "environment.json", "evaluation.json", "predictions.csv"), "has finished")
    if is_bundled:  # without its photographs
        needed.pop("predictions.csv", None)
    return needed


def _require_epochs(path: Path, count: int, config: Config, state: str, status: dict) -> None:
    if count > config.epochs:
        raise Damaged(path, f"has {count:,} epochs, which is more than the {config.epochs:,} of the run")
    begun = status.get("epoch", 0)
    if count < (max(begun, 1) if state == "finished" else begun - 1):
        raise Damaged(path, f"has {counted(count, 'epoch')}, though the run came to epoch {begun or 1:,}")
