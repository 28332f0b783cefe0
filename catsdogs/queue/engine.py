"""The engine trains the runs that wait: its interface for the dispatcher, and its report to the pages.

`local` implements it on this machine, `ray_jobs` on a Ray cluster. With either, what holds is what the run folders say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.errors import InputError
from catsdogs.runs import Run
from catsdogs.system import devices, files, home

FILE = "engine.toml"  # which `cluster` reads; without it, this machine trains


class Unavailable(InputError):
    """The engine can't be used now. Runs wait, and it is tried again."""


@dataclass(frozen=True)
class Job:
    """A run that was given to an engine, with the `store.status_version` of the moment before; `id` is the engine's own name for it."""

    run: Run
    version: tuple
    id: str = ""


@dataclass(frozen=True)
class End:
    """How the process of a run ended: its exit `status`, negative by a signal, None where it was lost with its machine, or never began.

    `error` is why the run failed, where the engine knows more than the run can say.
    """

    status: int | None
    error: str = ""


class Engine(Protocol):
    """Trains each run in a process of its own. All methods except `pause` and `slots` may raise Unavailable."""

    is_here: bool  # on this machine, whose device one run at a time may use

    def take_over(self) -> Sequence[Job]:
        """The jobs that it is still training for a dispatcher that was killed."""

    def free(self) -> int:
        """How many more runs can begin now."""

    def submit(self, run: Run) -> Job:
        """Begin the run. Raises FileNotFoundError where it was deleted meanwhile."""

    def state(self, job: Job) -> End | None:
        """How the job ended; None until then. Not called again afterwards."""

    def stop(self, job: Job) -> None:
        """Have a run end that was asked to stop. Called again until it has ended."""

    def log(self, job: Job) -> str:
        """What the engine knows that is not in the run's own log."""

    def pause(self) -> float:
        """Seconds to wait before asking again."""

    def slots(self) -> int:
        """How many runs it trains at a time; 0 where that is not known yet."""


class _Report(TypedDict):
    """engine.json."""

    slots: int
    problem: str


def report(slots: int, problem: str) -> None:
    """Store how many runs the engine trains at a time, and the problem that keeps it from training, "" if none. For the dispatcher."""
    content = {"slots": slots, "problem": problem}
    if content != _reported():
        files.replace_json(_path(), content)


def withdraw_report() -> None:
    """Remove the report: this machine needs none. For the dispatcher."""
    _path().unlink(missing_ok=True)


def reported_slots() -> int:
    """How many runs are trained at a time, as it was reported last; 0 where that is not known."""
    return _reported()["slots"]


def slots() -> int:
    """How many runs are trained at a time: as it was reported last, else on this machine. Asking it for its GPUs takes a moment."""
    return reported_slots() or len(devices.slots())


def problem() -> str:
    """Why no run can begin, as it was reported last; empty where nothing is wrong."""
    return _reported()["problem"]


def _reported() -> _Report:
    nothing: _Report = {"slots": 0, "problem": ""}
    try:
        return files.read_json(_path(), _Report) if files.is_there(_path()) and (home.folder() / FILE).exists() else nothing
    except files.Damaged:  # written anew soon
        return nothing


def _path() -> Path:
    return home.folder() / "engine.json"
