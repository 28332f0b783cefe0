"""The costs of epochs relative to each other, within a run or between runs, from which times are estimated."""

from catsdogs.settings import stages
from catsdogs.settings.config import Config

_FROZEN = 0.35  # of an epoch in which everything learns, as measured, validation included: the backbone needs no backpropagation


def per_epoch(config: Config) -> list[float]:
    """The cost of each epoch: the pixels of an image, reduced if some images are left out or only the head learns."""
    share = 1 - config.data_pruning
    planned = [stage for stage in stages.plan(config) for _ in range(stage.first, stage.end)]
    return [share * stage.size**2 * (_FROZEN if stage.is_frozen else 1) for stage in planned]
