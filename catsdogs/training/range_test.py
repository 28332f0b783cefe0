"""The learning-rate range test: a fresh network learns batch by batch while the learning rate grows.

Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks (2017), section 3.3; here the rate grows by equal factors.
It sees training photographs only, and keeps nothing of the network. What the curve says is up to `analysis.learning_rates`.
"""

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial

import keras
import numpy as np

from catsdogs.analysis.learning_rates import RangeTest
from catsdogs.data import images, pixels, split
from catsdogs.data.batches import Batches
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.networks import download, pretrained
from catsdogs.settings import Config, stages
from catsdogs.settings.choices import DEFAULT_RATES
from catsdogs.settings.config import LIMITS, change
from catsdogs.system import devices, threads
from catsdogs.training import balancing, fitting, precision

PHOTOGRAPHS = 2000  # to learn from; with more, decoding alone could take a minute
_DECODING = 12.0  # seconds, where the photographs have not been decoded for a training before
_LEARNING = 28.0  # seconds for all batches, where that is enough for the fewest
_FEWEST, _MOST = 40, 300  # batches: with fewer, the curve is too coarse
_WARM_UP = 2  # batches at the lowest rate, which change next to nothing: the first takes as long as compiling does
_AROUND = 100  # the optimizer's default is divided by this for the lowest rate, multiplied for the highest
_LOOK_BACK = 0.8  # of the loss so far, in the average that tells when to end
_LEARNS = "Learning at growing rates, in percent"
_DIVERGED = 4  # times the lowest loss

Say = Callable[[str, float, float], None]  # what is being done, how much of it, of how much


def run(config: Config, listing: Listing, say: Say) -> RangeTest:
    """Test the network and optimizer of that configuration at the size of its first epoch. `say` may raise to stop.

    It takes less than a minute where 40 batches take half of one. Raises InputError where data or settings can't be used.
    """
    config = change(config, learning_rate=None, schedule="constant", ema_momentum=0.0, data_pruning=0.0)
    members = split.make(listing, config).training
    if pretrained.file(config):
        download.fetch(config, lambda done, total: say(f"Downloading the weights of {config.model}, in MB", done, total))
    first = _sample(config, listing, members, say)
    say("Preparing the network", 0, 1)
    device = devices.in_use()
    dtype, _ = precision.choose(config.precision, device)
    keras.utils.set_random_seed(config.seed)
    return _learn(fitting.fresh(config, first, dtype, device), first, rates_of(config), say)


def rates_of(config: Config) -> tuple[float, float]:
    """The lowest and the highest learning rate that are tried."""
    default, allowed = DEFAULT_RATES[config.optimizer], LIMITS["learning_rate"]
    return max(default / _AROUND, allowed.low), min(default * _AROUND, allowed.high)


def _sample(config: Config, listing: Listing, members: tuple[int, ...], say: Say) -> Batches:
    """Batches of up to PHOTOGRAPHS training photographs, drawn by the seed; whole batches only."""
    chosen = np.random.default_rng(config.seed).permutation(members)[: max(PHOTOGRAPHS, config.batch_size)]
    size = stages.plan(config)[0].size
    how = {"target_size": size, "interpolation": config.interpolation, "proportions": config.proportions}
    if not pixels.missing(listing, **how):
        stored = pixels.load(listing, **how)
    else:
        stored, chosen = _decode(listing, chosen, config.batch_size, how, say)
        listing, chosen = replace(listing, photos=tuple(listing.photos[index] for index in chosen)), np.arange(len(chosen))
    kept = len(chosen) - len(chosen) % config.batch_size
    batches = Batches(stored, listing, tuple(map(int, chosen[:kept])), config.batch_size, shuffle=True, seed=config.seed)
    batches.image_weights = balancing.image_weights(config, batches.classes)
    return batches


def _decode(listing: Listing, chosen: np.ndarray, fewest: int, how: dict, say: Say) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of as many of these as the time allows, but at least `fewest`; and which these are."""
    decode, decoded, start = partial(pixels.decode_one, listing, partial(images.load, **how)), [], time.monotonic()
    with closing(threads.in_order(decode, chosen)) as found:
        for image in found:
            decoded.append(image)
            say("Decoding photographs", len(decoded), len(chosen))
            if len(decoded) >= fewest and time.monotonic() - start > _DECODING:
                break
    return np.stack(decoded), chosen[: len(decoded)]


def _learn(model: keras.Model, first: Batches, ends: tuple[float, float], say: Say) -> RangeTest:
    """Losses by rate, until the loss explodes or the highest rate is reached."""
    low, high = ends
    for _ in range(_WARM_UP):
        _step(model, next(first), low)
    deadline = time.monotonic() + _LEARNING
    rates, losses, average, lowest, rate = [], [], 0.0, math.inf, low
    while len(rates) < _MOST:
        say(_LEARNS, round(100 * math.log(rate / low, high / low)), 100)
        start = time.monotonic()
        loss = _step(model, next(first), rate)
        if not math.isfinite(loss):
            break
        rates.append(rate)
        losses.append(loss)
        average = _LOOK_BACK * average + (1 - _LOOK_BACK) * loss
        level = average / (1 - _LOOK_BACK ** len(losses))
        lowest = min(lowest, level)
        if rate >= high or level > max(_DIVERGED * lowest, losses[0]):
            break
        fitting_in = int((deadline - time.monotonic()) / (time.monotonic() - start))
        left = max(min(fitting_in, _MOST - len(rates)), _FEWEST - len(rates), 1)
        rate = min(rate * (high / rate) ** (1 / left), high)
    if not losses:
        raise InputError(f"The loss is infinite or not a number even at learning_rate = {low:g}; try another network or precision.")
    return RangeTest(tuple(rates), tuple(losses), first.samples, first.batch_size, not math.isfinite(loss))


def _step(model: keras.Model, batch: tuple[np.ndarray, ...], rate: float) -> float:
    """The loss of that batch, before the update that it leads to."""
    model.optimizer.learning_rate = rate
    model.reset_metrics()  # else Keras returns a mean of all batches so far
    return float(model.train_on_batch(*batch, return_dict=True)["loss"])
