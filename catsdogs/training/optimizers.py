"""A configuration -> a Keras optimizer with its schedule. Keras stores both with the model, so a resumed run continues them."""

import keras

from catsdogs.settings import Config
from catsdogs.training import schedules
from catsdogs.training.muon import Muon

_ALL_STEPS = 5  # iterations of Muon


def build(config: Config, steps: int, is_exact: bool = False) -> keras.optimizers.Optimizer:
    """The configuration's optimizer for a run of that many steps.

    `momentum` and `weight_decay` apply to those that have one. `is_exact`: matrix products keep all of float32; a GPU may round them.
    """
    shared = {"learning_rate": schedules.build(config, steps)}
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
