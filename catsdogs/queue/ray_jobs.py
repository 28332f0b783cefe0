"""Trains on a Ray cluster, each run as one of Ray's jobs. What a node does is seen in the run folder, which all machines share.

Ray is asked only where the run folder does not say that all is well: while a job waits, when its heartbeat grows old, and at its end.

    job.json    in the run folder, written before the job is submitted: its id, and the version of the status then. A dispatcher that is
                started anew finds its jobs again by it, and submits none twice.
"""

import os
import secrets
import shlex
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.errors import InputError
from catsdogs.queue import cluster, engine
from catsdogs.queue.cluster import Cluster, Known, Settings
from catsdogs.queue.engine import End, Job, Unavailable
from catsdogs.runs import Run, heartbeat, liveness, store
from catsdogs.system import files, home

FILE = "job.json"
_ASK_EVERY = 2  # seconds; one job
_ROOM_EVERY = 5  # seconds
_GIVEN_UP_AFTER = 2 * heartbeat.EVERY  # seconds for a worker to notice it
_DOUBTED_AFTER = 2 * heartbeat.EVERY  # seconds without a heartbeat
_CROWDED_AFTER = 20  # seconds that a job waits; others use the cluster, too, and Ray fails what waits for 15 minutes
_TRIES = 3  # to begin a run, where one job after the other is lost before it begins
_BY_ITSELF = 2  # seconds for a worker to see the request to stop in its folder
_HANDED_ON = ("KERAS_BACKEND", "CATSDOGS_PIXELS_GB")


class _Record(TypedDict):
    """job.json."""

    id: str
    version: list[int]


def is_at_work() -> bool:
    """Whether the cluster trains a run, as far as their folders tell; not where none is chosen."""
    try:
        return cluster.settings() is not None and any(_is_there(run) and _record(run.folder) for run in store.list_all())
    except InputError:  # a file that can't be used now
        return False


class RayJobs:
    """An `Engine` on that cluster."""

    is_here = False

    def __init__(self, settings: Settings):
        self._settings = settings
        self._cluster = Cluster(settings)
        self._jobs: dict[str, Job] = {}  # by the id of the run
        self._asked: dict[str, float] = {}  # by the id of the job, as all below: when
        self._waiting: dict[str, float] = {}  # since when it has no node
        self._stopping: dict[str, float] = {}  # since when it was asked to end, or asked again
        self._lost: dict[str, int] = {}  # by the id of the run: how many of its jobs, before it began
        self._room: tuple[float, int] = (-_ROOM_EVERY, 0)  # when it was asked for, and how many runs

    def take_over(self) -> Sequence[Job]:
        """By the records in the run folders: what is at work, and what was submitted but has not begun."""
        for run in store.list_all():
            record = _record(run.folder) if run.state in store.WAITING else None
            if record is None:
                continue
            job = Job(run, tuple(record["version"]), record["id"])
            is_waiting = run.state == "queued" and job.version == store.status_version(run)
            if _is_there(run) or (is_waiting and self._cluster.job(job.id)):
                self._jobs[run.id] = job
        return list(self._jobs.values())

    def free(self) -> int:
        """As many as the cluster has room for, less those that it has; none while one has waited long for a node."""
        self._follow()
        now = time.monotonic()
        if now - self._room[0] >= _ROOM_EVERY:
            self._room = now, self._settings.at_once or self._cluster.room()
        if any(now - since > _CROWDED_AFTER for since in self._waiting.values()):
            return 0
        return max(0, self._room[1] - len(self._jobs))

    def _follow(self) -> None:
        """The file may have changed: with another token or share, it goes on; at another address, not while runs are trained here."""
        try:
            chosen = cluster.settings()
        except InputError as error:
            raise Unavailable(str(error)) from None
        if chosen == self._settings:
            return
        if chosen is None or chosen.address != self._settings.address:
            raise Unavailable(
                f"Runs wait until those on the Ray cluster at {self._settings.address} have ended: {engine.FILE} has changed."
            )
        self._settings, self._cluster, self._room = chosen, Cluster(chosen), (-_ROOM_EVERY, 0)

    def submit(self, run: Run) -> Job:
        """As a job that nobody else has submitted. One that the run had before has to have ended."""
        version, record = store.status_version(run), _record(run.folder)
        if version is None:
            raise FileNotFoundError(run.folder)
        if record is None or tuple(record["version"]) != version:
            if record is not None:
                self._require_end(run, record["id"])
            record = _write_record(run, version)
        job = Job(run, version, record["id"])
        self._cluster.submit(job.id, _entrypoint(run, job.id, self._settings))
        self._jobs[run.id], self._waiting[job.id] = job, time.monotonic()
        return job

    def _require_end(self, run: Run, id: str) -> None:
        """Raises Unavailable while another job of the run may still write to its folder."""
        known = self._cluster.job(id)
        if known and not known.has_ended:
            self._give_up(id, run)
            raise Unavailable(f"Run {run.id} begins once its earlier job on the Ray cluster, which was asked to stop, has ended.")
        heartbeat.end(run.folder)

    def _give_up(self, id: str, run: Run) -> None:
        """End a job whose run was resumed: by itself, since it finds its heartbeat gone, or else by Ray.

        At once, Ray's SIGTERM would have it say that the run has been stopped.
        """
        heartbeat.end(run.folder)
        now = time.monotonic()
        if now - self._stopping.setdefault(id, now) >= _GIVEN_UP_AFTER:
            self._cluster.stop(id)

    def state(self, job: Job) -> End | None:
        """By the run folder where that is enough, else by what Ray knows of the job."""
        run = _current(job.run)
        has_begun = store.status_version(job.run) != job.version
        if has_begun:
            self._waiting.pop(job.id, None)
        if run and has_begun and run.state in store.AT_WORK and _is_fresh(run.folder):
            return None
        if time.monotonic() - self._asked.get(job.id, -_ASK_EVERY) < _ASK_EVERY:
            return None
        self._asked[job.id] = time.monotonic()
        try:
            known = self._cluster.job(job.id)
        except Unavailable:
            if not (has_begun and run and run.state in store.ENDED):
                raise
            known = None  # the run folder says enough
        if known and not known.has_ended:
            return self._going_on(job, known, run, has_begun)
        heartbeat.end(job.run.folder)
        if not has_begun:  # it may be submitted again, under another name; first, as this needs room on the disk
            _write_record(job.run, job.version)
        for kept in (self._asked, self._waiting, self._stopping):
            kept.pop(job.id, None)
        del self._jobs[job.run.id]
        if has_begun:
            self._lost.pop(job.run.id, None)
            return End(known and known.exit_status)
        self._lost[job.run.id] = self._lost.get(job.run.id, 0) + 1
        return _unbegun(known, self._lost[job.run.id])

    def _going_on(self, job: Job, known: Known, run: Run | None, has_begun: bool) -> None:
        if not known.is_waiting:
            self._waiting.pop(job.id, None)
        if run is None:  # deleted, or damaged beyond what a worker could use
            self._cluster.stop(job.id)
        elif has_begun and run.state == "queued":  # it was taken for dead, and resumed
            self._give_up(job.id, run)

    def stop(self, job: Job) -> None:
        """By Ray, where the worker has not seen the request in its folder by itself, or has not begun."""
        now, run = time.monotonic(), _current(job.run)
        since = self._stopping.setdefault(job.id, now)
        if now - since >= _BY_ITSELF or run is None or run.state not in store.AT_WORK:
            self._stopping[job.id] = now + _BY_ITSELF  # a worker that was told gets the time to end
            self._cluster.stop(job.id)

    def log(self, job: Job) -> str:
        """What Ray, and the shell on the node, have said."""
        with suppress(Unavailable):
            known = self._cluster.job(job.id)
            return "\n".join(["Ray:", *([known.sentence] if known else []), self._cluster.log(job.id).strip(), ""])
        return ""

    def pause(self) -> float:
        """Not often: it looks at the folder of every run that is trained."""
        return 2

    def slots(self) -> int:
        """As many as there was room for when that was last asked."""
        return self._room[1]


