"""Searches: sweeps whose next run is chosen by how the earlier ones did, within a time budget. Its runs are a sweep of the same name.

`searching` chooses them, in a process of its own that outlives page and server. This module stores searches, each in a folder:

    search.json    the space, the base, the time budget, whose search it is, and how far it is
    journal.log    what Optuna knows
    log.txt        what the process printed
    lock, stop     held by the process; the request to end
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.errors import InputError
from catsdogs.queue import jobs, processes, sweeps
from catsdogs.runs import Run, leftovers, store
from catsdogs.runs.shapes import Moment, NotNegative, Share, lenient
from catsdogs.settings import Config, space, time_limit
from catsdogs.settings import config as configs
from catsdogs.settings.space import Space
from catsdogs.system import access, files, home, locks, shortage
from catsdogs.system.access import Limits, Person
from catsdogs.system.files import Damaged

IN_PROGRESS, FINISHED, FAILED, STOPPED = "in progress", "finished", "failed", "stopped"
_BEFORE = {"at hand": IN_PROGRESS}  # what earlier versions wrote
_State = Literal["in progress", "at hand", "finished", "failed", "stopped", "pruned", "out of time"]
_AS_THEY_ARE = ("name", "seconds", "spent", "shares", "note", "said", "ended")  # of what is stored


@lenient
class _By(TypedDict):
    """Who began the search, and their limits: its process queues runs in their name."""

    name: str
    roots: list[str] | None
    runs: int | None
    data: int | None
    free: int


@lenient
class _Stored(TypedDict):
    """search.json."""

    name: str
    by: _By
    base: dict
    space: dict[str, dict]
    seconds: Annotated[float, Field(gt=0, le=time_limit.LONGEST)]
    created: Moment
    spent: NotNegative
    runs: Annotated[dict[str, _State], Field(min_length=1)]
    shares: dict[str, Share]
    note: str
    said: str
    ended: Moment | None


@dataclass(frozen=True)
class Search:
    """A search as it was when read. It begins from `base`; of the `seconds` that its runs may train for, it has `spent` so many.

    `runs` has the outcome of each run by id, in the order in which they were begun; the first is that of the base. `shares` is how much of
    the differences each setting explains, 0 to 1. `note` says why the search waits, `said` why it has ended; "" if it doesn't or hasn't.
    """

    folder: Path
    name: str
    person: Person
    base: Config
    space: Space
    seconds: float
    created: datetime
    spent: float
    runs: Mapping[str, str]
    shares: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    said: str = ""
    ended: str | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked it to end."""
        return (self.folder / "stop").exists()

    @property
    def is_busy(self) -> bool:
        """Whether it goes on."""
        return self.ended is None and not self.is_cancelled

    @property
    def first(self) -> str:
        """The id of the run of the base."""
        return next(iter(self.runs))

    @property
    def journal(self) -> Path:
        """Optuna's file."""
        return self.folder / "journal.log"

    @property
    def lock(self) -> Path:
        """Held by the process that works on it."""
        return self.folder / "lock"


def create(name: str, base: Config, wanted: Space, seconds: float) -> Run:
    """Begin a search: its first run, which is the base itself, is queued, and its process started. Returns that run.

    Raises InputError where the search can't be, as `sweeps.create` does, and whatever else that raises; nothing stays then.
    """
    space.require(base, wanted)
    time_limit.require(seconds)
    folder = home.subfolder("searches") / secrets.token_hex(6)
    (run,) = sweeps.create(name, [base])
    try:
        with leftovers.made(folder) as building:
            about = Search(building, name.strip(), access.person(), base, wanted, seconds, datetime.now(UTC), 0.0, {run.id: IN_PROGRESS})
            save(about)
    except BaseException:
        sweeps.forget(name.strip())
        jobs.withdraw([run])
        raise
    wake()
    return run


def list_all() -> list[Search]:
    """All that can be read, the oldest first."""
    return sorted((found for found in _find_all() if isinstance(found, Search)), key=lambda search: search.created)


def list_unreadable() -> list[Damaged]:
    """Why each of the others can't be read. Its runs are still those of a sweep."""
    return [found for found in _find_all() if isinstance(found, Damaged)]


def find(name: str) -> Search | None:
    """The search of that name; None if there is none, it can't be read, or its runs are gone and a sweep has taken the name."""
    return next((search for search in list_all() if search.name == name and search.first in sweeps.members(name)), None)


def load(folder: Path) -> Search:
    """The search in that folder. Raises Damaged where it can't be read."""
    return _load(folder, files.version(folder / "search.json"))


def save(search: Search) -> None:
    """Store the search. For `create` and for the process that works on it."""
    person = search.person
    by: _By = {
        "name": person.name,
        "roots": None if person.roots is None else [str(root) for root in person.roots],
        **asdict(person.limits),
    }
    content: _Stored = {
        **{name: getattr(search, name) for name in _AS_THEY_ARE},
        "by": by,
        "base": configs.to_json(search.base),
        "space": space.to_json(search.space),
        "created": search.created.isoformat(),
        "runs": search.runs,
    }
    with shortage.explained(search.folder, "the search"):
        files.replace_json(search.folder / "search.json", content)


def cancel(name: str) -> list[Run]:
    """End the sweep or search of that name: stop all its waiting and running runs, which are returned, and begin no more."""
    access.require_training()
    search, unfinished = find(name), [run for run in sweeps.runs(name) if run.state in store.WAITING]
    if search and search.is_busy:
        with shortage.explained(search.folder, "the request to end it"):
            (search.folder / "stop").touch()  # first, so that no other run is begun
    sweeps.cancel(name)
    return unfinished


def wake() -> None:
    """Start a process for every search that has not ended; one that finds another at work ends at once."""
    for search in list_all():
        if search.ended is None and not is_at_work(search):
            processes.start("search", str(search.folder), log=search.folder / "log.txt", outlives=True)


def is_at_work(search: Search) -> bool:
    """Whether a process works on it."""
    return locks.is_held(search.lock)


def _find_all() -> Iterator[Search | Damaged]:
    for folder in sorted(home.subfolder("searches").iterdir()):
        if not folder.name.startswith(leftovers.UNMADE):
            try:
                yield load(folder)
            except Damaged as damaged:
                yield damaged


@lru_cache(maxsize=1000)
def _load(folder: Path, version: tuple | None) -> Search:
    """Read once per version of the file."""
    path = folder / "search.json"
    stored = files.read_json(path, _Stored)
    by = stored["by"]
    roots = None if by["roots"] is None else tuple(map(Path, by["roots"]))
    person = Person(by["name"], True, roots, Limits(by["runs"], by["data"], by["free"]))
    try:
        base, wanted = configs.from_json(stored["base"]), space.from_json(stored["space"])
        space.ends(base, wanted)
    except (InputError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(path, f"can't be used ({str(error).rstrip('.')[:400]}); a newer version may have written it") from None
    facts = {name: stored[name] for name in _AS_THEY_ARE}
    facts["runs"] = {id: _BEFORE.get(state, state) for id, state in stored["runs"].items()}
    return Search(folder=folder, person=person, base=base, space=wanted, created=datetime.fromisoformat(stored["created"]), **facts)


def changed(search: Search, **facts) -> Search:
    """Change these facts, store the search and return it. For the process that works on it."""
    after = replace(search, **facts)
    save(after)
    return after
