"""The settings of a run with their limits, and how they are read from JSON.

The limits stand beside each setting; validation, the form, the command line and the JSON schema all take them from here.
Presets are in `presets`; `spelling` reads settings from text. What a setting does is up to the modules that use it.
"""

import dataclasses
import difflib
import math
from functools import partial
from types import NoneType
from typing import Annotated, Literal, get_args, get_origin

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo
from pydantic_core import ArgsKwargs

from catsdogs.errors import InputError
from catsdogs.settings.choices import (
    CLASS_WEIGHTS,
    DEFAULT_RATES,
    FILL_MODES,
    IMAGENET,
    INTERPOLATIONS,
    MODELS,
    OPTIMIZERS,
    PRECISIONS,
    PRETRAINED_MODELS,
    SCHEDULES,
    SMALLEST,
)
from catsdogs.settings.dependence import ONLY, is_used, require_consistent

_PAIRS = {  # settings that Keras also takes as two numbers, and what these must fulfil here
    "target_size": "height and width have to be the same, as photographs are resized to a square",
    "zoom_range": "low and high have to be as far from 1, as in 0.8,1.2",
}


def _field(group: str, help: str, low: float | None = None, high: float | None = None, unit: str = "") -> FieldInfo:
    return Field(description=help, ge=low, le=high, json_schema_extra={"group": group, "unit": unit})


_run, _data, _augment, _model, _train = (partial(_field, group) for group in ("run", "data", "augmentation", "model", "training"))


def _range(low: float, high: float):
    end = Annotated[float, Field(ge=low, le=high)]
    return Annotated[tuple[end, end], Field(strict=False), AfterValidator(_ascending)]  # not strict: JSON has lists


