"""Which runs another one can start from, with their weights. `training.origin` puts its weights into the network."""

from collections.abc import Iterator, Mapping

from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.settings.choices import ANY_SIZE_MODELS, PRETRAINED_MODELS
from catsdogs.settings.config import Config
from catsdogs.settings.dependence import is_used

SHAPING = ("model", "rescale", "dense_units", "target_size")  # the settings that decide which runs fit


def require(config: Config) -> None:
    """Raise InputError if the run that the configuration starts from doesn't exist, has no model yet, or has weights that don't fit."""
    if not config.start_from:
        return
    given = f"start_from = {config.start_from!r}"
    run = store.load(config.start_from)
    if not can_be(run):
        raise InputError(f"{given}: that run is {run.state} and has no model; choose a run that has ended with one, or none.")
    for name in _shaping(vars(config)):
        theirs, ours = getattr(run.config, name), getattr(config, name)
        if theirs != ours:
            raise InputError(f"{given}: that run has {name} = {theirs}, and this one {ours}; set the same, or choose another run.")


def can_be(run: Run) -> bool:
    """Whether the run has ended and has a model."""
    return run.state not in store.WAITING and run.model_path.exists()


def fits(run: Run, settings: Mapping) -> bool:
    """Whether a run of these settings, those of a configuration, can start from the run."""
    return can_be(run) and all(getattr(run.config, name) == settings[name] for name in _shaping(settings))


def lineage(config: Config) -> Iterator[Run]:
    """The run that this configuration starts from, the one before it, and so on, as far as they are there."""
    seen = set()
    while config.start_from and config.start_from not in seen:
        seen.add(config.start_from)
        try:
            run = store.load(config.start_from)
        except InputError:
            return
        yield run
        config = run.config


def _shaping(settings: Mapping) -> list[str]:
    """The settings by which weights fit, or mean the same."""
    any_size = settings["model"] in (*ANY_SIZE_MODELS, *PRETRAINED_MODELS)
    return [name for name in SHAPING if is_used(name, settings) and not (name == "target_size" and any_size)]
