"""The run folder, where pages and workers meet: created, found and read here. `python -m catsdogs` and `ls` show the same.

After `create`, only the run's own worker writes to it, except for the label, measurements, a temperature fitted later and the request to
stop. Every file is replaced as a whole or appended to. What else is in it belongs to `history`, `predictions`, `temperature`, `times`,
`liveness`, `heartbeat`, `analysis.evaluation`, `measurements` and `queue.ray_jobs`; what the files have to look like to `shapes`, and a run
that can't be read to `damage`.

    config.json       the settings, with the time of creation        model.keras       the best epoch so far
    status.json       state, phase, progress, times, machine         last.keras        where to resume, while unfinished
    history.jsonl     one line per epoch                             losses.npy        beside it, by earlier versions
    environment.json  versions, device, data set                     evaluation.json   how good it is
    log.txt           what the worker printed                        predictions.csv   every held-out image
    label.json        the user's name, note and star                 lock, stop        who is alive; who should end
    measured-*.json   how good it is on another data set             temperature.json  how sure its answers may be
    neither.json      what looks like neither class                  heartbeat         who is alive, on another machine
    job.json          what it is called there
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import damage, leftovers, liveness, shapes
from catsdogs.runs.damage import Unreadable
from catsdogs.settings import Config
from catsdogs.settings import config as configs
from catsdogs.system import access, files, home, lists, shortage
from catsdogs.system.files import Damaged

AT_WORK = ("running", "hung")  # hung: its worker is there, but has not reported for `liveness.HUNG_AFTER`
WAITING, ENDED = ("queued", *AT_WORK), ("finished", "stopped", "failed", "interrupted")
PRUNED, OUT_OF_TIME = REASONS = ("pruned", "out of time")  # why a search stopped a run
MAX_NAME, MAX_NOTE = 80, 500  # characters of what people write on a run: an imported run may have more, which would fill every page
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
    """A stored run as it was when read. `status` holds phase, progress and error; `created` is in UTC; `by` is who started it, if known."""

    id: str
    folder: Path
    config: Config
    created: datetime
    state: str
    status: dict
    label: Label
    by: str = ""

    @property
    def model_path(self) -> Path:
        """The model of the best epoch of the last stage by validation loss; there once an epoch has ended."""
        return self.folder / "model.keras"

    @property
    def resume_path(self) -> Path:
        """All that is needed to resume after the last whole epoch; `training.resume_point` knows what is in it."""
        return self.folder / "last.keras"

    @property
    def neither_path(self) -> Path:
        """What tells pictures of neither class; not there where the photographs were too few, and in runs of earlier versions."""
        return self.folder / "neither.json"

    @property
    def losses_path(self) -> Path:
        """Of earlier versions only, which kept the last loss of each training image beside the resume point."""
        return self.folder / "losses.npy"

    @property
    def log_path(self) -> Path:
        """What the worker printed."""
        return self.folder / "log.txt"

    @property
    def ending(self) -> str:
        """The state, or why a search has stopped it: what people are shown."""
        reason = self.status.get("reason")
        return reason if self.state == "stopped" and reason in REASONS else self.state

    @property
    def is_resumable(self) -> bool:
        """Whether training can go on after the last whole epoch."""
        return self.state in ("stopped", "failed", "interrupted", "hung")


def new_id(config: Config) -> str:
    """For a run of that configuration which begins now; no other one gets it."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{config.model}-{config.optimizer}-{secrets.token_hex(4)}"


def create(config: Config, by: str = "", id: str = "", after: datetime | None = None) -> Run:
    """A new run folder with state "queued", started by that person; `id` is one of `new_id`, made for it unless given.

    Its time of creation is later than `after`, even where the clock was set back.
    """
    id, now = id or new_id(config), datetime.now(UTC)
    created = max(now, after + datetime.resolution) if after else now
    parent = home.subfolder("runs")
    with shortage.explained(parent, "a new run"), leftovers.made(parent / id) as building:
        facts = {"created": created.isoformat(), **({"by": by} if by else {})}
        files.replace_json(building / "config.json", {**facts, **configs.to_json(config)})
        files.replace_json(building / "status.json", {"state": "queued"})
    return load(id)


def load(id: str) -> Run:
    """The run of that id. Raises InputError where there is none, or it can't be read. Files that have not changed are not read again."""
    found = find(id)
    if isinstance(found, Unreadable):
        error = InputError(f"Run {found.name} can't be read. {found.sentence} Put back a copy of it, or delete the run.")
        raise error.hinting(f"To delete it: `python -m catsdogs delete {found.name}`.")
    return found


def find(id: str) -> Run | Unreadable:
    """As `load`, but a run that can't be read is returned as what it is. Raises InputError where there is none."""
    parent = home.subfolder("runs")
    if id == SHIPPED:
        found = find_in(id, _SHIPPED)
    elif _ID.fullmatch(id) or (not id.startswith(".") and id in os.listdir(parent)):
        found = find_in(id, parent / id)
    else:
        found = None
    if found is None:
        raise InputError(f"There is no run {id!r}; it may have been deleted.").hinting("`python -m catsdogs runs` lists the runs.")
    return found