def _ascending(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError
    return ends


_SEED = (
    "The number that fixes all that is left to chance: which photographs are held out, the initial weights, the order. The same seed "
    "repeats a run; another one shows how much of a result is chance."
)
_OPTIMIZER = (
    "How the mistakes in a batch change the weights. SGD is the simplest; RMSprop and Adam adapt the step to each weight; AdamW shrinks "
    "weights as well; Muon balances the changes within a layer, and learned fastest in our experiments."
)

# Accepts 3.0 as 3. It stands after the limits so that the schema has them as an integer's.
_WHOLE = BeforeValidator(lambda value: int(value) if isinstance(value, float) and value.is_integer() else value)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, defer_build=True))
class Config:
    """The settings of one run. Raises InputError for an unknown setting, and for a bad value, with what is allowed."""

    preset: Annotated[str, _run("The preset that the settings started from.")] = "custom"
    data: Annotated[str, _run("The folder of the data set.")] = ""
    seed: Annotated[int, _run(_SEED, 0, 2**31 - 1), _WHOLE] = 0

    validation_split: Annotated[float, _data("Share used to choose the best epoch.", 0.05, 0.5, "of the photographs")] = 0.15
    test_split: Annotated[float, _data("Share held out until training is over.", 0.05, 0.5, "of the photographs")] = 0.15
    # off, as in runs that were stored before it was a setting
    near_copies_together: Annotated[bool, _data("Keep near copies, such as resized ones, in one subset.")] = False
    target_size: Annotated[int, _data("Side of the square that every photograph is resized to.", 32, 256, "px"), _WHOLE] = 150
    first_size: Annotated[int, _data("Side in the first third of the epochs; grows to target_size. 0 is off.", 0, 256, "px"), _WHOLE] = 0
    interpolation: Annotated[Literal[INTERPOLATIONS], _data("How pixels are resampled when resizing.")] = "bilinear"
    crop_to_aspect_ratio: Annotated[bool, _data("Resize the middle square of each photograph, instead of stretching all of it.")] = False
    pad_to_aspect_ratio: Annotated[bool, _data("Make each photograph a square with black on both sides, instead of stretching it.")] = False
    rescale: Annotated[float, _data("Pixel values, 0 to 255, are multiplied by this first.", 1e-5, 1)] = 1 / 255
    class_mode: Annotated[Literal["binary"], _data("Two classes, one output.")] = "binary"
    shuffle: Annotated[bool, _data("Reshuffle the training photographs every epoch.")] = True

    rotation_range: Annotated[float, _augment("Rotate by up to this, either way.", 0, 180, "degrees")] = 0.0
    width_shift_range: Annotated[float, _augment("Shift sideways by up to this.", 0, 0.5, "of the width")] = 0.0
    height_shift_range: Annotated[float, _augment("Shift up or down by up to this.", 0, 0.5, "of the height")] = 0.0
    shear_range: Annotated[float, _augment("Slant by up to this, either way.", 0, 45, "degrees")] = 0.0
    zoom_range: Annotated[float, _augment("Zoom in or out: show 1 ± this times the height and, independently, the width.", 0, 0.5)] = 0.0
    horizontal_flip: Annotated[bool, _augment("Mirror half of the photographs, chosen at random.")] = False
    vertical_flip: Annotated[bool, _augment("Flip half of the photographs top to bottom, chosen at random.")] = False
    brightness_range: Annotated[_range(0.1, 2), _augment("Multiply the brightness by a factor from this range.")] = (1.0, 1.0)
    contrast_range: Annotated[_range(0.1, 2), _augment("Multiply the distance from mean grey by a factor from this range.")] = (1.0, 1.0)
    saturation_range: Annotated[_range(0, 3), _augment("Multiply the colourfulness by a factor from this range; 0 is grey.")] = (1.0, 1.0)
    random_erasing: Annotated[float, _augment("Share in which a rectangle is painted over.", 0, 1, "of the photographs")] = 0.0
    fill_mode: Annotated[Literal[FILL_MODES], _augment("What fills the corners that a change leaves empty.")] = "nearest"

    model: Annotated[Literal[MODELS], _model("The network.")] = "conv2d"
    dense_units: Annotated[int, _model("Units of the hidden Dense layer.", 8, 2048, "units"), _WHOLE] = 512
    patch_whitening: Annotated[bool, _model("Start the first convolution with filters for edges and colours, not random ones.")] = False
    start_from: Annotated[str, _model("The run of the same network whose weights it starts from, such as shipped; empty is none.")] = ""
    weights: Annotated[str, _model("What a pretrained network starts from: imagenet, none, or the path of a weights file.")] = IMAGENET

    epochs: Annotated[int, _train("Passes over the training photographs.", 1, 10_000, "epochs"), _WHOLE] = 10
    batch_size: Annotated[int, _train("Photographs per update of the weights.", 1, 1024, "photographs"), _WHOLE] = 100
    optimizer: Annotated[Literal[OPTIMIZERS], _train(_OPTIMIZER)] = "adam"
    learning_rate: Annotated[float | None, _train("Size of an update; auto is the optimizer's default.", 1e-6, 1)] = None
    momentum: Annotated[float, _train("Share of the last update that is kept.", 0, 0.99)] = 0.0
    schedule: Annotated[Literal[SCHEDULES], _train("Learning rate: constant, falling to zero, or rising before it falls.")] = "constant"
    weight_decay: Annotated[float, _train("Share of each weight, times the rate, that an update takes off.", 0, 1)] = 0.004
    label_smoothing: Annotated[float, _train("Move labels by this share towards 0.5, for less confident answers.", 0, 0.5)] = 0.0
    class_weight: Annotated[Literal[CLASS_WEIGHTS], _train("Balanced makes unequal classes weigh the same in training.")] = "none"
    ema_momentum: Annotated[float, _train("Average the weights, keeping this share at each update; 0 is off.", 0, 0.9999)] = 0.0
    data_pruning: Annotated[float, _train("Share skipped per epoch, of the best-learned; saves time.", 0, 0.4, "of the photographs")] = 0.0
    frozen_epochs: Annotated[int, _train("First epochs, in which only a trained network's head learns.", 0, 500, "epochs"), _WHOLE] = 0
    fine_tuning_rate: Annotated[float, _train("Learning rate once all layers learn, after any frozen epochs.", 1e-6, 1)] = 1e-5
    early_stopping: Annotated[int, _train("Patience: epochs without a lower validation loss; 0 is off.", 0, 100, "epochs"), _WHOLE] = 0
    precision: Annotated[Literal[PRECISIONS], _train("Number format; auto takes the one measured to be fastest.")] = "auto"

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, given, check):
        try:
            return check(ArgsKwargs((), {name: _plain(name, value) for name, value in (given.kwargs or {}).items()}))
        except ValidationError as error:
            name = error.errors()[0]["loc"][0]
            raise InputError(_refusal(name, given.kwargs[name])) from None

    def __post_init__(self):
        for name in misplaced(vars(self)):
            of, choices, why, unless = ONLY[name]
            raise InputError(
                f"{name} = {getattr(self, name)!r}: {getattr(self, of)} {why}; use the default, {getattr(Config, name)!r}, "
                f"{f'a run in {unless}, ' if unless else ''}or another {of}: {', '.join(choices)}."
            )
        require_consistent(vars(self))

    @property
    def rate(self) -> float:
        """The learning rate that training uses: the given one, or the optimizer's default."""
        return DEFAULT_RATES[self.optimizer] if self.learning_rate is None else self.learning_rate

    @property
    def proportions(self) -> str:
        """What is done with photographs that are not square: "stretch", "crop" or "pad"."""
        return "crop" if self.crop_to_aspect_ratio else "pad" if self.pad_to_aspect_ratio else "stretch"

    @property
    def is_pretrained(self) -> bool:
        """Whether there are weights learned on ImageNet for the network, whether or not it starts from them."""
        return self.model in PRETRAINED_MODELS

    @property
    def is_augmented(self) -> bool:
        """Whether any augmentation is on; fill_mode has no effect by itself."""
        return any(getattr(self, name) != getattr(Config, name) for name in AUGMENTATION if name != "fill_mode")


