"""Named starting points: a quick start, our own recipe, transfer learning and, from `study_presets`, the study's steps.

The settings are described in `config`; docs/recipe.md says what our recipe was chosen from.
"""

from functools import lru_cache

from catsdogs.errors import InputError
from catsdogs.settings import differences
from catsdogs.settings.config import Config, change, without_misplaced
from catsdogs.settings.dependence import ONLY, is_used
from catsdogs.settings.preset import Preset
from catsdogs.settings.study_presets import STUDY, STUDY_SMALL

_QUICK = Preset(
    "quick",
    "Quick start",
    "The study's Conv2D network with small images and batches; it learns the drawn data set in 8 epochs.",
    {"model": "conv2d", "optimizer": "adam", "target_size": 96, "batch_size": 32, "epochs": 8, "near_copies_together": True},
)

_RECIPE = {
    "model": "resnet",
    "near_copies_together": True,
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
        "Our own network and recipe in few epochs: a whitening first layer, growing image sizes, a falling learning rate, and fewer of the "
        "photographs it already knows. With 20,000 photographs, it takes about three quarters of the time of ten epochs of Study 5.",
        {
            **_RECIPE,
            "first_size": 48,
            "target_size": 112,
            "validation_split": 0.1,
            "test_split": 0.1,
            "epochs": 16,
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
        "The same network trained for longer, on larger images with stronger augmentation, as the bundled network was at first. "
        "It takes many times as long as “Fast”.",
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

FEW = Preset(
    "few",
    "Few photographs",
    "Starts from the bundled network: its head learns first, then all of it at a low rate. Ten photographs of each class are enough.",
    {
        "model": "resnet",
        "near_copies_together": True,
        "start_from": "shipped",
        "target_size": 192,
        "batch_size": 8,
        "optimizer": "adam",
        "frozen_epochs": 10,
        "epochs": 30,
        "fine_tuning_rate": 1e-4,
        "rotation_range": 10,
        "zoom_range": 0.1,
        "horizontal_flip": True,
    },
)
TRANSFER = Preset(
    "transfer",
    "Transfer",
    "A network pretrained on ImageNet: its head learns first, then the whole network at a low rate. Needs a download or a weights file.",
    {
        "model": "mobilenetv2",
        "near_copies_together": True,
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
PRESETS = (_QUICK, *OURS, FEW, TRANSFER, *STUDY, *STUDY_SMALL)


def find(name: str) -> Preset:
    """The preset of that name. Raises InputError with the known names."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise InputError(f"There is no preset {name!r}. The presets are: {', '.join(preset.name for preset in PRESETS)}.")


def config(name: str, **settings) -> Config:
    """The preset's settings, with some changed. Raises InputError as `find` and `config.change` do.

    What the preset sets for its own network and optimizer is left out where another one is chosen.
    """
    fitting = without_misplaced({**find(name).settings, **settings})
    return change(Config(), **{**fitting, "preset": name, **settings})


def left_out(name: str, config: Config) -> list[str]:
    """A line for each setting of the preset of that name that means nothing to the chosen network or optimizer."""
    unused = (each for each in find(name).settings if not is_used(each, vars(config)))
    return [f"{each} of the preset is left out: {getattr(config, ONLY[each].of)} {ONLY[each].why}" for each in unused]


def title(config: Config) -> str:
    """The title of the preset that these settings started from, and whether they were changed since; data and seed don't count."""
    if not is_known(config.preset):
        return config.preset.capitalize()
    return find(config.preset).title + (", changed" if changed(config) else "")


def changed(config: Config) -> list[str]:
    """The settings that differ from their preset, except the data, as `differences.varied` names them; none if there is no preset."""
    if not is_known(config.preset):
        return []
    uncounted = ("data", "near_copies_together")  # the latter was added later
    return [name for name in differences.varied([start(config.preset), config]) if name not in uncounted]


def is_known(name: str) -> bool:
    return any(preset.name == name for preset in PRESETS)


@lru_cache(maxsize=100)  # each line of each list of runs needs one
def start(name: str) -> Config:
    """The settings that those called so started from: the preset's, or the defaults where there is no such preset."""
    return config(name) if is_known(name) else Config()
