"""What the epochs of a run cost relative to each other, of the same run or another. Times are estimated from it, elsewhere."""

from catsdogs.settings import stages
from catsdogs.settings.config import Config

_FROZEN = 0.35  # of an epoch in which everything learns, measured, with the validation: nothing is backpropagated through the backbone


def per_epoch(config: Config) -> list[float]:
    """For each epoch, the pixels of an image, less where some images are left out or only the head learns."""
    share = 1 - config.data_pruning
    planned = [stage for stage in stages.plan(config) for _ in range(stage.first, stage.end)]
    return [share * stage.size**2 * (_FROZEN if stage.is_frozen else 1) for stage in planned]
