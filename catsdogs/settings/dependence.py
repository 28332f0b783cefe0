"""Which settings mean something only with certain networks or optimizers, contradict others, or make no difference beside them."""

from functools import partial
from typing import NamedTuple

from catsdogs.errors import InputError
from catsdogs.settings.choices import ANY_SIZE_MODELS, IMAGENET, MODELS, NO_WEIGHTS, PRETRAINED_MODELS, SMALLEST, WEIGHTS_SUFFIXES


class Only(NamedTuple):
    """What a setting depends on: it means something if the setting `of` is one of `choices`; `why` says why not otherwise.

    `unless` is a text setting that gives it a meaning in any case if it is filled in.
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


def require_consistent(settings: dict) -> None:
    """Raise InputError where two settings contradict each other, with both of them and what to do."""
    both = settings["validation_split"] + settings["test_split"]
    if both > 0.8:
        raise InputError(f"validation_split + test_split = {both:g}: must be at most 0.8, so that enough is left to train on.")
    if settings["crop_to_aspect_ratio"] and settings["pad_to_aspect_ratio"]:
        raise InputError("crop_to_aspect_ratio = True and pad_to_aspect_ratio = True: set one of them, or neither to stretch.")
    if settings["first_size"] > settings["target_size"]:
        raise InputError(f"first_size = {settings['first_size']}: must be at most target_size, {settings['target_size']}, or 0.")
    if 0 < settings["first_size"] < SMALLEST:
        raise InputError(
            f"first_size = {settings['first_size']}: must be 0 or at least {SMALLEST}: {settings['model']} halves images five times."
        )
    if settings["frozen_epochs"] and settings["first_size"]:
        raise InputError(f"first_size = {settings['first_size']}: with frozen_epochs, images are of one size; it must be 0.")
    if settings["patch_whitening"] and settings["start_from"]:
        raise InputError(f"patch_whitening = True: the filters come from start_from = {settings['start_from']}; it must be false.")
    if settings["frozen_epochs"] and settings["weights"] == NO_WEIGHTS and not settings["start_from"]:
        raise InputError(f"frozen_epochs = {settings['frozen_epochs']}: weights = {NO_WEIGHTS} leaves nothing to freeze; it must be 0.")
    if settings["weights"] not in (IMAGENET, NO_WEIGHTS) and not settings["weights"].endswith(WEIGHTS_SUFFIXES):
        raise InputError(
            f"weights = {settings['weights']!r}: must be {IMAGENET}, {NO_WEIGHTS}, or the path of a file that ends in "
            f"{', '.join(WEIGHTS_SUFFIXES)}."
        )


class Idle(NamedTuple):
    """`why` a setting, whatever its value, makes no difference to a run, and the other settings `by` which it could."""

    why: str
    by: tuple[str, ...]

    def refusal(self, name: str) -> str:
        """Why that setting is not to be varied, and what to do."""
        return f"{name} would make no difference: {self.why}. Change {self.by[0]}, or leave {name} out."


_MOVING = ("rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range")


def idle(settings: dict) -> dict[str, Idle]:
    """Of all settings of a run, those that make no difference, whatever their value, because of the others."""
    found = {}
    if not 0 < settings["frozen_epochs"] < settings["epochs"]:
        found["fine_tuning_rate"] = Idle("it is the rate after frozen epochs", ("frozen_epochs", "epochs"))
    if not any(settings[name] for name in _MOVING):
        found["fill_mode"] = Idle("photographs that are not rotated, shifted, slanted or zoomed have no empty corners", _MOVING)
    if settings["start_from"]:
        found["weights"] = Idle("the weights are those of the run to start from", ("start_from",))
    return found
