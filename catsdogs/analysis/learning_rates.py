"""A learning-rate range test: its curve, smoothed, and the learning rate that it suggests. Who makes the test: `training.range_test`."""

from dataclasses import asdict, dataclass

import numpy as np

from catsdogs.settings.config import LIMITS

_MARGIN = 0.05  # of the first loss: so far above its lowest, the loss still counts as low
_SIGMAS = 4  # of the noise: less is no rise
_FELL, _FELL_SIGMAS = 0.1, 3  # of the loss at the start, and of the noise: less than this is no sign of learning
_START = 3  # times the lowest rate: up to there, next to nothing is learned
_BELOW = 3  # the suggestion is the highest rate with a low loss divided by this
_WIDTH = 0.12  # decades: the standard deviation of the weights that a loss is averaged with its neighbours by


@dataclass(frozen=True)
class RangeTest:
    """`losses` by the learning rate of their batch, `rates`, ascending; in batches of `batch_size` out of `photographs` to train on.

    `has_diverged`: at the next rate, the loss was infinite or not a number.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    photographs: int
    batch_size: int
    has_diverged: bool = False


@dataclass(frozen=True)
class Suggestion:
    """The learning rate `rate`, taken from `highest`, the highest one with a low loss; `why` says how, in words."""

    rate: float
    highest: float
    why: str


def suggest(test: RangeTest) -> Suggestion:
    """A third of the highest rate up to which the smoothed loss stays within 5% of the first loss of its lowest, or within its noise.

    Smith (2017) takes the rates up to where the loss stops falling and becomes ragged, and begins his cycles at a third or a quarter of
    that, as the best rate is mostly within a factor of two of the highest that converges. That the loss comes down again at still higher
    rates doesn't count: the network is broken by then and gives every photograph one answer.
    """
    losses = smooth(test)
    first, lowest, noise = losses[0], np.minimum.accumulate(losses), _noise(test)
    risen = np.flatnonzero(losses > lowest + max(_MARGIN * first, _SIGMAS * noise))
    last = max(int(risen[0]) - 1, 0) if risen.size else len(losses) - 1
    highest = test.rates[last]
    why = f"{_edge(test, highest, bool(risen.size))}; the suggestion is a third of that."
    start = np.mean(test.losses[: np.searchsorted(test.rates, _START * test.rates[0])])
    if start - lowest[last] < max(_FELL * start, _FELL_SIGMAS * noise):
        is_calm = _FELL_SIGMAS * noise < _FELL * start
        fell = "hardly fell at any rate" if is_calm else "fell by less than it varies from one to the next"
        why += f" In so few batches, the loss {fell}, so the test only shows which rates are too high."
    return Suggestion(_rounded(highest / _BELOW), highest, why)


def _edge(test: RangeTest, highest: float, rises: bool) -> str:
    if rises:
        return f"Above {highest:.2g}, the loss rises"
    if test.has_diverged:
        return f"Above {highest:.2g}, the loss is infinite or not a number"
    return f"Up to {highest:.2g}, the highest rate tried, the loss did not rise"


def to_json(test: RangeTest) -> dict:
    """Plain data for JSON: the test, its smoothed losses and what it suggests."""
    return {**asdict(test), "smoothed": smooth(test).tolist(), "suggestion": asdict(suggest(test))}


def from_json(content: dict) -> RangeTest:
    """The test in what `to_json` gave."""
    curve = tuple(content["rates"]), tuple(content["losses"])
    return RangeTest(*curve, content["photographs"], content["batch_size"], content.get("has_diverged", False))


def _weights(test: RangeTest) -> np.ndarray:
    """Row by row, the weights of all losses in a smoothed one."""
    place = np.log10(test.rates)
    weights = np.exp(-(((place[:, None] - place[None, :]) / _WIDTH) ** 2) / 2)
    return weights / weights.sum(axis=1, keepdims=True)


def _noise(test: RangeTest) -> float:
    """The standard deviation of a smoothed loss, by how far neighbouring losses differ at the lower half of the rates, where it is calm."""
    calm = np.array(test.losses)[: max(2, len(test.losses) // 2)]
    of_one = np.median(np.abs(np.diff(calm))) / (0.6745 * np.sqrt(2))  # 0.6745 standard deviations hold half of all normal values
    return float(of_one * np.sqrt(np.square(_weights(test)).sum(axis=1).max()))


def _rounded(rate: float) -> float:
    """To two digits, and within what a setting may be."""
    limits = LIMITS["learning_rate"]
    return min(max(float(f"{rate:.1e}"), limits.low), limits.high)


def smooth(test: RangeTest) -> np.ndarray:
    """The losses, each averaged with those at neighbouring rates."""
    return _weights(test) @ np.array(test.losses)