def _unbegun(known: Known | None, tries: int) -> End:
    """A job that ended before the run began: the run goes on waiting where the job was lost with its node, but not for ever."""
    if known is None or (known.is_lost and tries < _TRIES):
        return End(None)
    if known.exit_status is not None:
        return End(known.exit_status)
    if known.status == "STOPPED":
        return End(None, "Somebody stopped its job on the Ray cluster before it began.")
    return End(None, f"The Ray cluster could not begin it: {known.sentence}")


def _entrypoint(run: Run, id: str, settings: Settings) -> str:
    """For the node's shell. Ray sets OMP_NUM_THREADS, by the CPUs of the job; a worker uses what there is, as it does on this machine."""
    env = {"CATSDOGS_HOME": str(home.folder()), "CATSDOGS_PIXELS": settings.pixels}
    env |= {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    words = ["env", "-u", "OMP_NUM_THREADS", *(f"{name}={value}" for name, value in env.items())]
    words += [settings.python, "-P", "-u", "-m", "catsdogs", "work", run.id, "--job", id]
    return f"exec {shlex.join(words)} >> {shlex.quote(str(run.log_path))} 2>&1"


def _write_record(run: Run, version: tuple) -> _Record:
    record: _Record = {"id": f"catsdogs-{run.id}-{secrets.token_hex(3)}", "version": list(version)}
    with suppress(FileNotFoundError):  # deleted a moment ago
        files.replace_json(run.folder / FILE, record)
    return record


def _record(folder: Path) -> _Record | None:
    path = folder / FILE
    try:
        return files.read_json(path, _Record) if files.is_there(path) else None
    except files.Damaged:
        return None


def _is_there(run: Run) -> bool:
    return run.state in store.AT_WORK and liveness.is_remote(run.folder)


def _current(run: Run) -> Run | None:
    try:
        return store.load(run.id)
    except InputError:
        return None


def _is_fresh(folder: Path) -> bool:
    age = heartbeat.age(folder)
    return age is not None and age < _DOUBTED_AFTER
