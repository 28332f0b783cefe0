"""The class of presets. The presets themselves are in `presets` and `study_presets`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A named starting point; `settings` are those that differ from `Config`'s defaults, `why` is for people.

    `claim` is what this variant did to the accuracy according to the study: +1 raised it, -1 lowered it, 0 if it says nothing.
    """

    name: str
    title: str
    why: str
    settings: dict
    claim: int = 0
