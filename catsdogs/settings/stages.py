"""A configuration -> the size at which each epoch trains (progressive resizing), and which layers learn in it.

Small images teach coarse features in a fraction of the time; the last stage is at the target size. Each stage is validated at its own size,
so only epochs of one size can be compared, and the model that is kept is one of the target size. At first, only the head of a pretrained
network learns, since its large early errors would undo what the rest has learned. The cost of epochs is in `costs`.
"""

from dataclasses import dataclass

from catsdogs.settings.config import Config

_GRID = 16  # px; the middle size is a multiple of it, so that strides divide it


@dataclass(frozen=True)
class Stage:
    """The epochs from `first` to before `end`, counted from 0, with images of `size` px; only the head learns if it `is_frozen`."""

    size: int
    first: int
    end: int
    is_frozen: bool = False


def plan(config: Config) -> tuple[Stage, ...]:
    """The stages of a run in order, without gaps; a single one if nothing changes. Sizes share the epochs equally, or nearly so."""
    if config.frozen_epochs:
        return tuple(
            Stage(config.target_size, phase.start, phase.stop, is_frozen=phase.stop <= config.frozen_epochs) for phase in phases(config)
        )
    if not config.first_size:
        return (Stage(config.target_size, 0, config.epochs),)
    middle = round((config.first_size + config.target_size) / 2 / _GRID) * _GRID
    sizes = sorted({config.first_size, min(max(middle, config.first_size), config.target_size), config.target_size})
    count = min(len(sizes), config.epochs)
    ends = [round(config.epochs * part / count) for part in range(count + 1)]
    return tuple(Stage(size, first, end) for size, first, end in zip(sizes[-count:], ends[:-1], ends[1:], strict=True))


def grows(config: Config) -> bool:
    """Whether the stages have images of more than one size."""
    return len({stage.size for stage in plan(config)}) > 1


def at(config: Config, epochs_done: int) -> Stage:
    """The stage of the last epoch done; the first stage if there is none."""
    return next(stage for stage in plan(config) if epochs_done <= stage.end)


def omission(config: Config) -> str:
    """A sentence if no epochs are left to fine-tune in; else ""."""
    if not config.frozen_epochs or config.frozen_epochs < config.epochs:
        return ""
    trained = "the first epoch trains" if config.frozen_epochs == 1 else f"the first {config.frozen_epochs} epochs train"
    return f"Nothing is fine-tuned: {trained} only the head, and there are {config.epochs}. Lower the frozen epochs, or train longer."


def phases(config: Config) -> tuple[range, ...]:
    """The epochs of each optimizer: those in which only the head learns, if any, and the others, if any."""
    frozen = min(config.frozen_epochs, config.epochs)
    return tuple(phase for phase in (range(frozen), range(frozen, config.epochs)) if phase)
