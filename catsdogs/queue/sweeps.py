"""Sweeps: many runs queued as one thing with a name, and cancelled as one. Which configurations they have is up to `settings.grid`.

A list in the home folder says which runs belong to which sweep; the runs themselves know nothing of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.queue import forecast, jobs
from catsdogs.runs import Run, store, trash
from catsdogs.settings import Config, differences
from catsdogs.settings.dependence import is_used
from catsdogs.system import access, files, home, lists, locks, shortage

LONGEST_NAME = 80  # characters, as of a run's
_SHAPE = dict[str, list[str]]  # names of sweeps -> ids of their runs, as they were queued


@dataclass(frozen=True)
class Place:
    """Where a run is in a sweep: the sweep's name, the run's number, from 1 on, and the settings that vary there and that it uses."""

    sweep: str
    number: int
    settings: tuple[str, ...]


def names() -> list[str]:
    """The names of all sweeps with a run that is stored or can be restored, the oldest first."""
    return [name for name, ids in lists.read(_path(), _SHAPE, {}).items() if any(map(trash.is_stored, ids))]


def members(name: str) -> list[str]:
    """The ids of its runs in the order in which they were queued, including deleted ones; empty where there is no such sweep."""
    return lists.read(_path(), _SHAPE, {}).get(name, [])


def create(name: str, wanted: Sequence[Config]) -> list[Run]:
    """Queue a run for each configuration under that name. Raises InputError as `jobs.create` does, and for a bad name.

    Whatever is raised, by the configurations or by a full disk: nothing stays queued, and the name is free.
    """
    access.require_training()
    name, wanted = name.strip(), list(wanted)
    ids = list(map(store.new_id, wanted))
    with locks.hold(home.folder() / "new-sweep.lock"):  # so that a name without runs is what a killed process has left
        require_name(name)
        _note(name, ids)  # first, so that what a killed process has queued is there by that name
        try:
            return jobs.create(wanted, ids)
        except BaseException:
            forget(name)
            raise


def _note(name: str, ids: list[str]) -> None:
    def noted(before: dict) -> dict:
        return {**{known: others for known, others in before.items() if known != name}, name: ids}

    _change(noted)


def require_name(name: str) -> None:
    """Raises InputError where no sweep can be begun by that name."""
    name = name.strip()
    if not name:
        raise InputError("A sweep needs a name, as in --name rates.")
    if len(name) > LONGEST_NAME:
        raise InputError(f"The name of a sweep may have at most {LONGEST_NAME} characters; this one has {len(name):,}.")
    if name in names():
        raise InputError(f"There is a sweep {name!r} already. Give another name.")


def add(name: str, run: Run) -> None:
    """Add the run to that sweep, unless it is in it already."""
    _change(lambda before: {**before, name: list(dict.fromkeys([*before.get(name, []), run.id]))})


def forget(name: str) -> None:
    """Free the name. Its runs stay."""
    _change(lambda before: {known: ids for known, ids in before.items() if known != name})


def busy(stored: Sequence[Run]) -> dict[str, list[Run]]:
    """The sweeps of which a run waits or trains, by name, with all their runs; `stored` is what `store.list_all` has just returned."""
    there = {run.id: run for run in stored}
    found = {name: [there[id] for id in ids if id in there] for name, ids in lists.read(_path(), _SHAPE, {}).items()}
    return {name: members for name, members in found.items() if any(run.state in store.WAITING for run in members)}


def runs(name: str) -> list[Run]:
    """The runs of that sweep that are still there, as they were queued. Raises InputError where there is no such sweep."""
    listed = lists.read(_path(), _SHAPE, {})
    if name not in listed:
        known = f"The sweeps are: {', '.join(listed)}." if listed else "There are none yet."
        raise InputError(f"There is no sweep {name!r}. {known}")
    there = {run.id: run for run in store.list_all()}
    return [there[id] for id in listed[name] if id in there]


def place(run: Run) -> Place | None:
    """The run's place in its sweep; None if it is in none."""
    return _places(_path(), files.version(_path()), files.version(home.subfolder("runs"))).get(run.id)


@lru_cache(maxsize=4)
def _places(path: Path, *versions) -> dict[str, Place]:
    """The places of all runs of sweeps, by id; found anew once there is another sweep or another run."""
    found = {}
    for name, ids in lists.read(path, _SHAPE, {}).items():
        known = {id: config for id in ids if (config := _config(id))}
        settings = differences.varied(list(known.values()))
        for number, id in enumerate(ids, 1):
            if id in known:
                found[id] = Place(name, number, tuple(each for each in settings if is_used(each, vars(known[id]))))
    return found


def _config(id: str) -> Config | None:
    """None where it can't be read, or is gone."""
    try:
        return _read(id, home.folder())
    except InputError:
        return None


@lru_cache(maxsize=10_000)
def _read(id: str, folder: Path) -> Config:
    """Once, as it never changes."""
    return store.load(id).config


def cancel(name: str) -> list[Run]:
    """Stop all its waiting and running runs, the waiting ones first, so that none of them takes a free device. Returns these.

    Raises InputError where one of them hangs and can't be ended from here; the others are stopped all the same.
    """
    unfinished, problems = [run for run in runs(name) if run.state in store.WAITING], []
    for run in sorted(unfinished, key=lambda run: store.WAITING.index(run.state)):
        try:
            jobs.stop(run)
        except InputError as error:
            if jobs.is_there(run):  # else it was deleted meanwhile
                problems.append(error)
    if problems:
        raise problems[0]
    return unfinished


def seconds(wanted: Sequence[Config], slots: int) -> tuple[float | None, bool]:
    """About how long these runs take with `slots` at a time, and whether that is rough (`forecast.ROUGH`).

    None where no stored run is similar to one of them.
    """
    stored = store.list_all()
    found = [forecast.duration(config, stored) for config in wanted]
    if not all(found):
        return None, False
    return forecast.together([each.seconds for each in found], slots), any(each.is_rough for each in found)


def _change(to: Callable[[dict], dict]) -> None:
    with shortage.explained(_path(), "the list of sweeps"):
        lists.change(_path(), _SHAPE, {}, to)


def _path() -> Path:
    return home.folder() / "sweeps.json"