@dataclasses.dataclass(frozen=True)
class Limits:
    """The values that a setting may have: one of `choices`, a number from `low` to `high` (both included) in `unit`, or any text.

    If it `is_optional`, it may also be None, written auto. `label` is its name within a sentence; `group` and `help` are for the form.
    """

    label: str
    group: str
    help: str
    low: float | None
    high: float | None
    unit: str
    choices: tuple[str, ...]
    is_optional: bool

    def __str__(self) -> str:
        if self.choices:
            *others, last = self.choices
            return f"{', '.join(others)} or {last}" if others else last
        if self.low is None:
            return "text"
        low, high = (str(end) if isinstance(end, int) else f"{end:g}" for end in (self.low, self.high))
        return f"{low} to {high} {self.unit}".rstrip() + (" or auto" if self.is_optional else "")


def _limits(name: str, field: FieldInfo) -> Limits:
    kinds = get_args(field.annotation)  # of Literal["sgd", "adam"], tuple[end, end], or float | None
    choices = kinds if get_origin(field.annotation) is Literal else ("true", "false") if field.annotation is bool else ()
    bounds = (kinds[0].__metadata__[0] if get_origin(field.annotation) is tuple else field).metadata
    low, high = (next((getattr(bound, end) for bound in bounds if hasattr(bound, end)), None) for end in ("ge", "le"))
    about = {"label": _label(name), "help": field.description, **field.json_schema_extra}
    return Limits(**about, low=low, high=high, choices=choices, is_optional=NoneType in kinds)


def _label(name: str) -> str:
    return name.replace("_", " ").replace("ema ", "EMA ").replace("fine tuning", "fine-tuning")


LIMITS: dict[str, Limits] = {name: _limits(name, field) for name, field in Config.__pydantic_fields__.items()}
AUGMENTATION = tuple(name for name, limits in LIMITS.items() if limits.group == "augmentation")


def schema() -> dict:
    """The settings as a JSON schema, each with its limits, default, `description`, `group` and `unit`; without rules across settings."""
    return TypeAdapter(Config).json_schema()


def _plain(name: str, value):
    """A value in one of Keras' own spellings as it is spelled here; any other as it is, for validation to judge."""
    kind = type(getattr(Config, name, None))
    if kind is bool and type(value) is int and value in (0, 1):
        return bool(value)
    if kind is str and LIMITS[name].choices and isinstance(value, str):
        return value.lower()  # as in optimizer="Adam"
    if name in _PAIRS and isinstance(value, (tuple, list)) and len(value) == 2 and all(type(end) in (int, float) for end in value):
        low, high = value
        if name == "target_size" and low == high:
            return low
        if name == "zoom_range" and 0 <= low <= high <= 2 and math.isclose(low + high, 2):
            return round(high - 1, 9)
    return value


def _refusal(name: str, value) -> str:
    require_known(name)
    default = getattr(Config, name)
    if isinstance(default, tuple):
        return f"{name} = {value!r}: must be two numbers, low,high, each {LIMITS[name]}, the lower one first."
    whole = "a whole number, " if type(default) is int else ""
    pair = f"; as a pair, {_PAIRS[name]}" if name in _PAIRS and isinstance(value, (tuple, list)) else ""
    return f"{name} = {value!r}: must be {whole}{LIMITS[name]}{pair}."


def misplaced(settings: dict) -> list[str]:
    """The names of settings that differ from their defaults although they mean nothing to the model or the optimizer among them."""
    return [name for name in ONLY if not is_used(name, settings) and settings[name] != getattr(Config, name)]


def without_misplaced(settings: dict) -> dict:
    """The settings, which need not be all, without those that mean nothing to their model or optimizer."""
    left_out = misplaced({**vars(Config()), **settings})
    return {name: value for name, value in settings.items() if name not in left_out}


def change(config: Config, **settings) -> Config:
    """A copy with some settings changed. Raises InputError as `Config` does."""
    return dataclasses.replace(config, **settings)


def to_json(config: Config) -> dict:
    """Plain data for JSON; `from_json` reads it back."""
    return dataclasses.asdict(config)


def from_json(content: dict) -> Config:
    """The inverse of `to_json`; missing settings take their defaults. Raises InputError as `Config` does.

    So do those that mean nothing to the model or the optimizer: earlier versions kept some of them, though nothing came of it. A first size
    below SMALLEST, with which earlier versions trained, is kept: the run can be used, though any change of its settings is refused.
    """
    settings = without_misplaced(content)
    first = settings.get("first_size")
    if type(first) is not int or not 0 < first < SMALLEST:
        return Config(**settings)
    config = Config(**{**settings, "first_size": SMALLEST})
    object.__setattr__(config, "first_size", first)  # unchecked
    return config


def require_known(name: str) -> None:
    """Raises InputError if there is no such setting."""
    if name not in LIMITS:
        close = difflib.get_close_matches(name, LIMITS, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"The settings are: {', '.join(LIMITS)}."
        raise InputError(f"There is no setting {name!r}. {hint}")
