"""How long a search may take, as people write it: 20m, 1h30m, 90s."""

import re

from catsdogs.errors import InputError

SHORTEST, LONGEST = 10, 7 * 24 * 3600  # seconds
_UNITS = {"h": 3600, "m": 60, "s": 1}
_WRITTEN = re.compile("".join(rf"(?:([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?){unit})?" for unit in _UNITS))


def parse(text: str) -> float:
    """The time in seconds. Raises InputError if it can't be read, or is not within the limits."""
    found = _WRITTEN.fullmatch(text.strip().lower().replace("min", "m"))
    if not found or not any(found.groups()):
        raise InputError(f"within = {text!r}: write hours, minutes and seconds, as in 20m, 1h30m or 90s.")
    return require(sum(float(count) * seconds for count, seconds in zip(found.groups(), _UNITS.values(), strict=True) if count), text)


def require(seconds: float, given: str = "") -> float:
    """The seconds. Raises InputError, which quotes what was `given`, if they are not within the limits."""
    if not SHORTEST <= seconds <= LONGEST:
        raise InputError(f"within = {given or f'{seconds:g}s'}: must be {SHORTEST}s to {LONGEST // 3600}h.")
    return seconds
