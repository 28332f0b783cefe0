"""What a run is asked to do: its settings with their limits, and how they are read from text and JSON.

The limits stand beside each field; the form, the command line and the validation all read them from here.
Presets are in `presets`. What a setting does is up to the module that is given it.
"""

import dataclasses
import difflib
from dataclasses import dataclass
from fractions import Fraction

from catsdogs.errors import InputError

PRETRAINED_MODELS = ("mobilenetv2", "efficientnetv2b0", "convnexttiny")  # start from weights learned on ImageNet
MODELS = ("conv2d", "dense", "resnet", *PRETRAINED_MODELS)
ANY_SIZE_MODELS = ("resnet",)  # whose weights fit pictures of every size
_ONLY_OF = {  # settings that mean something to these models only, and what is so of the others, where they keep their defaults
    "first_size": (ANY_SIZE_MODELS, "takes pictures of one size"),
    "rescale": (tuple(name for name in MODELS if name not in PRETRAINED_MODELS), "scales pixels as it learned to"),
    "patch_whitening": (("resnet",), "begins in its own way"),
    "weights": (PRETRAINED_MODELS, "starts from nothing"),
    "frozen_epochs": (PRETRAINED_MODELS, "starts from nothing"),
    "fine_tuning_rate": (PRETRAINED_MODELS, "starts from nothing"),
}
OPTIMIZERS = ("sgd", "adam", "rmsprop", "adamw", "muon")
SCHEDULES = ("constant", "linear", "cosine", "one_cycle")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos")
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
IMAGENET, NO_WEIGHTS = "imagenet", "none"
WEIGHTS_SUFFIXES = (".h5", ".hdf5", ".keras")  # Keras tells the format by it
DEFAULT_RATES = {"sgd": 0.01, "adam": 0.001, "rmsprop": 0.001, "adamw": 0.001, "muon": 0.02}  # Keras', but for Muon's


@dataclass(frozen=True)
class Limits:
    """What a setting may be: one of `choices`, or a number from `low` to `high` (both allowed), or else any text.

    Where it `is_optional` it may be None, too, which is written as auto.
    """

    group: str
    help: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    is_optional: bool = False

    def __str__(self) -> str:
        if self.choices:
            return " or ".join(self.choices)
        if self.low is None:
            return "text"
        low, high = (str(end) if isinstance(end, int) else f"{end:g}" for end in (self.low, self.high))
        return f"{low} to {high} {self.unit}".rstrip() + (" or auto" if self.is_optional else "")


def _text(default, group, help):
    return dataclasses.field(default=default, metadata={"limits": Limits(group, help)})


def _choice(default, group, help, choices):
    return dataclasses.field(default=default, metadata={"limits": Limits(group, help, choices=choices)})


def _switch(default, group, help):
    return _choice(default, group, help, ("true", "false"))


def _number(default, low, high, unit, group, help):
    return dataclasses.field(default=default, metadata={"limits": Limits(group, help, low, high, unit, is_optional=default is None)})


