"""The run folder, where pages and workers meet: created, found and read here. `python -m catsdogs` and `ls` show the same.

After `create`, only the run's own worker writes to it, except for the label, measurements and the request to stop. Every file is replaced
as a whole or appended to. What else is in it belongs to `history`, `predictions`, `liveness`, `analysis.evaluation` and `measurements`.

    config.json       the settings, with the time of creation        model.keras       the best epoch so far
    status.json       state, phase, progress                         last.keras        where to resume, while unfinished
    history.jsonl     one line per epoch                             losses.npy        beside it, by earlier versions
    environment.json  versions, device, data set                     evaluation.json   how good it is
    log.txt           what the worker printed                        predictions.csv   every held-out image
    label.json        the user's name, note and star                 lock, stop        who is alive; who should end
    measured-*.json   how good it is on another data set
"""

import os
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import leftovers, liveness
from catsdogs.settings import Config
from catsdogs.settings import config as configs
from catsdogs.system import files, home

WAITING, ENDED = ("queued", "running"), ("finished", "stopped", "failed", "interrupted")
SHIPPED = "shipped"  # the id of the bundled run; docs/model-card.md describes it
_ID = re.compile(r"[\w-]{1,100}")  # never a path that leads elsewhere
_SHIPPED = Path(__file__).parents[1] / SHIPPED


@dataclass(frozen=True)
class Label:
    """What people write on a run: a `name` of their own, a `note`, a star."""

    name: str = ""
    note: str = ""
    is_starred: bool = False


@dataclass(frozen=True)
class Run:
    """A stored run as it was when read. `status` holds phase, progress and error; `created` is in UTC."""

    id: str
    folder: Path
    config: Config
    created: datetime
    state: str
    status: dict
    label: Label

    @property
    def model_path(self) -> Path:
        """The model of the best epoch of the last stage by validation loss; there once an epoch has ended."""
        return self.folder / "model.keras"

    @property
    def resume_path(self) -> Path:
        """All that resuming needs, after the last whole epoch; `training.resume_point` knows what is in it."""
        return self.folder / "last.keras"

    @property
    def losses_path(self) -> Path:
        """Of earlier versions only, which kept the last loss of each training image beside the resume point."""
        return self.folder / "losses.npy"

    @property
    def log_path(self) -> Path:
        """What the worker printed."""
        return self.folder / "log.txt"

    @property
    def is_resumable(self) -> bool:
        """Whether training can go on after the last whole epoch."""
        return self.state in ("stopped", "failed", "interrupted")


def create(config: Config) -> Run:
    """A new run folder with state "queued"."""
    now = datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{config.model}-{config.optimizer}-{secrets.token_hex(3)}"
    folder = home.subfolder("runs") / name
    leftovers.sweep_unmade(folder.parent)
    building = folder.with_name(f"{leftovers.UNMADE}{name}")
    building.mkdir()
    files.replace_json(building / "config.json", {"created": now.isoformat(), **configs.to_json(config)})
    files.replace_json(building / "status.json", {"state": "queued"})
    building.rename(folder)
    return load(name)


def load(id: str) -> Run:
    """The run of that id. Raises InputError where there is none. Files that have not changed are not read again."""
    return _load(id, _SHIPPED if id == SHIPPED else home.subfolder("runs") / id)


def list_all() -> list[Run]:
    """All runs of the home folder, the newest first. Removes what killed processes left behind in those that have ended."""
    stored, parent = [], home.subfolder("runs")
    for name in os.listdir(parent):
        with suppress(InputError, FileNotFoundError):  # deleted a moment ago, or from a version with other settings
            if not name.startswith("."):
                stored.append(_load(name, parent / name))
    for run in stored:
        if run.state in ENDED:
            leftovers.sweep(run.folder, run.state == "finished")
    return sorted(stored, key=lambda run: run.created, reverse=True)


def _load(id: str, folder: Path) -> Run:
    version = files.version(folder / "config.json") if _ID.fullmatch(id) else None
    if version is None:
        raise InputError(f"There is no run {id!r}. `python -m catsdogs runs` lists the runs.")
    created, config = _config(folder / "config.json", version)
    state, status = _status(folder)
    if state == "running":
        alive = liveness.is_alive(folder)  # before the status: a worker may end in between, but none rises again
        state, status = _status(folder)
        if state == "running" and not alive:
            state = "interrupted"
    label = _label(folder / "label.json", files.version(folder / "label.json"))
    return Run(id, folder, config, created, state, status, label)


@lru_cache(maxsize=10_000)
def _config(path: Path, version: tuple) -> tuple[datetime, Config]:
    content = files.read_json(path)
    return datetime.fromisoformat(content.pop("created")), configs.from_json(content)


def _status(folder: Path) -> tuple[str, dict]:
    content = dict(_read(folder / "status.json", files.version(folder / "status.json")))
    return content.pop("state"), content


@lru_cache(maxsize=10_000)
def _label(path: Path, version: tuple | None) -> Label:
    return Label(**files.read_json(path)) if version else Label()


@lru_cache(maxsize=10_000)
def _read(path: Path, version: tuple | None) -> dict:
    return files.read_json(path)


def model_version(run: Run) -> tuple | None:
    """Another value whenever the model was replaced; None while there is none."""
    return files.version(run.model_path)


def status_version(run: Run) -> tuple:
    """Another value whenever the status was written."""
    return files.version(run.folder / "status.json")


def environment(run: Run) -> dict:
    """Versions, device, data set and subsets, as far as the worker came to write them. Not to be changed."""
    path = run.folder / "environment.json"
    version = files.version(path)
    return _read(path, version) if version else {}


def write_status(run: Run, state: str, **status) -> None:
    """Replace the status. For the run's worker, and for those who queue it."""
    files.replace_json(run.folder / "status.json", {"state": state, **status})


def write_label(run: Run, label: Label) -> None:
    """Replace what people wrote on the run."""
    files.replace_json(run.folder / "label.json", asdict(label))


def write_environment(run: Run, content: dict) -> None:
    """Store the environment. For the run's worker."""
    files.replace_json(run.folder / "environment.json", content)


def lasting_files(run: Run) -> list[Path]:
    """What is worth downloading, as far as it is there: not the history, which `history` reads, nor what only a worker needs."""
    names = ("config.json", "environment.json", "evaluation.json", "predictions.csv", "log.txt", run.model_path.name)
    return [*(run.folder / name for name in names if (run.folder / name).exists()), *sorted(run.folder.glob("measured-*.json"))]


def forget_resume_point(run: Run) -> None:
    """Free the disk space of what only an unfinished run needs. For the run's worker."""
    for name in leftovers.RESUMING:
        (run.folder / name).unlink(missing_ok=True)
