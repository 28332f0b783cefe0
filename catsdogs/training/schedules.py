"""The learning-rate schedule of a configuration."""

from keras.optimizers import schedules

from catsdogs.settings.config import Config

_WARM_UP = 0.2  # of all steps
_START = 1 / 25  # of the highest rate, at which one_cycle starts


def build(config: Config, steps: int) -> float | schedules.LearningRateSchedule:
    """The learning rate over that many steps: constant, or decaying to zero, linearly or by half a cosine.

    one_cycle first warms up linearly, over a fifth of the steps. Source: L. N. Smith, N. Topin, Super-Convergence (2018);
    the cosine decay: I. Loshchilov, F. Hutter, SGDR (2017).
    """
    if config.schedule == "constant":
        return config.rate
    if config.schedule == "linear":
        return schedules.PolynomialDecay(config.rate, steps, end_learning_rate=0.0)
    if config.schedule == "cosine":
        return schedules.CosineDecay(config.rate, steps)
    rising = round(_WARM_UP * steps)
    return schedules.CosineDecay(config.rate * _START, max(1, steps - rising), warmup_target=config.rate, warmup_steps=rising)
