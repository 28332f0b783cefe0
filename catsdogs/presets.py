"""Named starting points: the study's steps, and a quick one. What a setting means and may be is in `config`."""

from dataclasses import dataclass

from catsdogs.config import Config, change
from catsdogs.errors import InputError


@dataclass(frozen=True)
class Preset:
    """`settings` are those that differ from `Config`'s defaults."""

    name: str
    title: str
    why: str
    settings: dict


_STUDY = {"target_size": 150, "batch_size": 100, "dense_units": 512, "epochs": 10}
_MANY_OPTIONS = {
    "rotation_range": 40,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 20,
    "zoom_range": 0.2,
    "horizontal_flip": True,
}

PRESETS = (
    Preset(
        "quick",
        "Quick start",
        "The study's Conv2D network on small pictures and small batches: the drawn data set is learned in about a minute.",
        {"model": "conv2d", "optimizer": "adam", "target_size": 96, "batch_size": 32, "epochs": 8},
    ),
    Preset(
        "study-dense",
        "Study 1 · Dense",
        "Where the study began: Dense layers, SGD, 64 px, batches of 32. It did not improve; Conv2D suits pictures.",
        {**_STUDY, "model": "dense", "optimizer": "sgd", "learning_rate": 0.01, "target_size": 64, "batch_size": 32},
    ),
    Preset(
        "study-sgd",
        "Study 2 · Conv2D, SGD",
        "Conv2D at 150 px in batches of 100, still with SGD. The study saw a zigzag curve and about 75 %.",
        {**_STUDY, "model": "conv2d", "optimizer": "sgd", "learning_rate": 0.01},
    ),
    Preset(
        "study-adam",
        "Study 3 · Conv2D, Adam",
        "The study's final network; it reports 96 %. Watch which photographs that is measured on.",
        {**_STUDY, "model": "conv2d", "optimizer": "adam"},
    ),
    Preset(
        "study-augmented",
        "Study 4 · with augmentation",
        "The final network with many augmentation options on. The study saw the accuracy fall and suspected overfitting.",
        {**_STUDY, **_MANY_OPTIONS, "model": "conv2d", "optimizer": "adam"},
    ),
)


def find(name: str) -> Preset:
    """The preset of that name. Raises InputError with the names that there are."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise InputError(f"There is no preset {name!r}. There are: {', '.join(preset.name for preset in PRESETS)}.")


def config(name: str, **settings) -> Config:
    """The preset's settings, with some changed. Raises InputError as `find` and `config.change` do."""
    return change(Config(), **{**find(name).settings, "preset": name, **settings})


def title(config: Config) -> str:
    """What to call the preset that these settings started from, and whether something was changed since; data and seed don't count."""
    if config.preset not in {preset.name for preset in PRESETS}:
        return config.preset.capitalize()
    untouched = change(Config(), **find(config.preset).settings, preset=config.preset, data=config.data, seed=config.seed)
    return find(config.preset).title + ("" if config == untouched else ", changed")
