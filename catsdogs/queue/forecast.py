"""How long a run will take and when the waiting ones start, estimated from the most similar stored run. Only histories are read.

The seconds per epoch are the median of that run's, each divided by its relative cost (pixels, and how much is trained), times the costs
of the epochs to come. What that run took before and after its epochs (Keras, decoding, evaluation) is added. An estimate is not a
promise: other work on the machine slows a run down.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapreplace
from math import inf, log

from catsdogs.runs import Run, history, times
from catsdogs.settings import Config, costs, differences

ROUGH = "Only a rough estimate: augmentation takes time, and the similar runs so far differ in whether it is on."  # of an estimate that is
_FREE = (
    "preset",
    "data",
    "seed",
    "target_size",
    "batch_size",
    "epochs",
    "learning_rate",
    "fine_tuning_rate",
    "weights",
    "momentum",
    "early_stopping",
    "rescale",
)


@dataclass(frozen=True)
class Estimate:
    """`seconds` until the end of the last epoch and the evaluation, `seconds_an_epoch`, and the run that both are estimated from.

    With early stopping a run may end sooner. `is_scaled`: that run has another image size; `is_rough`: it was augmented and this one is
    not, or the other way round.
    """

    seconds: float
    seconds_an_epoch: float
    like: Run
    is_scaled: bool
    is_rough: bool = False


@dataclass(frozen=True)
class Turn:
    """When a waiting run starts: in `seconds`, None if unknown, after the end of the run `after`.

    `after` is None where a device is free (`seconds` is 0), and where it isn't known which of several will be free first.
    """

    run: Run
    after: Run | None
    seconds: float | None


def duration(config: Config, stored: Sequence[Run], epochs_done: int = 0) -> Estimate | None:
    """How long a run with these settings takes from its start, without the epochs that are done; None where no run is similar.

    Similar runs have the same data and model. One with augmentation on or off as here comes first, then the one nearest in image size,
    then in batch size, then in the other settings, then the newest. Only the history of the nearest is read.
    """
    alike = [run for run in stored if (run.config.data, run.config.model) == (config.data, config.model)]
    for run in sorted(alike, key=lambda run: (*_distance(run.config, config), -run.created.timestamp())):
        if epochs := history.load(run):
            break
    else:
        return None
    seconds = [epoch["seconds"] for epoch in epochs]
    rate = statistics.median(each / cost for each, cost in zip(seconds, costs.per_epoch(run.config), strict=False))
    expected = costs.per_epoch(config)
    whole = _around(run, sum(seconds)) + rate * sum(expected[epochs_done:])
    is_rough = config.is_augmented != run.config.is_augmented
    return Estimate(whole, rate * expected[-1], run, config.target_size != run.config.target_size, is_rough)


def left(run: Run, stored: Sequence[Run]) -> float | None:
    """Seconds until a waiting or running run ends, from when it has its device; None where no run is similar, or it hangs."""
    if run.status.get("phase") == "evaluating":
        return 0.0
    if run.state == "hung":
        return None
    if run.state == "running" and "seconds_left" in run.status:
        return float(run.status["seconds_left"])
    found = duration(run.config, stored, history.epochs_done(run))
    return found and found.seconds


def turns(running: Sequence[tuple[Run, float | None]], waiting: Sequence[tuple[Run, float | None]], slots: int) -> list[Turn]:
    """The turn of each waiting run, in the order of `waiting`, with `slots` runs at a time.

    Each run comes with its seconds, as `left` gives them.
    """
    ends = [(inf if seconds is None else seconds, run) for run, seconds in running]
    devices: list[tuple[float, Run | None]] = [*ends, *[(0.0, None)] * (slots - len(ends))]
    found = []
    for run, seconds in waiting:
        start, after = min(devices, key=lambda device: device[0])
        devices.remove((start, after))
        devices.append((inf if seconds is None else start + seconds, run))
        found.append(Turn(run, None, None) if start == inf and slots > 1 else Turn(run, after, None if start == inf else start))
    return found


def together(each: Sequence[float], slots: int) -> float:
    """Seconds until runs of these durations have all ended, where nothing else waits, with `slots` at a time."""
    free = [0.0] * slots
    for seconds in each:
        heapreplace(free, free[0] + seconds)
    return max(free)


def _distance(one: Config, other: Config) -> tuple[bool, float, float, int]:
    size, batch = (abs(log(getattr(one, name) / getattr(other, name))) for name in ("target_size", "batch_size"))
    return one.is_augmented != other.is_augmented, size, batch, len(set(differences.among([one, other])) - set(_FREE))


def _around(run: Run, in_epochs: float) -> float:
    """Seconds that a finished run took besides its epochs; 0 where it was resumed, so that they are unknown."""
    known = run.state == "finished" and "resumed" not in run.status and times.at_work(run)
    return max(0.0, known - in_epochs) if known else 0.0