@dataclass(frozen=True)
class Config:
    """The settings of one run. Raises InputError, naming setting, value and what is allowed, outside of the limits."""

    preset: str = _text("custom", "run", "Preset that the settings started from.")
    data: str = _text("", "run", "Folder of the data set.")
    seed: int = _number(0, 0, 2**31 - 1, "", "run", "Same seed: same split, same first weights, same order.")

    validation_split: float = _number(0.15, 0.05, 0.5, "of the photographs", "data", "Share that chooses the best epoch.")
    test_split: float = _number(0.15, 0.05, 0.5, "of the photographs", "data", "Share held out until training is over.")
    target_size: int = _number(150, 32, 256, "px", "data", "Side of the square that every photograph is resized to.")
    first_size: int = _number(0, 0, 256, "px", "data", "Side in the first third of the epochs, then growing to target_size; 0 is off.")
    interpolation: str = _choice("bilinear", "data", "How pixels are resampled when resizing.", INTERPOLATIONS)
    rescale: float = _number(1 / 255, 1e-5, 1, "", "data", "Pixel values, 0 to 255, are multiplied by this first.")
    class_mode: str = _choice("binary", "data", "Two classes, one output.", ("binary",))
    batch_size: int = _number(100, 1, 1024, "photographs", "data", "Photographs for one update of the weights.")
    shuffle: bool = _switch(True, "data", "A new order of the training photographs in every epoch.")

    rotation_range: float = _number(0.0, 0, 180, "degrees", "augmentation", "Turned by up to this, either way.")
    width_shift_range: float = _number(0.0, 0, 0.5, "of the width", "augmentation", "Moved sideways by up to this.")
    height_shift_range: float = _number(0.0, 0, 0.5, "of the height", "augmentation", "Moved up or down by up to this.")
    shear_range: float = _number(0.0, 0, 45, "degrees", "augmentation", "Slanted by up to this, either way.")
    zoom_range: float = _number(0.0, 0, 0.5, "", "augmentation", "Height and width each scaled by a factor of 1 ± this.")
    horizontal_flip: bool = _switch(False, "augmentation", "Every second picture is mirrored.")
    vertical_flip: bool = _switch(False, "augmentation", "Every second picture is turned upside down.")
    brightness_range: tuple = _number((1.0, 1.0), 0.1, 2, "", "augmentation", "Multiplied by a factor from this range.")
    contrast_range: tuple = _number((1.0, 1.0), 0.1, 2, "", "augmentation", "Distance from the mean grey, times a factor from this range.")
    saturation_range: tuple = _number((1.0, 1.0), 0, 3, "", "augmentation", "Colourfulness, times a factor from this range; 0 is grey.")
    random_erasing: float = _number(0.0, 0, 1, "of the pictures", "augmentation", "Share in which a rectangle is painted over.")
    fill_mode: str = _choice("nearest", "augmentation", "What fills the corners that a change leaves empty.", FILL_MODES)

    model: str = _choice("conv2d", "model", "The network.", MODELS)
    dense_units: int = _number(512, 8, 2048, "units", "model", "Units of the hidden Dense layer.")
    patch_whitening: bool = _switch(False, "model", "The first convolution begins with filters that whiten small patches of photographs.")
    weights: str = _text(IMAGENET, "model", "What a pretrained network starts from: imagenet, none, or the path of a weights file.")

    optimizer: str = _choice("adam", "training", "The rule that turns gradients into updates.", OPTIMIZERS)
    learning_rate: float | None = _number(None, 1e-6, 1, "", "training", "Size of an update; auto is the optimizer's default.")
    momentum: float = _number(0.0, 0, 0.99, "", "training", "Share of the last update that is kept; SGD and RMSprop only.")
    schedule: str = _choice(
        "constant", "training", "How the learning rate moves: not, down to zero in a line or half a cosine, or up and then down.", SCHEDULES
    )
    weight_decay: float = _number(0.004, 0, 1, "", "training", "Share of a weight, times the rate, that an update takes off; AdamW, Muon.")
    label_smoothing: float = _number(0.0, 0, 0.5, "", "training", "Labels are moved by this share towards the middle: less sure answers.")
    ema_momentum: float = _number(0.0, 0, 0.9999, "", "training", "Averages the weights, keeping this share each update; 0 is off.")
    data_pruning: float = _number(
        0.0, 0, 0.4, "of the photographs", "training", "Share that an epoch leaves out, of those that are learned well; saves time."
    )
    epochs: int = _number(10, 1, 10_000, "epochs", "training", "Passes over the training photographs.")
    frozen_epochs: int = _number(0, 0, 500, "epochs", "training", "First epochs in which only the head of a pretrained network learns.")
    fine_tuning_rate: float = _number(1e-5, 1e-6, 1, "", "training", "The learning rate after the frozen epochs, when everything learns.")
    early_stopping: int = _number(
        0, 0, 100, "epochs", "training", "Patience without a lower validation loss, at the target size; 0 is off."
    )
    precision: str = _choice("auto", "training", "Number format; auto takes what was measured to be fastest.", PRECISIONS)

    def __post_init__(self):
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _checked(field, getattr(self, field.name)))
        both = self.validation_split + self.test_split
        if both > 0.8:
            raise InputError(f"validation_split + test_split = {both:g}: together 0.8 at most, so that enough is left to train on.")
        for name in misplaced(vars(self)):
            models, why = _ONLY_OF[name]
            raise InputError(
                f"{name} = {getattr(self, name)!r}: {self.model} {why}; its default, {getattr(Config, name)!r}, is allowed, "
                f"or another model: {', '.join(models)}."
            )
        if self.first_size > self.target_size:
            raise InputError(f"first_size = {self.first_size}: allowed is up to the target_size, {self.target_size}, or 0.")
        _check_weights(self)

    @property
    def rate(self) -> float:
        """The learning rate that is trained with."""
        return DEFAULT_RATES[self.optimizer] if self.learning_rate is None else self.learning_rate

    @property
    def is_pretrained(self) -> bool:
        """Whether the network is one that can start from weights learned on ImageNet, whether or not it does."""
        return self.model in PRETRAINED_MODELS

    @property
    def is_augmented(self) -> bool:
        """Whether any change but the filling of corners, which changes nothing by itself, is switched on."""
        return any(getattr(self, name) != getattr(Config, name) for name in AUGMENTATION if name != "fill_mode")


