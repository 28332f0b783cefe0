"""The schema of each file of a run: each function returns valid content, and raises `files.Damaged` for anything else.

What is not known here is let through, since a newer version may say more; except for a setting, without which a run can't be repeated.
What the files of a run say of one another is checked in `damage`; the rows of predictions.csv are read by `prediction_rows`, the lines of
history.jsonl by `history_lines`.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.errors import InputError
from catsdogs.settings import Config
from catsdogs.settings import config as configs
from catsdogs.settings.choices import PRECISIONS
from catsdogs.system import files
from catsdogs.system.files import Damaged

_NEWER = "a newer version may have written it"
_LARGEST = 5_000_000  # bytes of neither.json, which has at most 50,000 weights
_MOST = 10**15  # of anything that is counted or timed: what is worked out of it stays a number


def _with_zone(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not 2000 <= moment.year < 2200:  # which can't be sorted, or not be drawn
        raise ValueError("should be a time with its zone, in this century or the next")
    return text


def with_images(matrix):
    """A confusion matrix that counts an image or more. Raises ValueError."""
    if not sum(map(sum, matrix)):
        raise ValueError("should count an image or more")
    return matrix


Moment = Annotated[str, AfterValidator(_with_zone)]
Share = Annotated[float, Field(ge=0, le=1)]
Area = Annotated[float, Field(ge=0, le=1 + 1e-9)]  # a sum, which may be rounded up
NotNegative = Annotated[float, Field(ge=0, le=_MOST)]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Some = Annotated[int, Field(ge=1, le=_MOST)]
Pair = Field(min_length=2, max_length=2)
Matrix = Annotated[list[Annotated[list[Count], Pair]], Pair, AfterValidator(with_images)]
lenient = with_config(ConfigDict(strict=True, extra="allow", allow_inf_nan=False))


@lenient
class Created(TypedDict):
    """config.json, besides the settings, which `Config` checks."""

    created: Moment
    by: NotRequired[str]


@lenient
class Status(TypedDict):
    """status.json."""

    state: Literal["queued", "running", "finished", "stopped", "failed"]
    started: NotRequired[Moment]
    resumed: NotRequired[Moment]
    ended: NotRequired[Moment]
    phase: NotRequired[str]
    message: NotRequired[str]
    activity: NotRequired[str]
    device: NotRequired[str]
    host: NotRequired[str]
    precision: NotRequired[str]
    error: NotRequired[str]
    note: NotRequired[str]
    reason: NotRequired[str]
    epoch: NotRequired[Some]
    epochs: NotRequired[Some]
    done: NotRequired[NotNegative]
    total: NotRequired[Annotated[float, Field(gt=0)]]
    seconds_left: NotRequired[NotNegative]
    seconds_at_work: NotRequired[NotNegative]
    pictures_per_second: NotRequired[NotNegative]


@lenient
class Label(TypedDict):
    """label.json."""

    name: str
    note: str
    is_starred: bool


@lenient
class Counts(TypedDict):
    """How many images each subset has."""

    training: Some
    validation: Some
    test: Some


@lenient
class Subsets(TypedDict):
    """What is equal for runs with the same photographs in a subset."""

    training: str
    validation: str
    test: str


@lenient
class Seen(TypedDict):
    """How many photographs of a subset the runs before were trained on."""

    validation: Count
    test: Count


@lenient
class Origin(TypedDict):
    """The run that this one started from; whether the head is its, too."""

    run: str
    head: Literal["kept", "turned", "new"]
    seen: Seen | None  # not known


@lenient
class Environment(TypedDict):
    """environment.json, as far as anything is read from it."""

    class_names: Annotated[list[str], Pair]
    data_fingerprint: NotRequired[str]
    split: NotRequired[str]
    subsets: NotRequired[Subsets]
    photographs: NotRequired[Counts]
    weights: NotRequired[Count]
    precision: NotRequired[Literal[PRECISIONS]]
    corrections: NotRequired[dict[str, dict]]  # whose paths need not be valid UTF-8, which pydantic asks of texts
    start_from: NotRequired[Origin]


@lenient
class ByClass(TypedDict):
    """How good a model is on each class: all that is read is the matrix that the rest follows from."""

    confusion: Matrix


@lenient
class Score(TypedDict):
    """A subset in evaluation.json."""

    accuracy: Share
    low: Share
    high: Share
    count: Some
    loss: NotNegative
    by_class: NotRequired[ByClass | None]


@lenient
class Evaluation(TypedDict):
    """evaluation.json."""

    training: Score
    validation: Score
    test: Score
    class_names: Annotated[list[str], Pair]
    confusion: NotRequired[Matrix]  # by earlier versions, in place of the one in `test`
    auc: Area


# `from` is a word of Python's
SecondLook = lenient(TypedDict("SecondLook", {"from": float, "limit": float}))


@lenient
class Neither(TypedDict):
    """neither.json: what `networks.neither.attach` and `data.second_look` need."""

    weights: Annotated[list[float], Field(min_length=1, max_length=50_000)]
    limit: float
    turned_away: Share
    second_look: NotRequired[SecondLook]  # not by earlier versions


@lenient
class Temperature(TypedDict):
    """temperature.json."""

    value: Annotated[float, Field(gt=0)]
    photographs: Some
    before: NotRequired[Share | None]
    after: NotRequired[Share | None]
    note: NotRequired[str]


def config(path: Path) -> tuple[datetime, str, Config]:
    """When the run was created, by whom, if that is known, and its settings."""
    content = files.read_json(path, Created)
    created = datetime.fromisoformat(content.pop("created"))
    by = content.pop("by", "")
    unknown = [name for name in content if name not in configs.LIMITS]
    if unknown:
        raise Damaged(path, f"has the setting {unknown[0][:100]!r}, which this version does not know; {_NEWER}")
    try:
        return created, by, configs.from_json(content)
    except InputError as error:
        raise Damaged(path, f"can't be used ({str(error).rstrip('.')[:400]}); {_NEWER}") from None
    except RecursionError:
        raise Damaged(path, "is nested too deeply") from None


def status(path: Path) -> tuple[str, dict]:
    """The state, and everything else."""
    content = files.read_json(path, Status)
    return content.pop("state"), content


@lru_cache(maxsize=10_000)
def environment(path: Path, version: tuple) -> dict:
    """Not to be changed; it stays in memory as long as the `files.version` is the same."""
    return _read(path, Environment)


@lru_cache(maxsize=10_000)
def evaluation(path: Path, version: tuple) -> dict:
    """Not to be changed; it stays in memory as long as the `files.version` is the same."""
    content = _read(path, Evaluation)
    if "confusion" not in (content["test"].get("by_class") or content):
        raise Damaged(path, "lacks test.by_class")
    return content


@lru_cache(maxsize=10_000)
def temperature(path: Path, version: tuple) -> dict:
    """Not to be changed; it stays in memory as long as the `files.version` is the same."""
    return files.read_json(path, Temperature)


def neither(path: Path) -> dict:
    """What tells what is neither of the classes."""
    if path.stat().st_size > _LARGEST:
        raise Damaged(path, f"is larger than {_LARGEST // 10**6} MB")
    return _read(path, Neither)


def _read(path: Path, shape: type) -> dict:
    """As it was written, with its entries in their order."""
    content = files.read_json(path)
    files.check(path, content, shape)
    return content