def list_all() -> list[Run]:
    """All runs that can be read, the newest first. Removes what killed processes left behind in those that have ended."""
    stored = [found for found in _find_all() if isinstance(found, Run)]
    for run in stored:
        if run.state in ENDED:
            with suppress(FileNotFoundError):  # deleted a moment ago
                leftovers.sweep(run.folder, run.state == "finished")
    return sorted(stored, key=lambda run: run.created, reverse=True)


def list_unreadable() -> list[Unreadable]:
    """Everything else in the folder of runs: what is damaged, what a newer version wrote, and what is no run at all."""
    return sorted((found for found in _find_all() if isinstance(found, Unreadable)), key=lambda found: found.id)


def _find_all() -> Iterator[Run | Unreadable]:
    parent = home.subfolder("runs")
    for name in os.listdir(parent):
        if not name.startswith("."):
            found = find_in(name, parent / name)
            if found:
                yield found


def find_in(id: str, folder: Path) -> Run | Unreadable | None:
    """The run in that folder, or why it can't be read; None if there is no such folder any more."""
    try:
        return _load(id, folder)
    except Damaged as found:
        return damage.unreadable(id, folder, found) if os.path.lexists(folder) else None


def _load(id: str, folder: Path) -> Run:
    run = _read(id, folder)
    if run.state == "running":
        alive = liveness.is_alive(folder)  # before the status: a worker may end in between, but none rises again
        run = _read(id, folder)
        if run.state == "running" and not alive:
            return replace(run, state="interrupted")
        if run.state == "running" and liveness.silence(folder) > liveness.HUNG_AFTER:
            return replace(run, state="hung")
    return run


def _read(id: str, folder: Path) -> Run:
    """A worker may write while its files are being read: what is wrong with them counts only once none of them has changed meanwhile."""
    versions = damage.look(folder)
    while True:
        try:
            return _stored(id, folder, versions)
        except Damaged:
            before, versions = versions, damage.look(folder)
            if versions == before:
                raise


@lru_cache(maxsize=10_000)
def _stored(id: str, folder: Path, versions: tuple) -> Run:
    """What the files say, as long as none of them changes."""
    if not _ID.fullmatch(id):
        raise Damaged(folder, "has a name that no run can have. Rename it: allowed are letters, digits, - and _")
    if id == SHIPPED and folder != _SHIPPED:
        raise Damaged(folder, f"has the name of the bundled run, {SHIPPED}. Rename it")
    created, by, config = shapes.config(folder / "config.json")
    state, status = shapes.status(folder / "status.json")
    damage.require(dict(versions), folder, id == SHIPPED, config, state, status)
    label = lists.read(folder / damage.LABEL, shapes.Label, None, home.folder() / "labels.lock")
    return Run(id, folder, config, created, state, status, _label(label), by)


def _label(content: dict | None) -> Label:
    return Label(content["name"][:MAX_NAME], content["note"][:MAX_NOTE], content["is_starred"]) if content else Label()


def model_version(run: Run) -> tuple | None:
    """Another value whenever the model was replaced; None while there is none."""
    return files.version(run.model_path)


def answer_version(run: Run) -> tuple | None:
    """Changes whenever answers may: when the model is replaced or neither.json is added. None without a model."""
    model = model_version(run)
    return model and (model, files.version(run.neither_path))


def status_version(run: Run) -> tuple:
    """Another value whenever the status was written."""
    return files.version(run.folder / "status.json")


def environment(run: Run) -> dict:
    """Versions, device, data set and subsets, as far as the worker came to write them. Not to be changed."""
    path = run.folder / "environment.json"
    version = files.version(path)
    return shapes.environment(path, version) if version else {}


def write_status(run: Run, state: str, **status) -> None:
    """Replace the status. For the run's worker, and for those who queue it. Raises InputError where the run is gone."""
    with liveness.not_deleted(run.folder), shortage.explained(run.folder, "the run's state"):
        files.replace_json(run.folder / "status.json", {"state": state, **status})


def change_label(run: Run, **written) -> None:
    """Replace some of what people wrote on the run, and leave the rest as it is now: another tab may have written it.

    Raises InputError where the run is gone.
    """
    access.require_training()
    load(run.id)
    path, lock = run.folder / damage.LABEL, home.folder() / "labels.lock"
    with liveness.not_deleted(run.folder), shortage.explained(path, "the run's label"):
        lists.change(path, shapes.Label, asdict(Label()), lambda content: {**content, **written}, lock)


def write_environment(run: Run, content: dict) -> None:
    """Store the environment. For the run's worker."""
    files.replace_json(run.folder / "environment.json", content)


def note(run: Run, text: str) -> None:
    """Add to what its worker printed; lost where the run has been deleted since, or the disk is full."""
    with suppress(OSError), run.log_path.open("a", encoding="utf-8") as log:
        log.write(text)


def lasting_files(run: Run) -> list[Path]:
    """What is worth downloading, as far as it is there: not the history, which `history` reads, nor what only a worker needs."""
    names = ("config", "environment", "evaluation", "temperature", "neither")
    paths = [*(run.folder / f"{name}.json" for name in names), run.folder / "predictions.csv", run.log_path, run.model_path]
    return [*filter(Path.exists, paths), *sorted(run.folder.glob("measured-*.json"))]


def forget_resume_point(run: Run) -> None:
    """Free the disk space of what only an unfinished run needs. For the run's worker."""
    for name in leftovers.RESUMING:
        (run.folder / name).unlink(missing_ok=True)
