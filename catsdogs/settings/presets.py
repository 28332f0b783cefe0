"""Named starting points: a quick start, our own recipe, transfer learning, and the study's steps, at its scale and at a small one.

What a setting means is in `config`; what our recipe was chosen among is in docs/recipe.md. The study changed one thing
after another. Here each of its steps differs from the one before in exactly one thing; docs/study.md says more.
"""

import dataclasses
from dataclasses import dataclass
from functools import lru_cache

from catsdogs.errors import InputError
from catsdogs.settings.config import Config, change, differences


@dataclass(frozen=True)
class Preset:
    """`settings` are those that differ from `Config`'s defaults.

    `claim` is what the study says that this step did to the accuracy: +1 raised, -1 lowered it, 0 where it says nothing.
    """

    name: str
    title: str
    why: str
    settings: dict
    claim: int = 0


_QUICK = Preset(
    "quick",
    "Quick start",
    "The study's Conv2D network on small pictures and small batches: the drawn data set is learned in about a minute.",
    {"model": "conv2d", "optimizer": "adam", "target_size": 96, "batch_size": 32, "epochs": 8},
)

_RECIPE = {
    "model": "resnet",
    "first_size": 64,
    "batch_size": 64,
    "optimizer": "muon",
    "schedule": "one_cycle",
    "weight_decay": 0.05,
    "label_smoothing": 0.1,
    "horizontal_flip": True,
    "fill_mode": "reflect",
}
OURS = (
    Preset(
        "fast",
        "Fast",
        "Our own network and recipe in few epochs: filters that begin well, sizes that grow, a falling rate, fewer photographs it knows. "
        "Ten minutes or more on two cores, for 20,000 photographs.",
        {
            **_RECIPE,
            "target_size": 128,
            "validation_split": 0.1,
            "test_split": 0.1,
            "epochs": 19,
            "data_pruning": 0.3,
            "patch_whitening": True,
            "schedule": "linear",
            "learning_rate": 0.015,
            "weight_decay": 0.1,
            "rotation_range": 10,
            "width_shift_range": 0.1,
            "height_shift_range": 0.1,
            "zoom_range": 0.2,
            "brightness_range": (0.8, 1.2),
            "contrast_range": (0.8, 1.2),
            "saturation_range": (0.7, 1.3),
        },
    ),
    Preset(
        "best",
        "Best",
        "The same network for longer, on larger pictures and with more variety: how the one that comes along was trained. "
        "An hour and a half or more on two cores, for 20,000 photographs.",
        {
            **_RECIPE,
            "target_size": 160,
            "validation_split": 0.05,
            "test_split": 0.1,
            "epochs": 93,
            "learning_rate": 0.01,
            "rotation_range": 15,
            "width_shift_range": 0.12,
            "height_shift_range": 0.12,
            "zoom_range": 0.35,
            "brightness_range": (0.7, 1.3),
            "contrast_range": (0.7, 1.3),
            "saturation_range": (0.5, 1.5),
            "random_erasing": 0.3,
        },
    ),
)

TRANSFER = Preset(
    "transfer",
    "Transfer",
    "A network that knows the photographs of ImageNet: its head learns first, then all of it, gently. Needs a download or a weights file.",
    {
        "model": "mobilenetv2",
        "target_size": 160,
        "batch_size": 32,
        "optimizer": "adam",
        "frozen_epochs": 2,
        "epochs": 6,
        "rotation_range": 10,
        "zoom_range": 0.1,
        "horizontal_flip": True,
    },
)

_START = {"model": "dense", "dense_units": 512, "optimizer": "sgd", "target_size": 64, "batch_size": 32, "epochs": 10}
_MANY_OPTIONS = {
    "rotation_range": 40,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 20,
    "zoom_range": 0.2,
    "horizontal_flip": True,
}


def _step(before: Preset, name: str, title: str, why: str, changed: dict, claim: int = 1) -> Preset:
    return Preset(name, title, why, {**before.settings, **changed}, claim)


def _study() -> tuple[Preset, ...]:
    start = Preset("study-dense", "Study 1 · Dense, 64 px", "Where the study began: Dense layers, SGD, 64 px, batches of 32.", _START)
    size = _step(
        start,
        "study-150px",
        "Study 2 · 150 px",
        "More resolution: finer features of eyes, nose and ears, says the study; slower, and more memory.",
        {"target_size": 150},
    )
    batch = _step(
        size,
        "study-batch-100",
        "Study 3 · batches of 100",
        "Learns from more varied patterns at once, says the study.",
        {"batch_size": 100},
    )
    conv2d = _step(
        batch,
        "study-sgd",
        "Study 4 · Conv2D, SGD",
        "Dense layers did not improve; Conv2D suits two-dimensional data, says the study. It saw about 75 %, and a curve that zigzagged.",
        {"model": "conv2d"},
    )
    adam = _step(
        conv2d,
        "study-adam",
        "Study 5 · Conv2D, Adam",
        "The decisive change, says the study, and its final network; it reports 96 %. Watch which photographs that is measured on.",
        {"optimizer": "adam"},
    )
    augmented = _step(
        adam,
        "study-augmented",
        "Study 6 · with augmentation",
        "Many augmentation options on. The study saw the accuracy fall, and suspected overfitting.",
        _MANY_OPTIONS,
        claim=-1,
    )
    return start, size, batch, conv2d, adam, augmented


def _small(preset: Preset) -> Preset:
    """The same step on pictures whose sides are 0.64 times as long, for 8 epochs: minutes a run on two cores."""
    size = {64: 40, 150: 96}[preset.settings["target_size"]]
    title = preset.title.replace("64 px", "40 px").replace("150 px", "96 px") + " (small)"
    return dataclasses.replace(
        preset, name=f"{preset.name}-small", title=title, settings={**preset.settings, "target_size": size, "epochs": 8}
    )


STUDY = _study()
STUDY_SMALL = tuple(map(_small, STUDY))
PRESET_SETS = {"study": STUDY, "study-small": STUDY_SMALL}  # the steps of each in their order
PRESETS = (_QUICK, *OURS, TRANSFER, *STUDY, *STUDY_SMALL)


def find(name: str) -> Preset:
    """The preset of that name. Raises InputError with the names that there are."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise InputError(f"There is no preset {name!r}. There are: {', '.join(preset.name for preset in PRESETS)}.")


def config(name: str, **settings) -> Config:
    """The preset's settings, with some changed. Raises InputError as `find` and `config.change` do."""
    return change(Config(), **{**find(name).settings, "preset": name, **settings})


def find_set(name: str) -> tuple[Preset, ...]:
    """The steps of the preset set of that name. Raises InputError with the names that there are."""
    if name not in PRESET_SETS:
        raise InputError(f"There is no preset set {name!r}. There are: {', '.join(PRESET_SETS)}.")
    return PRESET_SETS[name]


def title(config: Config) -> str:
    """What to call the preset that these settings started from, and whether something was changed since; data and seed don't count."""
    if config.preset not in {preset.name for preset in PRESETS}:
        return config.preset.capitalize()
    changed = set(differences([config, _untouched(config.preset)])) - {"data", "seed"}
    return find(config.preset).title + (", changed" if changed else "")


@lru_cache(maxsize=100)  # asked for by every line of every list of runs
def _untouched(name: str) -> Config:
    return config(name)
