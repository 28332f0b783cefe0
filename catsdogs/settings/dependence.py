"""Which settings mean something only with certain networks or optimizers."""

from functools import partial
from typing import NamedTuple

from catsdogs.settings.choices import ANY_SIZE_MODELS, MODELS, PRETRAINED_MODELS


class Only(NamedTuple):
    """What a setting depends on: it means something where the setting `of` is one of `choices`; elsewhere, `why` not.

    `unless`: a text setting that, filled in, gives it a meaning elsewhere, too.
    """

    of: str
    choices: tuple[str, ...]
    why: str
    unless: str = ""


_of_model, _of_optimizer = partial(Only, "model"), partial(Only, "optimizer")
_of_pretrained = _of_model(PRETRAINED_MODELS, "is trained from scratch")
_of_tuned = _of_model(PRETRAINED_MODELS, "is trained from scratch", "start_from")
ONLY: dict[str, Only] = {  # the others keep the default
    "first_size": _of_model(ANY_SIZE_MODELS, "takes images of one size"),
    "rescale": _of_model(tuple(name for name in MODELS if name not in PRETRAINED_MODELS), "scales pixels itself"),
    "dense_units": _of_model(("conv2d", "dense"), "has no hidden Dense layer"),
    "patch_whitening": _of_model(("resnet",), "initialises its first layer in its own way"),
    "weights": _of_pretrained,
    "momentum": _of_optimizer(("sgd", "rmsprop"), "has its own averages of the updates"),
    "weight_decay": _of_optimizer(("adamw", "muon"), "is used without weight decay"),
    "frozen_epochs": _of_tuned,
    "fine_tuning_rate": _of_tuned,
}


def is_used(name: str, settings: dict) -> bool:
    """Whether that setting means something to the model and the optimizer among the settings."""
    if name not in ONLY:
        return True
    of, choices, _, unless = ONLY[name]
    return settings[of] in choices or bool(unless and settings[unless])
