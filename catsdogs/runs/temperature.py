"""The temperature of a run, which makes its probabilities mean what they say: temperature.json.

How it is fitted and applied is in `analysis.calibration`. Everything else that is stored of a run is as its network said it, without the
temperature: its evaluation, its predictions, its measurements.
"""

from dataclasses import asdict, dataclass

from catsdogs.runs import shapes
from catsdogs.runs.store import Run
from catsdogs.system import files

NAME = "temperature.json"


@dataclass(frozen=True)
class Temperature:
    """`value` divides the log-odds of each answer; 1 changes nothing, less makes every answer more sure, more makes it less sure.

    It was fitted on that many `photographs`, all of validation, whose expected calibration error was `before` and is `after`; none where
    the run was stored before temperatures were. `note` says why the value is not what the fit alone would have been, if it isn't.
    """

    value: float = 1.0
    photographs: int = 0
    before: float | None = None
    after: float | None = None
    note: str = ""


def save(run: Run, temperature: Temperature) -> None:
    """Store it. For the run's worker, and for who calibrates an ended run."""
    files.replace_json(run.folder / NAME, asdict(temperature))


def load(run: Run) -> Temperature:
    """What was stored; 1 where nothing was."""
    path = run.folder / NAME
    version = files.version(path)
    if version is None:
        return Temperature()
    content = shapes.temperature(path, version)
    return Temperature(content["value"], content["photographs"], content.get("before"), content.get("after"), content.get("note", ""))
