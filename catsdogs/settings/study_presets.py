"""The study's presets, at its scale and at a small one.

The study changed one thing after another. Here each variant differs from the one before in exactly one thing; docs/study.md says more.
"""

import dataclasses

from catsdogs.errors import InputError
from catsdogs.settings.preset import Preset

_MANY_OPTIONS = {
    "rotation_range": 40,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 20,
    "zoom_range": 0.2,
    "horizontal_flip": True,
}


def _variant(before: Preset, name: str, title: str, why: str, changed: dict, claim: int = 1) -> Preset:
    return Preset(name, title, why, {**before.settings, **changed}, claim)


_DENSE = Preset(
    "study-dense",
    "Study 1 · Dense, 64 px",
    "Where the study began: Dense layers, SGD, 64 px, batches of 32.",
    {"model": "dense", "dense_units": 512, "optimizer": "sgd", "target_size": 64, "batch_size": 32, "epochs": 10},
)
_SIZE = _variant(
    _DENSE,
    "study-150px",
    "Study 2 · 150 px",
    "Higher resolution: finer features of eyes, nose and ears, says the study, for more time and memory.",
    {"target_size": 150},
)
_BATCH = _variant(
    _SIZE,
    "study-batch-100",
    "Study 3 · batches of 100",
    "Larger batches: more varied patterns in each update, says the study.",
    {"batch_size": 100},
)
_CONV2D = _variant(
    _BATCH,
    "study-sgd",
    "Study 4 · Conv2D, SGD",
    "Dense layers did not improve, and Conv2D suits two-dimensional data, says the study. It reports about 75% and a zigzag curve.",
    {"model": "conv2d"},
)
_ADAM = _variant(
    _CONV2D,
    "study-adam",
    "Study 5 · Conv2D, Adam",
    "The decisive change, says the study, and its final network. It reports 96%; mind which photographs that was measured on.",
    {"optimizer": "adam"},
)
_AUGMENTED = _variant(
    _ADAM,
    "study-augmented",
    "Study 6 · with augmentation",
    "Many augmentation options on. The study saw the accuracy fall and suspected overfitting.",
    _MANY_OPTIONS,
    claim=-1,
)


def _small(preset: Preset) -> Preset:
    """The same variant at about 0.64 times the size, for 8 epochs: minutes per run on two cores."""
    size = {64: 40, 150: 96}[preset.settings["target_size"]]
    title, why = (text.replace("64 px", "40 px").replace("150 px", "96 px") for text in (preset.title, preset.why))
    settings = {**preset.settings, "target_size": size, "epochs": 8}
    return dataclasses.replace(preset, name=f"{preset.name}-small", title=f"{title} (small)", why=why, settings=settings)


STUDY = (_DENSE, _SIZE, _BATCH, _CONV2D, _ADAM, _AUGMENTED)
STUDY_SMALL = tuple(map(_small, STUDY))
PRESET_SETS = {"study": STUDY, "study-small": STUDY_SMALL}  # each variant after the one it changes


def find_set(name: str) -> tuple[Preset, ...]:
    """The presets of that set, in order. Raises InputError with the known names."""
    if name not in PRESET_SETS:
        raise InputError(f"There is no preset set {name!r}. The preset sets are: {', '.join(PRESET_SETS)}.")
    return PRESET_SETS[name]
