"""A configuration -> which epochs train at which size (progressive resizing). Decodes and trains nothing.

Small pictures first teach the coarse things in a fraction of the time; the last stage is at the target size. Each stage is validated
at its own size, so only epochs of one stage can be compared, and the model that is kept is that of the last one.
"""

from dataclasses import dataclass

from catsdogs.config import Config

_COUNT = 3  # sizes: the first, one in the middle, the target
_GRID = 16  # px; the middle size is a multiple, so that strides divide it


@dataclass(frozen=True)
class Stage:
    """Epochs `first` to before `end`, counted from 0, with photographs of `size` px."""

    size: int
    first: int
    end: int


def plan(config: Config) -> tuple[Stage, ...]:
    """The stages of a run in their order, without gaps; one where sizes don't grow. Each is as long as the others, to one epoch."""
    if not config.first_size or config.first_size == config.target_size:
        return (Stage(config.target_size, 0, config.epochs),)
    middle = round((config.first_size + config.target_size) / 2 / _GRID) * _GRID
    sizes = sorted({config.first_size, min(max(middle, config.first_size), config.target_size), config.target_size})
    count = min(len(sizes), config.epochs)
    ends = [round(config.epochs * number / count) for number in range(count + 1)]
    return tuple(Stage(size, first, end) for size, first, end in zip(sizes[-count:], ends[:-1], ends[1:], strict=True))


def at(config: Config, epochs_done: int) -> Stage:
    """The stage of the last epoch when so many are done; the first one when none is."""
    return next(stage for stage in plan(config) if epochs_done <= stage.end)


def best_epoch(past: list[dict], stage: Stage) -> dict:
    """The epoch of that stage with the lowest validation loss in a run's history, {} where none has one."""
    scored = [epoch for epoch in past[stage.first : stage.end] if epoch["val_loss"] is not None]
    return min(scored, key=lambda epoch: epoch["val_loss"], default={})


def costs(config: Config) -> list[int]:
    """What each epoch costs in comparison to the others: the pixels of a photograph."""
    return [stage.size**2 for stage in plan(config) for _ in range(stage.first, stage.end)]
