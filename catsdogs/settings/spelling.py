"""Settings as people write them -> values for `config.Config` to check.

On the command line, `rescale=1./255`, `brightness_range=[0.8,1.2]`, `target_size=(150, 150)`, `optimizer=Adam` and `horizontal_flip=1` mean
what they mean in Keras.
"""

from fractions import Fraction
from math import isinf

from catsdogs.errors import InputError
from catsdogs.settings.config import LIMITS, Config, require_known

_BRACKETS = {"(": ")", "[": "]"}
SWITCH = {"true": True, "false": False, "1": True, "0": False}


def parse(pairs: list[str]) -> dict:
    """`["epochs=3", "rescale=1./255"]` -> `{"epochs": 3, "rescale": 0.0039...}`. Raises InputError if it can't be read."""
    settings = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InputError(f"--set {pair}: write it as FIELD=VALUE, as in --set epochs=3.")
        name = name.strip()
        require_known(name)
        settings[name] = _read(name, text)
    return settings


def written(value) -> str:
    """A value as `parse` reads it, without the brackets that a shell would take for a pattern: auto, true, 0.8,1.2."""
    if value is None:
        return "auto"
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _read(name: str, text: str):
    default, bare = getattr(Config, name), text.strip()
    if isinstance(default, bool):
        return SWITCH.get(bare.lower(), text)
    if LIMITS[name].choices:
        return _unquoted(bare)
    if isinstance(default, str):
        return text
    if LIMITS[name].is_optional and bare.lower() in ("auto", "none"):
        return None
    try:
        numbers = tuple(map(_number, _parts(bare)))
    except (ValueError, ZeroDivisionError, OverflowError):
        numbers = ()
    if not numbers or (isinstance(default, tuple) and len(numbers) != 2):
        kind = "two numbers, low,high, each" if isinstance(default, tuple) else f"a {'whole ' if isinstance(default, int) else ''}number,"
        raise InputError(f"{name} = {text!r}: must be {kind} {LIMITS[name]}.")
    if isinstance(default, tuple):
        return tuple(map(float, numbers))
    values = tuple(int(number) if number.denominator == 1 and isinstance(default, int) else float(number) for number in numbers)
    return values[0] if len(values) == 1 else values


def _parts(text: str) -> list[str]:
    """The parts between commas, without brackets around them, or Python's comma before the closing one."""
    if text[-1:] == _BRACKETS.get(text[:1], " "):
        text = text[1:-1].rstrip().removesuffix(",")
    return text.split(",")


def _number(text: str) -> Fraction:
    """A number or a fraction of two: 3, 1e-4, 1/255, 1./255."""
    above, slash, last = text.rpartition("/")
    number = _exact(above) / _exact(last) if slash else _exact(last)
    float(number)  # OverflowError if it is too large
    return number


def _exact(text: str) -> Fraction:
    """The number as it is written, unless a float can't hold it: the digits of 1e999999999 take hours."""
    if isinf(rough := float(text)):
        raise OverflowError
    return Fraction(text) if rough else Fraction()


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
