"""The settings that a command was given, as FIELD=VALUE behind --set."""

from collections.abc import Sequence

from catsdogs.errors import InputError
from catsdogs.settings import spelling

_GIVEN_ELSEWHERE = {"data": "--data DIR", "preset": "--preset NAME"}


def read(pairs: Sequence[str]) -> dict:
    """Their values by name. Raises InputError where that can't be read, and for what the command has an option of its own for."""
    for pair in pairs:
        if option := _GIVEN_ELSEWHERE.get(pair.partition("=")[0].strip()):
            raise InputError(f"--set {pair}: give it by {option} instead.")
    return spelling.parse(list(pairs))