LIMITS: dict[str, Limits] = {field.name: field.metadata["limits"] for field in dataclasses.fields(Config)}
AUGMENTATION = tuple(name for name, limits in LIMITS.items() if limits.group == "augmentation")


def _checked(field: dataclasses.Field, value):
    """`value` in the type of the field's default, or InputError."""
    limits = field.metadata["limits"]
    if limits.is_optional and value is None:
        return None
    kind = float if limits.is_optional else type(field.default)
    if kind is tuple:
        return _checked_range(field.name, limits, value)
    if kind is bool and isinstance(value, bool):
        return value
    if kind is str and isinstance(value, str) and (not limits.choices or value in limits.choices):
        return value
    if kind in (int, float) and _is_number(value) and limits.low <= value <= limits.high and kind(value) == value:
        return kind(value)
    whole = "a whole number, " if kind is int else ""
    raise InputError(f"{field.name} = {value!r}: allowed is {whole}{limits}.")


def _checked_range(name: str, limits: Limits, value) -> tuple[float, float]:
    pair = tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(pair) != 2 or not all(_is_number(end) and limits.low <= end <= limits.high for end in pair) or pair[0] > pair[1]:
        raise InputError(f"{name} = {value!r}: allowed are two numbers, low,high, each {limits}, the lower one first.")
    return float(pair[0]), float(pair[1])


def _check_weights(config: Config) -> None:
    if config.frozen_epochs and config.weights == NO_WEIGHTS:
        raise InputError(f"frozen_epochs = {config.frozen_epochs}: weights = {NO_WEIGHTS} leaves nothing to keep; 0 is allowed.")
    if config.weights not in (IMAGENET, NO_WEIGHTS) and not config.weights.endswith(WEIGHTS_SUFFIXES):
        raise InputError(
            f"weights = {config.weights!r}: allowed is {IMAGENET}, {NO_WEIGHTS}, or the path of a file that ends in "
            f"{', '.join(WEIGHTS_SUFFIXES)}."
        )


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def misplaced(settings: dict) -> list[str]:
    """The names of those settings that differ from their defaults and mean nothing to the model among them."""
    return [name for name, (models, _) in _ONLY_OF.items() if settings["model"] not in models and settings[name] != getattr(Config, name)]


def change(config: Config, **settings) -> Config:
    """A copy with some settings changed. Raises InputError for an unknown name or a value outside of its limits."""
    for name in settings:
        _require_known(name)
    return dataclasses.replace(config, **settings)


def parse(pairs: list[str]) -> dict:
    """`["epochs=3", "rescale=1/255"]` -> `{"epochs": 3, "rescale": 0.0039...}`. Raises InputError where that can't be read."""
    settings = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InputError(f"--set {pair}: write it as FIELD=VALUE, as in --set epochs=3.")
        _require_known(name)
        settings[name] = _read(name, text)
    return settings


def to_json(config: Config) -> dict:
    """Plain data for JSON; `from_json` reads it back."""
    return dataclasses.asdict(config)


def from_json(content: dict) -> Config:
    """The inverse of `to_json`; settings that are missing take their defaults. Raises InputError for others and bad values."""
    for name in content:
        _require_known(name)
    return Config(**content)


def differences(configs: list[Config]) -> list[str]:
    """The names of the settings in which these configurations differ, in the order of the fields."""
    return [name for name in LIMITS if len({getattr(config, name) for config in configs}) > 1]


def _require_known(name: str) -> None:
    if name not in LIMITS:
        close = difflib.get_close_matches(name, LIMITS, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(LIMITS)}."
        raise InputError(f"There is no setting {name!r}. {hint}")


def _read(name: str, text: str):
    default = getattr(Config, name)
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    if LIMITS[name].is_optional and text.lower() == "auto":
        return None
    try:
        if isinstance(default, tuple):
            return tuple(float(Fraction(part)) for part in text.split(","))
        number = Fraction(text)
        return int(number) if number.denominator == 1 and isinstance(default, int) else float(number)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise InputError(f"{name} = {text!r}: allowed is a number, {LIMITS[name]}.") from None
