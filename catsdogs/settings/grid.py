"""The configurations of a sweep: every combination of the values given for some settings, each with several seeds.

How a single value is written is up to `spelling`; what is done with the configurations is up to `queue.sweeps`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import product
from math import inf, prod

from catsdogs.errors import InputError
from catsdogs.settings import presets, spelling
from catsdogs.settings.choices import DEFAULT_RATES
from catsdogs.settings.config import AUGMENTATION, LIMITS, Config, to_json, without_misplaced
from catsdogs.settings.dependence import idle

MOST_SEEDS = 20
MOST_RUNS = 500  # more is a slip of the keyboard
LOG_FROM = 10  # a range whose ends differ by this factor or more is spaced by equal factors
ALL_AUGMENTATION = "augmentation"  # varies as one setting, which is True or False: on or off
_SWITCH = {"on": True, "off": False, **spelling.SWITCH}
_GIVEN_ELSEWHERE = {"data": "--data DIR", "seed": "--seed N", "preset": "--preset NAME"}


def require_seeds(count: int) -> None:
    """Raises InputError for a number of seeds outside 1 to MOST_SEEDS."""
    if not 1 <= count <= MOST_SEEDS:
        raise InputError(f"seeds = {count}: must be 1 to {MOST_SEEDS}.")


def values(name: str, text: str) -> tuple:
    """The values of one setting, as in `parse`. Raises InputError if they can't be read."""
    found = tuple(_switched(part) if name == ALL_AUGMENTATION else spelling.parse([f"{name}={part}"])[name] for part in _parts(text))
    if len(set(found)) < len(found):
        raise InputError(f"{name} = {text}: a value is given twice; give each value once.")
    return found


def _switched(text: str) -> bool:
    if text.strip().lower() not in _SWITCH:
        raise InputError(f"{ALL_AUGMENTATION} = {text!r}: must be on or off.")
    return _SWITCH[text.strip().lower()]


def parse(pairs: Sequence[str], read: Callable[[str, str], object] = values) -> dict[str, tuple]:
    """`["optimizer=adam,sgd", "learning_rate=0.0001..0.01:3"]` -> the values of each setting, in the order given.

    Commas within brackets belong to one value: `brightness_range=[0.8,1.2],[0.5,1.5]`. LOW..HIGH:COUNT is a range that includes both ends,
    spaced by equal factors if HIGH is ten times LOW or more, else by equal steps. `read(name, text)` reads the values of one setting.
    Raises InputError if something can't be read.
    """
    found: dict[str, tuple] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if name in found:
            raise InputError(f"--set {pair}: {name} has its values already; write them together, as in --set optimizer=adam,sgd.")
        if name in _GIVEN_ELSEWHERE:
            raise InputError(f"--set {pair}: {name} can't be swept; give it by {_GIVEN_ELSEWHERE[name]}.")
        found[name] = read(name, text) if equals else tuple(spelling.parse([pair]).values())
    return found


def combine(preset: str, data: str, values: Mapping[str, Sequence], seeds: int, first: int = 0) -> list[Config]:
    """As `vary`, but for a preset, with seeds counted from `first`."""
    return vary(presets.config(preset, data=data, seed=first), values, seeds)


def vary(base: Config, values: Mapping[str, Sequence], seeds: int) -> list[Config]:
    """Every combination, with one seed after the other, counted from the base's, so that each is tried once first.

    What the base sets for another network or optimizer is left out. Raises InputError for a combination that can't be, for values that
    make no difference, for seeds outside 1 to MOST_SEEDS or beyond the highest one, and for more than MOST_RUNS runs.
    """
    _require_few(values, seeds, base.seed)
    combinations = _combinations(values, base)
    combined = [
        Config(**{**without_misplaced({**to_json(base), **settings}), **settings, "seed": base.seed + number})
        for number in range(seeds)
        for settings in combinations
    ]
    _require_differences(values, combined)
    return combined


