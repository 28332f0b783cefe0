"""Trains on a Ray cluster, each run as a Ray job. Run folders, which all machines share, show what the nodes are doing.

Ray is asked only when the run folder can't tell that all is well: while a job waits, when its heartbeat is late, and when it has ended.

    job.json    in the run folder, written before the job is submitted: its id, and the version of the status at that time. With it, a
                restarted dispatcher finds its jobs again and submits none twice.
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
_ASK_EVERY = 2  # seconds between questions about one job
_ROOM_EVERY = 5  # seconds between questions about free room
_KILL_AFTER = 2 * heartbeat.EVERY  # seconds for a worker to notice that its heartbeat file is gone
_DOUBTED_AFTER = 2 * heartbeat.EVERY  # seconds without a heartbeat
_GONE_AFTER = heartbeat.DEAD_AFTER  # seconds in which a run can't be read, as on a file server that is away, until its job is stopped
_CROWDED_AFTER = 20  # seconds that a job has waited; others may use the cluster, too, and Ray fails jobs that wait for 15 minutes
_TRIES = 3  # jobs for a run, if each is lost before it begins
_BY_ITSELF = 2  # seconds for a worker to see the request to stop in its folder
_ENVIRONMENT = ("KERAS_BACKEND", "CATSDOGS_PIXELS_GB")  # variables that a worker gets from the dispatcher


class _Record(TypedDict):
    """job.json."""

    id: str
    version: list[int]


def is_at_work() -> bool:
    """Whether a run is being trained on the cluster, according to the run folders; False if no cluster is configured."""
    try:
        return cluster.settings() is not None and any(_is_on_node(run) and _record(run.folder) for run in store.list_all())
    except InputError:  # engine.toml can't be used
        return False


class RayJobs:
    """An `Engine` on the cluster with these settings."""

    is_here = False

    def __init__(self, settings: Settings):
        self._settings = settings
        self._cluster = Cluster(settings)
        self._room: tuple[float, int] = (-_ROOM_EVERY, 0)  # when it was last asked for, and for how many runs there is room
        # by the id of the run
        self._jobs: dict[str, Job] = {}
        self._lost: dict[str, int] = {}  # how many of its jobs were lost before it began
        # by the id of the job, in seconds of the monotonic clock
        self._asked: dict[str, float] = {}  # when Ray was last asked about it
        self._waiting: dict[str, float] = {}  # since when it has waited for a node
        self._stopping: dict[str, float] = {}  # when it was asked to stop, or last asked again
        self._gone: dict[str, float] = {}  # since when its run can't be read

    def take_over(self) -> Sequence[Job]:
        """Find by their records the jobs that are at work, and those that were submitted but have not begun."""
        for run in store.list_all():
            record = _record(run.folder) if run.state in store.WAITING else None
            if record is None:
                continue
            job = Job(run, tuple(record["version"]), record["id"])
            is_waiting = run.state == "queued" and job.version == store.status_version(run)
            if _is_on_node(run) or (is_waiting and self._cluster.job(job.id)):
                self._jobs[run.id] = job
        return list(self._jobs.values())

    def free(self) -> int:
        """The runs that the cluster has room for, minus those it has; 0 while a job has waited long for a node."""
        self._follow()
        now = time.monotonic()
        if now - self._room[0] >= _ROOM_EVERY:
            self._room = now, self._settings.at_once or self._cluster.room()
        if any(now - since > _CROWDED_AFTER for since in self._waiting.values()):
            return 0
        return max(0, self._room[1] - len(self._jobs))

    def _follow(self) -> None:
        """Apply changes to engine.toml: at once if the address is the same, otherwise once the runs on this cluster have ended.

        Raises Unavailable until then, and while the file can't be used.
        """
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
        """Submit the run as a job, under the id in its record if that is up to date, so that Ray refuses a second one.

        Raises Unavailable while an earlier job of the run has not ended.
        """
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
        """Raise Unavailable while an earlier job of the run may still write to its folder."""
        known = self._cluster.job(id)
        if known and not known.has_ended:
            self._give_up(id, run)
            raise Unavailable(f"Run {run.id} begins once its earlier job on the Ray cluster, which was asked to stop, has ended.")
        heartbeat.end(run.folder)

    def _give_up(self, id: str, run: Run) -> None:
        """Have a job end whose run was resumed: its worker does so when it finds its heartbeat file gone; if it doesn't, Ray kills it.

        Not right away: on Ray's SIGTERM, the worker would record the run as stopped.
        """
        heartbeat.end(run.folder)
        now = time.monotonic()
        if now - self._stopping.setdefault(id, now) >= _KILL_AFTER:
            self._cluster.stop(id)

    def state(self, job: Job) -> End | None:
        """From the run folder if that is enough, otherwise from what Ray knows of the job."""
        run = _current(job.run)
        has_begun = store.status_version(job.run) != job.version
        if has_begun:
            self._waiting.pop(job.id, None)
        if run:
            self._gone.pop(job.id, None)
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
        if not has_begun:  # it may be submitted again, under a new id; first of all, as writing fails on a full disk
            _write_record(job.run, job.version)
        for kept in (self._asked, self._waiting, self._stopping, self._gone):
            kept.pop(job.id, None)
        del self._jobs[job.run.id]
        if has_begun:
            self._lost.pop(job.run.id, None)
            return End(known and known.exit_status)
        self._lost[job.run.id] = self._lost.get(job.run.id, 0) + 1
        return _unbegun(known, self._lost[job.run.id])

    def _going_on(self, job: Job, known: Known, run: Run | None, has_begun: bool) -> None:
        """Note that a job has got its node; end it if its run is gone or was resumed."""
        if not known.is_waiting:
            self._waiting.pop(job.id, None)
        now = time.monotonic()
        if run is None and now - self._gone.setdefault(job.id, now) >= _GONE_AFTER:  # deleted or damaged
            self._cluster.stop(job.id)
        elif run and has_begun and run.state == "queued":  # taken for dead, and resumed
            self._give_up(job.id, run)

    def stop(self, job: Job) -> None:
        """Through Ray if the worker has not begun, or has not followed the request in its run folder in time."""
        now, run = time.monotonic(), _current(job.run)
        since = self._stopping.setdefault(job.id, now)
        if now - since >= _BY_ITSELF or run is None or run.state not in store.AT_WORK:
            self._stopping[job.id] = now + _BY_ITSELF  # Ray's SIGKILL follows 3 seconds after its SIGTERM; don't ask again before
            self._cluster.stop(job.id)

    def log(self, job: Job) -> str:
        """What Ray and the shell on the node reported."""
        with suppress(Unavailable):
            known = self._cluster.job(job.id)
            return "\n".join(["Ray:", *([known.sentence] if known else []), self._cluster.log(job.id).strip(), ""])
        return ""

    def pause(self) -> float:
        """Two seconds, as every look reads the folder of each run in training from the shared file system."""
        return 2

    def slots(self) -> int:
        """The room that the cluster had when it was last asked."""
        return self._room[1]


def _unbegun(known: Known | None, tries: int) -> End:
    """The end of a job that never began its run: if it was lost with its node, the run goes on waiting, but only for so many tries."""
    if known is None or (known.is_lost and tries < _TRIES):
        return End(None)
    if known.exit_status is not None:
        return End(known.exit_status)
    if known.status == "STOPPED":
        return End(None, "Somebody stopped its job on the Ray cluster before it began.")
    return End(None, f"The Ray cluster could not begin it: {known.sentence}")


def _entrypoint(run: Run, id: str, settings: Settings) -> str:
    """The command for the node's shell. Ray limits OMP_NUM_THREADS to the job's CPUs; unset, a worker uses all, as on this machine."""
    env = {"CATSDOGS_HOME": str(home.folder()), "CATSDOGS_PIXELS": settings.pixels}
    env |= {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    words = ["env", "-u", "OMP_NUM_THREADS", *(f"{name}={value}" for name, value in env.items())]
    words += [settings.python, "-P", "-u", "-m", "catsdogs", "work", run.id, "--job", id]
    return f"exec {shlex.join(words)} >> {shlex.quote(str(run.log_path))} 2>&1"


def _write_record(run: Run, version: tuple) -> _Record:
    """Give the run's next job an id of its own."""
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


def _is_on_node(run: Run) -> bool:
    return run.state in store.AT_WORK and liveness.is_remote(run.folder)


def _current(run: Run) -> Run | None:
    try:
        return store.load(run.id)
    except InputError:
        return None


def _is_fresh(folder: Path) -> bool:
    age = heartbeat.age(folder)
    return age is not None and age < _DOUBTED_AFTER
