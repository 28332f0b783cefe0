"""What a preset is. Those that there are stand in `presets` and `study_presets`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """`settings` are those that differ from `Config`'s defaults.

    `claim` is what the study says that this variant did to the accuracy: +1 raised, -1 lowered it, 0 where it says nothing.
    """

    name: str
    title: str
    why: str
    settings: dict
    claim: int = 0
