"""A configuration -> which epochs train at which size (progressive resizing), and what learns in them. Decodes and trains nothing.

Small pictures first teach the coarse things in a fraction of the time; the last stage is at the target size. Each stage is validated
at its own size, so only epochs of one size can be compared, and the model that is kept is one of the target size. A pretrained network
is frozen first, but for its head, whose first large errors would undo what the rest knows.
"""

from dataclasses import dataclass

from catsdogs.settings.config import Config

_COUNT = 3  # sizes: the first, one in the middle, the target
_FROZEN_COST = 0.35  # of an epoch in which everything learns, measured, with the validation: nothing goes back through the backbone
_GRID = 16  # px; the middle size is a multiple, so that strides divide it


@dataclass(frozen=True)
class Stage:
    """Epochs `first` to before `end`, counted from 0, with photographs of `size` px. `is_frozen`: only the head learns."""

    size: int
    first: int
    end: int
    is_frozen: bool = False


def plan(config: Config) -> tuple[Stage, ...]:
    """The stages of a run in their order, without gaps; one where nothing changes. Each size has as many epochs, or nearly."""
    if config.frozen_epochs:
        return tuple(
            Stage(config.target_size, phase.start, phase.stop, is_frozen=phase.stop <= config.frozen_epochs) for phase in phases(config)
        )
    if not config.first_size or config.first_size == config.target_size:
        return (Stage(config.target_size, 0, config.epochs),)
    middle = round((config.first_size + config.target_size) / 2 / _GRID) * _GRID
    sizes = sorted({config.first_size, min(max(middle, config.first_size), config.target_size), config.target_size})
    count = min(len(sizes), config.epochs)
    ends = [round(config.epochs * part / count) for part in range(count + 1)]
    return tuple(Stage(size, first, end) for size, first, end in zip(sizes[-count:], ends[:-1], ends[1:], strict=True))


def at(config: Config, epochs_done: int) -> Stage:
    """The stage of the last epoch when so many are done; the first one when none is."""
    return next(stage for stage in plan(config) if epochs_done <= stage.end)


def phases(config: Config) -> tuple[range, ...]:
    """The epochs that one optimizer trains: those in which only the head learns, if there are any, and the others."""
    frozen = min(config.frozen_epochs, config.epochs)
    return tuple(phase for phase in (range(frozen), range(frozen, config.epochs)) if phase)


def costs(config: Config) -> list[float]:
    """What each epoch costs in comparison to others: the pixels of a photograph, less where some are left out or only the head learns."""
    share = 1 - config.data_pruning
    return [
        share * stage.size**2 * (_FROZEN_COST if stage.is_frozen else 1) for stage in plan(config) for _ in range(stage.first, stage.end)
    ]
