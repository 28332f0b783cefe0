"""The Ray cluster that `engine.toml` in the home folder names, if any, by the REST API of its head node: nothing of Ray is needed here.

docs/deployment.md describes the file and the cluster. The token is a secret, and so in no message.
"""

import string
import time
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass as checked

from catsdogs.errors import InputError
from catsdogs.queue.engine import FILE, Unavailable
from catsdogs.system import files, home
from catsdogs.system.words import counted

_TIMEOUT = 10  # seconds without a sign
_AGAIN = 5  # seconds after a failure, in which it is not asked
_LOST = ("JOB_SUPERVISOR_ACTOR_DIED", "JOB_SUPERVISOR_ACTOR_START_TIMEOUT", "JOB_SUPERVISOR_ACTOR_START_FAILURE")
_ALLOWED = {
    "address": "where the head node's dashboard is, as in http://head:8265",
    "token": "the cluster's RAY_AUTH_TOKEN: letters, digits and punctuation",
    "cpus": "a whole number from 1",
    "gpus": "a number from 0 to 1: a run trains on one GPU at most",
    "at_once": "a whole number from 1",
    "python": "how Python is started on the nodes",
    "pixels": "a folder of each node's own, as an absolute path",
}


def _address(given: str) -> str:
    parts = urlsplit(given)
    is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or not is_bare:
        raise ValueError("is not an address")
    return given.rstrip("/")


def _token(given: str) -> str:
    if not given or not set(given) <= {*string.ascii_letters, *string.digits, *string.punctuation}:
        raise ValueError("can't be sent")
    return given


def _absolute(given: str) -> str:
    if not Path(given).is_absolute() or not given.isprintable():
        raise ValueError("is not an absolute path")
    return given


@checked(frozen=True, kw_only=True, config=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False))
class Settings:
    """The section [ray] of the file."""

    address: Annotated[str, AfterValidator(_address)]
    token: Annotated[str, AfterValidator(_token)] | None = None  # none: a cluster that asks for none
    cpus: Annotated[int, Field(ge=1)] = 1  # of a run; without any, Ray would start every job at once, on the head node
    gpus: Annotated[float, Field(ge=0, le=1)] = 0.0  # of a run; several share one where it is less than 1
    at_once: Annotated[int, Field(ge=1)] | None = None  # runs; none: as many as the nodes that are there have room for
    python: Annotated[str, Field(min_length=1)] = "python"
    pixels: Annotated[str, AfterValidator(_absolute)] = "/var/tmp/catsdogs-pixels"

    @property
    def share(self) -> str:
        """What a run gets of a node, in words."""
        return counted(self.cpus, "CPU") + (f" and {self.gpus:g} GPU" if self.gpus else "")


@dataclass(frozen=True)
class Known:
    """What Ray says of a job: its status, the exit status of its process, if that is known, the kind of error, and a message for people."""

    status: str
    exit_status: int | None
    error: str
    message: str

    @property
    def sentence(self) -> str:
        """The first line of the message."""
        return next(iter(self.message.strip().splitlines()), "")

    @property
    def is_lost(self) -> bool:
        """Whether it ended with its node, or found none in time."""
        return self.error in _LOST

    @property
    def is_waiting(self) -> bool:
        """Whether it has been given no node yet."""
        return self.status == "PENDING"

    @property
    def has_ended(self) -> bool:
        """For good: a job is not tried again."""
        return self.status in ("STOPPED", "SUCCEEDED", "FAILED")


def settings() -> Settings | None:
    """The cluster, or None where this machine trains. Raises InputError for a file that can't be used."""
    path = home.folder() / FILE
    version = files.version(path)
    return None if version is None else _read(path, version)


@lru_cache(maxsize=8)
def _read(path: Path, version: tuple) -> Settings:
    try:
        given = tomllib.loads(files.read(path).decode())
    except files.Damaged as found:
        raise InputError(f"{FILE} {found.reason}.") from None
    except ValueError as error:  # neither UTF-8 nor TOML
        raise InputError(f"{FILE} can't be read: {error}.") from None
    unknown = [name for name in given if name != "ray"]
    if unknown or not isinstance(given.get("ray", {}), dict):
        raise InputError(f"{FILE} has {(unknown or ['ray'])[0]!r}; only the section [ray] is allowed.")
    if "ray" not in given:  # or not yet: it may just be being written
        raise InputError(f"{FILE} lacks the section [ray]. Fill it in, or delete the file to train on this machine.")
    try:
        return Settings(**given["ray"])
    except ValidationError as found:
        raise InputError(_said(found)) from None


def _said(found: ValidationError) -> str:
    """File, key, what was given, and what is allowed."""
    first = found.errors(include_url=False)[0]
    key = str(first["loc"][0])
    if key not in _ALLOWED:
        return f"{FILE} has {key!r} in [ray]; allowed are {', '.join(_ALLOWED)}."
    if first["type"] == "missing":
        return f"{FILE} lacks {key} in [ray]; it must be {_ALLOWED[key]}."
    given = "a token that is none" if key == "token" else f"{key} = {first['input']!r}"
    return f"{FILE} has {given} in [ray]; it must be {_ALLOWED[key]}."