def repetition(combined: Sequence[Config]) -> str:
    """A sentence on the runs that would be the same as others, whose values differ where that makes no difference; "" without such."""
    count = len(combined) - len(set(map(_in_effect, combined)))
    return f"{count:,} of them would be the same as another: some values make no difference with the others." if count else ""


def _in_effect(config: Config) -> tuple:
    settings = {**vars(config), "learning_rate": config.rate}
    return tuple((name, value) for name, value in settings.items() if name not in idle(settings))


def require_rates(several: Sequence, optimizers: Collection[str]) -> None:
    """Raises InputError for learning rates of which two are the same with all of these optimizers, one of them as `auto`."""
    rates = {DEFAULT_RATES[optimizer] for optimizer in optimizers}
    if None in several and len(rates) == 1 and rates <= set(several):
        named = ", ".join(sorted(optimizers))
        raise InputError(f"learning_rate = auto is {rates.pop():g} with {named}, which is given as well: leave one out.")


def _combinations(values: Mapping[str, Sequence], base: Config) -> list[dict]:
    """The settings of each combination, with those of augmentation written out. Raises InputError if it varies as a whole and in part."""
    if both := [name for name in values if ALL_AUGMENTATION in values and name in AUGMENTATION]:
        raise InputError(f"{', '.join(both)} can't vary beside augmentation as a whole: leave one out.")
    ways, found = augmentation(base), []
    for combination in product(*values.values()):
        settings = dict(zip(values, combination, strict=True))
        switched = ways[settings.pop(ALL_AUGMENTATION)] if ALL_AUGMENTATION in settings else {}
        found.append({**switched, **settings})
    return found


def augmentation(base: Config) -> dict[bool, dict]:
    """The settings that turn augmentation off (False) and on (True): as in the base or, if that has none, as in the study's last step."""
    names = set(AUGMENTATION) - {"fill_mode"}
    on = to_json(base if base.is_augmented else presets.config("study-augmented"))
    return {False: {name: getattr(Config, name) for name in names}, True: {name: on[name] for name in AUGMENTATION}}


def _require_few(values: Mapping[str, Sequence], seeds: int, first: int) -> None:
    require_seeds(seeds)
    most = LIMITS["seed"].high
    if first <= most < first + seeds - 1:
        raise InputError(f"{seeds} seeds from {first} on would end beyond {most:.0f}, the highest seed. Begin with a lower one.")
    count = seeds * prod(map(len, values.values()))
    if count > MOST_RUNS:
        raise InputError(f"The sweep has {count:,} runs: at most {MOST_RUNS} are allowed. Give fewer values or seeds.")


def _require_differences(values: Mapping[str, Sequence], combined: Sequence[Config]) -> None:
    """Raises InputError for a setting of which all values, or two learning rates, would give the same runs."""
    for name in (name for name, several in values.items() if len(several) > 1):
        reasons = [idle(vars(config)).get(name) for config in combined]
        if all(reasons):
            raise InputError(reasons[0].refusal(name))
    require_rates(values.get("learning_rate", ()), {config.optimizer for config in combined})


def _parts(text: str) -> list[str]:
    """The values between commas outside brackets, with ranges written out."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [value for part in parts for value in _written_out(part)]


def _written_out(part: str) -> list[str]:
    ends, colon, count = part.partition(":")
    low, dots, high = ends.partition("..")
    if not (dots and colon):
        return [part]
    try:
        first, last, steps = float(low), float(high), int(count) - 1
    except ValueError:
        raise InputError(f"{part!r}: a range is written LOW..HIGH:COUNT, as in 0.0001..0.01:3.") from None
    if not (-inf < first < last < inf and 1 <= steps < MOST_RUNS):
        raise InputError(f"{part!r}: must be LOW below HIGH, and a COUNT of 2 to {MOST_RUNS}.")
    if first > 0 and last / first >= LOG_FROM:
        return [f"{first * (last / first) ** (step / steps):.6g}" for step in range(steps + 1)]
    return [f"{first + (last - first) * step / steps:.6g}" for step in range(steps + 1)]
