"""What things are called on a page."""

import re
from collections.abc import Sequence
from pathlib import Path

from catsdogs.runs.store import Run
from catsdogs.settings import presets
from catsdogs.settings.config import AUGMENTATION

_CHOICES = {
    "conv2d": "Conv2D",
    "dense": "Dense",
    "resnet": "ResNet",
    "mobilenetv2": "MobileNetV2",
    "efficientnetv2b0": "EfficientNetV2-B0",
    "convnexttiny": "ConvNeXt-Tiny",
    "sgd": "SGD",
    "adam": "Adam",
    "rmsprop": "RMSprop",
    "adamw": "AdamW",
    "muon": "Muon",
    "one_cycle": "one cycle",
    None: "auto",
}


def choice(value) -> str:
    """A value of a setting, as people write it."""
    return _CHOICES.get(value, str(value))


def setting(name: str, value) -> str:
    """A setting with its value, short enough for a legend: Adam, 150 px, batch_size 32."""
    if name == "target_size":
        return f"{value} px"
    if name == "data":
        return Path(value).name
    if isinstance(value, str):
        return choice(value)
    return f"{name} {choice(value)}"


def run(stored: Run) -> str:
    """A run by the name that somebody gave it, else by its network, optimizer, size and batch."""
    config = stored.config
    described = f"{choice(config.model)} · {choice(config.optimizer)} · {config.target_size} px · batch {config.batch_size}"
    return stored.label.name or described


def plain(text: str) -> str:
    """A text of people's as it is, where Markdown is read."""
    return re.sub(r"([\\`*_{}\[\]#+|~:$<>])", r"\\\1", text)


def with_seed(stored: Run) -> str:
    """A run by the name that somebody gave it, else by its preset, or what `run` says, and its seed: runs that repeat each other differ."""
    title = presets.title(stored.config)
    is_preset = title in {preset.title for preset in presets.PRESETS}
    return stored.label.name or f"{title if is_preset else run(stored)}, seed {stored.config.seed}"


def tell_apart(several: Sequence[Run], differing: Sequence[str]) -> list[str]:
    """A name for each run that no other has: what people called it; else the settings that differ, where they are few; else its preset,
    and as many settings as it takes."""
    titles = [presets.title(run.config) for run in several]
    named_by = [name for name in differing if name not in AUGMENTATION]
    is_preset_enough = len(differing) > 2 and len(set(titles)) == len(titles)
    described = titles if is_preset_enough else [_settings(run, named_by) for run in several]
    called = [run.label.name or text for run, text in zip(several, described, strict=True)]
    if len(set(called)) < len(called):  # they differ in how they augment: then every setting is told
        called = [_settings(run, differing) for run in several]
    return called


def _settings(stored: Run, differing: Sequence[str]) -> str:
    return ", ".join(setting(name, getattr(stored.config, name)) for name in differing) or run(stored)


def bytes(count: int) -> str:
    """An amount of disk space."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"


def duration(seconds: float) -> str:
    """A duration as precise as a forecast is: "less than a minute", "about 4 min", "about 2 h 10 min"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60 // 10 * 10} min".replace(" 0 min", "")
