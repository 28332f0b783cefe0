"""When early stopping ends a run, which its history alone decides."""

from collections.abc import Sequence

from catsdogs.runs import history
from catsdogs.settings import Config, stages


def is_due(config: Config, epochs: Sequence[dict]) -> bool:
    """Whether the best of these epochs lies `early_stopping` epochs back. Never before the last stage.

    Only epochs of the last stage count: where it is the fine-tuning, patience is counted anew.
    """
    stage = stages.at(config, len(epochs))
    if not config.early_stopping or stage.end < config.epochs:
        return False
    best = history.lowest(epochs[stage.first :]).get("epoch", stage.first)
    return len(epochs) - best >= config.early_stopping
