"""A configuration -> a Keras optimizer with its learning-rate schedule. Keras stores both with the model, so a resumed run goes on."""

import keras
from keras.optimizers import schedules

from catsdogs.settings.config import Config
from catsdogs.training.muon import Muon

_WARM_UP = 0.2  # of all updates
_ALL_STEPS = 5  # of Muon's iteration
_START = 1 / 25  # of the highest rate, where one_cycle begins


def build(config: Config, updates: int, is_exact: bool = False) -> keras.optimizers.Optimizer:
    """The configuration's optimizer for a run of that many updates of the weights.

    `momentum` and `weight_decay` go to those that have one. `is_exact`: float32 is, in a product of matrices; a GPU may round it.
    """
    shared = {"learning_rate": schedule(config, updates)}
    if config.ema_momentum:
        shared |= {"use_ema": True, "ema_momentum": config.ema_momentum}
    if config.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=config.momentum, **shared)
    if config.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(momentum=config.momentum, **shared)
    if config.optimizer == "adamw":
        return keras.optimizers.AdamW(weight_decay=config.weight_decay, **shared)
    if config.optimizer == "muon":
        decay = {"weight_decay": config.weight_decay, "adam_weight_decay": config.weight_decay}
        return Muon(**({"exact_steps": _ALL_STEPS} if is_exact else {}), **decay, **shared)
    return keras.optimizers.Adam(**shared)


def schedule(config: Config, updates: int) -> float | schedules.LearningRateSchedule:
    """The learning rate over so many updates: a number where it stays, else down to zero, in a line or a half cosine.

    one_cycle first goes up to it in a line, over a fifth of the updates. Source: L. N. Smith, N. Topin, Super-Convergence (2018);
    the half cosine: I. Loshchilov, F. Hutter, SGDR (2017).
    """
    if config.schedule == "constant":
        return config.rate
    if config.schedule == "linear":
        return schedules.PolynomialDecay(config.rate, updates, end_learning_rate=0.0)
    if config.schedule == "cosine":
        return schedules.CosineDecay(config.rate, updates)
    rising = round(_WARM_UP * updates)
    return schedules.CosineDecay(config.rate * _START, max(1, updates - rising), warmup_target=config.rate, warmup_steps=rising)
