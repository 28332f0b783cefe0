"""The run folder, where pages and workers meet. The only module that knows its file names.

After `create` only the run's own worker writes to it, except for the request to stop and the label. Every file is replaced or appended to,
never overwritten. What is in a status beside `state` is up to `training`.

    config.json       what was asked for, with id and time         model.keras       the best epoch so far
    status.json       state, phase, progress                       last.keras        where to resume, while unfinished
    history.jsonl     a line an epoch                               evaluation.json   how good it is
    environment.json  versions, device, data set, seed             predictions.csv   every held-out photograph
    log.txt           what the worker printed                       lock, stop        who is alive; who should end
    label.json        name, note and star that people gave it      losses.npy        of each photograph, while unfinished
"""

import csv
import io
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.settings import config as configs
from catsdogs.settings.config import Config
from catsdogs.system import files, home, locks

WAITING, ENDED = ("queued", "running"), ("finished", "stopped", "failed", "interrupted")
SHIPPED = "shipped"  # the id of the run that comes with the application; docs/model-card.md says what it is
_ID = re.compile(r"[\w-]{1,100}")  # never a path that leads elsewhere
_PATIENCE = 1  # seconds; a page that asks whether the run is alive holds its lock for a moment, too
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
        """Model and optimizer after the last whole epoch."""
        return self.folder / "last.keras"

    @property
    def losses_path(self) -> Path:
        """The last losses of the training photographs, as NumPy stores them; only where data pruning goes by them."""
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
    building = folder.with_name(f".new-{name}")
    building.mkdir()
    files.replace_json(building / "config.json", {"created": now.isoformat(), **configs.to_json(config)})
    files.replace_json(building / "status.json", {"state": "queued"})
    building.rename(folder)
    return load(name)


def load(id: str) -> Run:
    """The run of that id. Raises InputError where there is none. What has not changed since is not read again."""
    return _load(id, _SHIPPED if id == SHIPPED else home.subfolder("runs") / id)


def list_all() -> list[Run]:
    """All runs of the home folder, the newest first."""
    stored, parent = [], home.subfolder("runs")
    for name in os.listdir(parent):
        with suppress(InputError, FileNotFoundError):  # deleted a moment ago, or from a version with other settings
            if not name.startswith("."):
                stored.append(_load(name, parent / name))
    return sorted(stored, key=lambda run: run.created, reverse=True)


def _load(id: str, folder: Path) -> Run:
    asked = _version(folder / "config.json") if _ID.fullmatch(id) else None
    if asked is None:
        raise InputError(f"There is no run {id!r}. `python -m catsdogs runs` lists those that there are.")
    created, config = _asked(folder / "config.json", asked)
    state, status = _told(folder / "status.json", _version(folder / "status.json"))
    if state == "running":
        alive = is_alive(folder)  # before the status: a worker may end in between, but none rises again
        state, status = _told(folder / "status.json", _version(folder / "status.json"))
        if state == "running" and not alive:
            state = "interrupted"
    label = _labelled(folder / "label.json", _version(folder / "label.json"))
    return Run(id, folder, config, created, state, dict(status), label)


def _version(path: Path) -> tuple | None:
    """Another value whenever the file was replaced; None while there is none. Two files that exist at a time differ in their inode."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=10_000)
def _asked(path: Path, version: tuple) -> tuple[datetime, Config]:
    content = files.read_json(path)
    return datetime.fromisoformat(content.pop("created")), configs.from_json(content)


@lru_cache(maxsize=10_000)
def _told(path: Path, version: tuple) -> tuple[str, dict]:
    content = files.read_json(path)
    return content.pop("state"), content


@lru_cache(maxsize=8)  # a long one is large, and asked for more than once in a row
def _epochs(path: Path, version: tuple | None) -> tuple[dict, ...]:
    text = path.read_text(encoding="utf-8") if version else ""
    whole = text[: text.rfind("\n") + 1]  # the last line may still be on its way
    return tuple(json.loads(f"[{','.join(whole.splitlines())}]"))


@lru_cache(maxsize=10_000)
def _evaluated(path: Path, version: tuple | None) -> dict | None:
    return files.read_json(path) if version else None


@lru_cache(maxsize=10_000)
def _labelled(path: Path, version: tuple | None) -> Label:
    return Label(**files.read_json(path)) if version else Label()


def history(run: Run) -> list[dict]:
    """The epochs so far, each with epoch (from 1), loss, accuracy, val_loss, val_accuracy, seconds, pictures_per_second."""
    return [dict(epoch) for epoch in _epochs(run.folder / "history.jsonl", history_version(run))]


def history_version(run: Run) -> tuple | None:
    """Another value whenever an epoch was added; None while there is none."""
    return _version(run.folder / "history.jsonl")


def epochs_done(run: Run) -> int:
    """How many epochs the history holds, without reading what is in it."""
    path = run.folder / "history.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def evaluation(run: Run) -> dict | None:
    """What `evaluation.to_json` gave, not to be changed, or None where the run was not evaluated."""
    return _evaluated(run.folder / "evaluation.json", _version(run.folder / "evaluation.json"))


def model_version(run: Run) -> tuple | None:
    """Another value whenever the model was replaced; None while there is none."""
    return _version(run.model_path)


def status_version(run: Run) -> tuple:
    """Another value whenever the status was written."""
    return _version(run.folder / "status.json")


def environment(run: Run) -> dict:
    """Versions, device, data set, split and times, as far as the worker came to write them."""
    return files.read_json(run.folder / "environment.json") if (run.folder / "environment.json").exists() else {}


def write_status(run: Run, state: str, **status) -> None:
    """Replace the status. For the run's worker, and for those who queue it."""
    files.replace_json(run.folder / "status.json", {"state": state, **status})