class Cluster:
    """What is asked of it. Every method raises Unavailable, at once for a while where it has just failed."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._failed: tuple[float, str] | None = None  # when, and why

    def room(self) -> int:
        """For how many runs it has processors and GPUs, whoever uses them now. Raises Unavailable where there is none for a single one."""
        status, found = self._ask("GET", "/api/v0/nodes?limit=10000&filter_keys=state&filter_predicates=%3D&filter_values=ALIVE")
        try:
            nodes = [node["resources_total"] for node in found["data"]["result"]["result"] if node["state"] == "ALIVE"]
            room = sum(map(self._room_on, nodes))
        except (AttributeError, TypeError, KeyError):
            raise self._failure(_strange(status, found)) from None
        if not room:
            raise self._failure(f"has no node with {self._settings.share}, which {FILE} gives each run")
        return room

    def _room_on(self, has: dict[str, float]) -> int:
        wanted = {"CPU": self._settings.cpus, "GPU": self._settings.gpus}
        return min(int(has.get(name, 0) / count + 1e-9) for name, count in wanted.items() if count)

    def submit(self, id: str, entrypoint: str) -> None:
        """Start a job of that id; nothing where there is one already, as after an answer that got lost."""
        content = {"submission_id": id, "entrypoint": entrypoint, "entrypoint_num_cpus": self._settings.cpus}
        if self._settings.gpus:
            content["entrypoint_num_gpus"] = self._settings.gpus
        status, found = self._ask("POST", "/api/jobs/", content)
        if status >= 400 and not (isinstance(found, str) and "already exists" in found):
            raise self._failure(_strange(status, found))

    def job(self, id: str) -> Known | None:
        """The job of that id; None where the cluster knows none, as after its restart."""
        status, found = self._ask("GET", f"/api/jobs/{quote(id)}")
        if status == 404:
            return None
        if not isinstance(found, dict) or not isinstance(found.get("status"), str):
            raise self._failure(_strange(status, found))
        code = found.get("driver_exit_code")
        said = (str(found.get(name) or "") for name in ("error_type", "message"))
        return Known(found["status"], code if isinstance(code, int) else None, *said)

    def stop(self, id: str) -> None:
        """SIGTERM, and SIGKILL 3 seconds later. Nothing happens where it has ended."""
        self._ask("POST", f"/api/jobs/{quote(id)}/stop")

    def log(self, id: str) -> str:
        """What Ray and the shell wrote before the worker's own log was opened; empty where there is nothing."""
        found = self._ask("GET", f"/api/jobs/{quote(id)}/logs")[1]
        return str(found.get("logs") or "") if isinstance(found, dict) else ""

    def _ask(self, method: str, path: str, content: dict | None = None) -> tuple[int, object]:
        """The answer's status and content: JSON, or text where it says what is wrong."""
        import requests  # takes 0.1 s

        if self._failed and time.monotonic() - self._failed[0] < _AGAIN:
            raise Unavailable(self._failed[1])
        options = {"json": content, "timeout": _TIMEOUT, "allow_redirects": False, "auth": self._sign}
        try:
            answer = requests.request(method, self._settings.address + path, **options)
        except requests.Timeout:
            raise self._failure(f"has not answered within {_TIMEOUT} seconds") from None
        except (requests.RequestException, ValueError):  # the latter of a name that no host can have
            raise self._failure("can't be reached") from None
        if answer.status_code in (401, 403):
            raise self._failure(_refused(answer.status_code, self._settings.token is not None))
        if 300 <= answer.status_code < 400:
            raise self._failure(f"answers {answer.status_code}, a redirect, and these are not followed")
        if answer.status_code >= 400:
            return answer.status_code, answer.text
        try:
            return answer.status_code, answer.json()
        except ValueError:
            raise self._failure(_strange(answer.status_code)) from None

    def _sign(self, request):
        """The token goes into the header; by this way, no ~/.netrc takes its place."""
        if self._settings.token is not None:
            request.headers["Authorization"] = f"Bearer {self._settings.token}"
        return request

    def _failure(self, why: str) -> Unavailable:
        text = f"The Ray cluster at {self._settings.address} {why}. Runs wait, and it is asked again every few seconds."
        self._failed = time.monotonic(), text
        return Unavailable(text)


def _refused(status: int, has_token: bool) -> str:
    if has_token:
        return f"refuses the token in {FILE} (it answers {status})"
    return f"asks for a token (it answers {status}), and {FILE} has none"


def _strange(status: int, found: object = None) -> str:
    lines = found.strip().splitlines() if isinstance(found, str) else []
    return f"answers {status} with something that Ray does not say{f': {lines[-1][:200]}' if lines else ''}"
