"""The history of a run -> its learning curves: per epoch or per minute, smoothed, thinned, averaged; where overfitting began.

A history is read once as long as it does not grow. Drawing is up to `figures`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from catsdogs.runs import Run, history, store

MEASURES = ("accuracy", "loss")
_RISE, _SIGMAS = 0.05, 3  # of the lowest loss, and of the noise: less is no rise
_GRID = 200  # points of a mean over minutes, where the runs have no common points


@dataclass(frozen=True)
class Curve:
    """One run, epoch by epoch: arrays of shape (epochs,). `epochs` counts from 1, `minutes` is the time of training until its end.

    `training` and `validation` hold an array for each of MEASURES; NaN where the loss was no number.
    """

    epochs: np.ndarray
    minutes: np.ndarray
    training: dict[str, np.ndarray]
    validation: dict[str, np.ndarray]

    def along(self, axis: str) -> np.ndarray:
        """The values of the x axis, "epoch" or "minute"."""
        return self.epochs if axis == "epoch" else self.minutes


@dataclass(frozen=True)
class Band:
    """The mean of several curves of one measure with the lowest and the highest of them at each x; all of the same shape."""

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def load(run: Run) -> Curve:
    """The run's curve so far. Not to be changed: it is shared."""
    return _load(run.id, history.version(run))


@lru_cache(maxsize=1000)
def _load(id: str, version: tuple | None) -> Curve:
    epochs = history.load(store.load(id))

    def column(name: str) -> np.ndarray:
        return np.array([np.nan if epoch[name] is None else epoch[name] for epoch in epochs], dtype=float)

    return Curve(
        epochs=column("epoch"),
        minutes=np.cumsum(column("seconds")) / 60,
        training={measure: column(measure) for measure in MEASURES},
        validation={measure: column(f"val_{measure}") for measure in MEASURES},
    )


def overfitting_from(curve: Curve) -> int | None:
    """The epoch of the lowest validation loss, counted from 1, where the training loss went on falling and the validation loss rose.

    Some epoch is always the lowest, even if the loss only wavers. It rose where the mean of the last half of the epochs after that one is
    higher by more than 5% and by three times the noise from epoch to epoch. None elsewhere, where both losses rose, or where the
    validation loss ended no higher than the training loss, which is not overfitting.
    """
    training, validation = curve.training["loss"], curve.validation["loss"]
    known = validation[~np.isnan(validation)]
    after = known[known.argmin() + 1 :] if len(known) else known
    if not len(after) or not after[len(after) // 2 :].mean() - known.min() > max(_RISE * known.min(), _SIGMAS * _noise(known)):
        return None
    best = int(np.nanargmin(validation))
    if not np.nanmin(training[best + 1 :], initial=np.inf) < training[best]:
        return None
    return int(curve.epochs[best]) if known[-1] > training[~np.isnan(training)][-1] else None


def _noise(losses: np.ndarray) -> float:
    """The standard deviation of a loss about its curve, by how far each is from the middle of its neighbours; infinite for fewer than 3."""
    # 0.6745: half of all normal values are within so many standard deviations; a second difference varies 6 times as much as a value
    return float(np.median(np.abs(np.diff(losses, 2))) / (0.6745 * 6**0.5)) if len(losses) > 2 else np.inf


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average with the weight of what came before, 0 (off) to below 1, corrected for its start. NaN stays NaN."""
    if weight == 0:
        return values
    series = pd.Series(values)
    return series.ewm(alpha=1 - weight, ignore_na=True).mean().where(series.notna()).to_numpy()


def thin(x: np.ndarray, y: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` points that look the same: the lowest and the highest of each stretch of the curve, and both ends."""
    if len(x) <= most:
        return x, y
    count = max(1, (most - 2) // 2)
    width = -(-(len(x) - 2) // count)
    places = np.minimum(1 + np.arange(count * width), len(x) - 2).reshape(count, width)  # the last stretch repeats its end
    filled = np.nan_to_num(y, nan=np.nanmean(y)) if np.isnan(y).any() else y
    extremes = [pick(filled[places], axis=1) for pick in (np.argmin, np.argmax)]
    inner = [np.take_along_axis(places, found[:, None], axis=1)[:, 0] for found in extremes]
    kept = np.unique(np.concatenate([[0, len(x) - 1], *inner]))
    return x[kept], y[kept]


def band(several: Sequence[Curve], measure: str, subset: str, axis: str, weight: float = 0.0) -> Band:
    """Mean, lowest and highest of "training" or "validation", as far along the axis as all the curves reach."""
    values = [smooth(getattr(curve, subset)[measure], weight) for curve in several]
    if axis == "epoch":
        length = min(map(len, values))
        x, stacked = several[0].epochs[:length], np.stack([one[:length] for one in values])
    else:
        start, end = max(curve.minutes[0] for curve in several), min(curve.minutes[-1] for curve in several)
        x = np.linspace(start, end, _GRID if start <= end else 0)  # one may end before another's first epoch has
        stacked = np.stack([np.interp(x, curve.minutes, one) for curve, one in zip(several, values, strict=True)])
    return Band(x, stacked.mean(axis=0), stacked.min(axis=0), stacked.max(axis=0))