def write_label(run: Run, label: Label) -> None:
    """Replace what people wrote on the run."""
    files.replace_json(run.folder / "label.json", asdict(label))


def append_epoch(run: Run, epoch: dict) -> None:
    """Add one epoch to the history. For the run's worker."""
    with (run.folder / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(epoch) + "\n")


def cut_history(run: Run, epochs: int) -> None:
    """Keep the first epochs only: what a resumed run starts from. For the run's worker."""
    lines = "".join(json.dumps(epoch) + "\n" for epoch in history(run)[:epochs])
    files.replace(run.folder / "history.jsonl", lambda path: path.write_text(lines, encoding="utf-8"))


def write_evaluation(run: Run, content: dict) -> None:
    """Store the evaluation. For the run's worker."""
    files.replace_json(run.folder / "evaluation.json", content)


def write_predictions(run: Run, paths: list[str], classes: Sequence[int], probabilities: Sequence[float]) -> None:
    """Store the held-out photographs with the class of each and the probability of class 1. For the run's worker."""
    rows = zip(paths, classes, probabilities, strict=True)
    with io.StringIO(newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("path", "class", "probability"))
        writer.writerows((path, int(label), f"{probability:.9g}") for path, label, probability in rows)
        content = text.getvalue()
    files.replace(run.folder / "predictions.csv", lambda path: path.write_bytes(os.fsencode(content)))


def predictions(run: Run) -> list[tuple[str, int, float]]:
    """(path, class, probability of class 1) of every held-out photograph; empty where the run was not evaluated."""
    path = run.folder / "predictions.csv"
    return list(_predicted(path, _version(path)))


@lru_cache(maxsize=8)  # a page asks for the same ones more than once
def _predicted(path: Path, version: tuple | None) -> tuple[tuple[str, int, float], ...]:
    if version is None:
        return ()
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return tuple((row["path"], int(row["class"]), float(row["probability"])) for row in csv.DictReader(file))


def lasting_files(run: Run) -> list[Path]:
    """What is worth taking along, as far as it is there: not the history, which `history` reads, nor what only a worker needs."""
    names = ("config.json", "environment.json", "evaluation.json", "predictions.csv", "log.txt", run.model_path.name)
    return [run.folder / name for name in names if (run.folder / name).exists()]


def forget_resume_point(run: Run) -> None:
    """Free the disk space of what only an unfinished run needs. For the run's worker."""
    run.resume_path.unlink(missing_ok=True)
    run.losses_path.unlink(missing_ok=True)


def write_environment(run: Run, content: dict) -> None:
    """Store the environment. For the run's worker."""
    files.replace_json(run.folder / "environment.json", content)


def request_stop(run: Run) -> None:
    """Ask the run's worker to end."""
    (run.folder / "stop").touch()


def is_stop_requested(run: Run) -> bool:
    """Whether somebody asked for the end."""
    return (run.folder / "stop").exists()


def withdraw_stop(run: Run) -> None:
    """Forget the request, before the run is resumed."""
    (run.folder / "stop").unlink(missing_ok=True)


@contextmanager
def claim(run: Run) -> Iterator[None]:
    """Hold the run as its only worker. Raises InputError where another process holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(locks.hold(run.folder / "lock", _PATIENCE))
        except locks.Taken:
            raise InputError(f"Run {run.id} is already being worked on by another process.") from None
        yield


def is_alive(folder: Path) -> bool:
    """Whether a worker holds the run folder."""
    return locks.is_held(folder / "lock")
