"""The settings in which configurations differ."""

from collections.abc import Sequence

from catsdogs.settings.config import AUGMENTATION, LIMITS, Config


def among(configs: Sequence[Config]) -> list[str]:
    """The names of the settings in which these configurations differ, in the order of the fields."""
    return [name for name in LIMITS if len({getattr(config, name) for config in configs}) > 1]


def varied(configs: Sequence[Config]) -> list[str]:
    """As `among`, without seed and preset, and with `is_augmented` for the settings of augmentation if it is on or off as a whole."""
    found = [name for name in among(configs) if name not in ("seed", "preset")]
    changed = [name for name in found if name in AUGMENTATION]
    kinds = {(config.is_augmented, *(getattr(config, name) for name in changed)) for config in configs}
    if len(changed) > 1 and len(kinds) == 2 and len({is_on for is_on, *_ in kinds}) == 2:
        return [*(name for name in found if name not in changed), "is_augmented"]
    return found
