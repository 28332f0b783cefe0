"""How good a run is on the photographs of any data set that it did not learn from; kept with the run, a file for each data set.

`inference.measuring` measures. Which run is the better one is up to `ranking`. The files are called measured-<fingerprint>.json; those of
the bundled run, whose folder belongs to the application, are in the home folder.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, TypeAdapter

from catsdogs.analysis import classwise, summaries
from catsdogs.errors import InputError
from catsdogs.runs import Run, shapes, store
from catsdogs.runs.predictions import Prediction
from catsdogs.system import files, home, lists, paths, shortage
from catsdogs.system.files import Damaged

UNREADABLE = "can't be read"  # why photographs are left out, beside how the model learned from them, as `learned` has it


@dataclass(frozen=True)
class Measurement:
    """What the model of `epoch` answered on the `photographs` of the folder `data`, and how good that is.

    `left_out` counts the others by the reason. Where `is_overlap_known` is False, what the model learned from is not known here, and some
    of the photographs may be among it. `low` to `high` is the 95% confidence interval of the accuracy (Wilson); `confusion` and `auc` are
    as in `evaluation.Evaluation`; `measured` is a time in UTC.
    """

    data: str
    fingerprint: str
    is_drawn: bool
    measured: shapes.Moment
    epoch: int | None
    class_names: tuple[str, str]
    accuracy: shapes.Share
    low: shapes.Share
    high: shapes.Share
    confusion: Annotated[tuple[tuple[shapes.Count, shapes.Count], tuple[shapes.Count, shapes.Count]], AfterValidator(shapes.with_images)]
    auc: shapes.Area
    left_out: dict[str, int]
    is_overlap_known: bool
    photographs: tuple[Prediction, ...]

    @property
    def caution(self) -> str:
        """As `evaluation.Evaluation.caution`: where always answering the larger class may be as good."""
        return classwise.caution(classwise.read(self.confusion), self.low, self.high, self.class_names)

    @property
    def omission(self) -> str:
        """How many photographs were left out, and why, in words."""
        count = sum(self.left_out.values())
        reasons = ", ".join(f"{part:,} {reason}" for reason, part in sorted(self.left_out.items(), key=lambda item: -item[1]))
        unknown = "" if self.is_overlap_known else "; what it learned from is not known here"
        return (f"{count:,} ({reasons})" if count else "none") + unknown


def save(run: Run, measurement: Measurement) -> None:
    """Keep it with the run, in place of an earlier one on the same data set. Raises InputError if the run is gone."""
    by_class = {name: {} for name in measurement.class_names}
    for path, label, probability in measurement.photographs:
        by_class[measurement.class_names[label]][path] = probability
    folder = home.subfolder(store.SHIPPED) if run.id == store.SHIPPED else run.folder
    content = {**asdict(measurement), "photographs": by_class}
    try:
        with shortage.explained(folder, "the measurement"):
            files.replace_json(folder / f"measured-{measurement.fingerprint}.json", content)
    except FileNotFoundError:
        raise InputError(f"Run {run.id} was deleted while it was measured.") from None


def load(run: Run) -> tuple[Measurement, ...]:
    """Those of the run's present model, the latest first."""
    folders = (run.folder, home.subfolder(store.SHIPPED)) if run.id == store.SHIPPED else (run.folder,)
    paths = {path.name: path for folder in folders for path in folder.glob("measured-*.json")}
    if not paths:
        return ()
    epoch = summaries.make(run)["best_epoch"]
    found = [_load(path, files.version(path)) for path in paths.values()]
    return tuple(sorted((one for one in found if one and one.epoch == epoch), key=lambda one: one.measured, reverse=True))


def find(run: Run, fingerprint: str) -> Measurement | None:
    """That of the run's present model on the data set of that fingerprint."""
    return next((one for one in load(run) if one.fingerprint == fingerprint), None)


@lru_cache(maxsize=200)
def _load(path: Path, version: tuple | None) -> Measurement | None:
    """None where it can't be read and was set aside: the run is no worse without it, and it can be measured again."""
    with suppress(Damaged):  # which the folder of the application may not let anyone set aside
        return lists.read_by(path, partial(_read, path), None, home.folder() / "measurements.lock")


def _read(path: Path) -> Measurement:
    content = files.read_json(path)
    names_of_files = {"data": "", "photographs": ()}  # need not be valid UTF-8, which pydantic asks for
    try:
        checked = _ADAPTER.validate_python({**content, **names_of_files})
        photographs = tuple(
            Prediction(photograph, label, float(probability))
            for label, name in enumerate(checked.class_names)
            for photograph, probability in content["photographs"][name].items()
        )
        if not photographs or not all(0 <= one.probability <= 1 and not paths.leads_out(one.path) for one in photographs):
            raise ValueError
        return replace(checked, data=str(content["data"]), photographs=photographs)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        raise Damaged(path, "is not a measurement") from None


_ADAPTER = TypeAdapter(Measurement)
