"""What things are called on a page, and how its numbers are written."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from catsdogs.analysis import evaluation
from catsdogs.data import known_folders
from catsdogs.errors import InputError
from catsdogs.queue import sweeps
from catsdogs.runs import Run, store
from catsdogs.settings import presets
from catsdogs.settings.config import LIMITS, Config
from catsdogs.sources import library
from catsdogs.system import access, home, paths, shortage, words
from catsdogs.system.access import Refused

counted, forecast, size = words.counted, words.forecast, shortage.size  # pages find them here
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
    "crop": "crop to the middle",
    "pad": "pad with black",
    None: "auto",
}
MEASURES = {  # what curves show
    "accuracy": "The share of the photographs that the network classifies correctly. Tossing a coin gets half of them right.",
    "loss": "How wrong the probabilities are (cross-entropy): 0 is perfect; 50% for every photograph gets 0.69. Training lowers it.",
}
SUBSETS = {"held out": "test", "validation": "validation", "training": "training"}  # of the photographs, in the order of tables
SQUARED = {"stretch": "stretched", "crop": "cropped to the middle", "pad": "padded with black"}  # by a run's `proportions`
_ALONE = ("model", "optimizer")  # settings that are known by their value; "none" and "constant" may be of several
_FEW = 3  # settings, or people; more are hard to read
_MOST = 99.94  # percent of what is not all
_LONGEST = 50  # letters of a name; what is made of settings has fewer
_LINES = 72  # px of a row with three lines; in one that is not much less high, Streamlit breaks none
_RUN_ID = re.compile(r"\b[0-9]{8}-[0-9]{6}-[\w-]+-[0-9a-f]{8}\b")
_DRAWN = re.compile(r"drawn-([0-9]+)-([0-9]+)")  # as the Data page names them
_NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # some turn what follows around
_RTL = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]+"  # letters that run from right to left
_RIGHT_TO_LEFT = re.compile(rf"{_RTL}(?:\W(?:\d+\W)?{_RTL})*")
_MARKDOWN = re.compile(r"[\\`*{}\[\]#|~$<>&]|:(?=\S)|(?<![^\W_])_|_(?![^\W_])")
_REPLACED = re.compile(r":(?=[\w+/-]+:)|(?<!\S)[<>~-](?=[<>=-]+(?!\S))")  # emoji, icons and arrows, whether or not they are escaped
_ADDRESS = re.compile(r"(?i)https?:(?=//)|www(?=\.)|(?<=\w)@(?=\w)")  # becomes a link, whether or not it is escaped
_AT_START = re.compile(r"^(\d*)([.)+=-])")  # a list


def choice(value) -> str:
    """A value of a setting as people write it: Adam, 0.00392157, on, 0.8 to 1.2."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return " to ".join(map(choice, value))
    return _CHOICES.get(value, str(value))


def value(name: str, given) -> str:
    """What a setting is, for a cell of a table whose head says which: Adam, 150, the name of a data set."""
    return setting(name, given) if name in ("data", "start_from") else shown(choice(given))


def setting(name: str, value) -> str:
    """A setting with its value, short enough for a legend: Adam, 150 px, batch size 32."""
    if name == "target_size":
        return f"{value} px"
    if name == "data":
        called = data_set(value)
        return shown(Path(value).name or value) if called == shown(value) else called
    if name == "start_from":
        return f"from {shown(value)}" if value else "from scratch"
    return choice(value) if name in _ALONE else f"{label(name)} {choice(value)}"


def label(name: str) -> str:
    """What people call a setting, or what is known of a run."""
    if name == "is_augmented":  # of all of its settings at once
        return "augmentation"
    return LIMITS[name].label if name in LIMITS else name.replace("_", " ")


def run(stored: Run) -> str:
    """A run by the name that it was given, else by its network, optimizer, size and batch."""
    config = stored.config
    described = f"{choice(config.model)} · {choice(config.optimizer)} · {config.target_size} px · batch {config.batch_size}"
    return shown(stored.label.name) or described


def shown(text: str) -> str:
    """Text that is not read as Markdown, such as a cell of a table: what can't be displayed becomes �, as names that are no UTF-8 do."""
    return _NOT_SHOWN.sub("\ufffd", text)


def plain(text: str) -> str:
    """What people or files named, to be read as it is where Streamlit expects Markdown: text, labels, captions, tooltips."""
    text = _isolated(shown(" ".join(text.split())))
    for found in (_REPLACED, _ADDRESS):
        text = found.sub("\\g<0>\u2060", text)
    text = _MARKDOWN.sub(r"\\\g<0>", text)
    return _AT_START.sub(r"\1\\\2", text)


def _isolated(text: str) -> str:
    """The text with what runs from right to left kept to itself: a number behind it would be drawn before it."""
    return _RIGHT_TO_LEFT.sub("\u2068\\g<0>\u2069", text)


def with_seed(stored: Run) -> str:
    """A run by the name that it was given; else by what its sweep varies in it, by its preset and what was changed, or as `run` does, and
    its seed, which tells repetitions apart.
    """
    return shown(stored.label.name) or f"{swept(stored) or _described(stored)}, seed {stored.config.seed}"


def _described(stored: Run) -> str:
    """A run by its preset and the few settings that were changed; else as `run` does, with its learning rate if that was given."""
    config = stored.config
    if presets.is_known(config.preset) and len(presets.changed(config)) <= _FEW:
        return _by_preset(config)
    rate = [] if config.learning_rate is None else [setting("learning_rate", config.learning_rate)]
    return ", ".join([run(stored), *rate])


def _by_preset(config: Config, told: Sequence[str] = ()) -> str:
    """The preset and what was changed, without the settings that are told anyway; only that it was, where that is much."""
    changed = presets.changed(config)
    rest = [name for name in changed if name not in told]
    if not changed or len(rest) > _FEW:
        return presets.title(config)
    return ", ".join([presets.find(config.preset).title, *(setting(name, getattr(config, name)) for name in rest)])


def about(stored: Run) -> str:
    """What a heading leaves out, as Markdown: the run's preset, what a sweep or a person changed, its seed and who started it."""
    place = sweeps.place(stored)
    preset = _by_preset(stored.config, place.settings if place else ())
    parts = (plain(preset), plain(swept(stored)), f"seed {stored.config.seed}", starter(stored))
    return " · ".join(filter(None, parts))


def swept(stored: Run) -> str:
    """The run's sweep, and what that varies in it, or its number where that is much: "rates: learning rate 0.01". "" without one."""
    place = sweeps.place(stored)
    if not (place and place.settings):
        return ""
    if len(place.settings) > _FEW:
        return f"{shown(place.sweep)}: run {place.number}"
    return f"{shown(place.sweep)}: {', '.join(setting(name, getattr(stored.config, name)) for name in place.settings)}"


def starter(stored: Run) -> str:
    """Who started a run, as Markdown; "" where nobody gave a name."""
    return f"by {plain(stored.by)}" if stored.by else ""


def others(several: Sequence[Run]) -> str:
    """How many of these runs others started, and who, as Markdown; "" where none did, as far as is known."""
    starters = [run.by for run in several if run.by not in ("", access.person().name)]
    if not starters:
        return ""
    who = [plain(name) for name in dict.fromkeys(starters)]
    if len(who) > _FEW:
        who = [*who[:_FEW], "others"]
    counted = "This run was" if len(several) == 1 else f"**{len(starters)} of {len(several)}** {'was' if len(starters) == 1 else 'were'}"
    return f"{counted} started by {' and '.join(filter(None, (', '.join(who[:-1]), who[-1])))}."


def span(numbers: Iterable[int]) -> str:
    """60, or 60 to 1,400 where they differ."""
    return " to ".join(f"{number:,}" for number in sorted({min(numbers), max(numbers)}))


def in_list(stored: Run) -> str:
    """A run in the list: what it is, how often it was right on held-out photographs, when it was created and on which data."""
    evaluated = evaluation.load(stored)
    quality = f"{words.share(evaluated.test.accuracy)} of {evaluated.test.count:,} right" if evaluated else stored.state
    if stored.id == store.SHIPPED:
        return f"Bundled network · {quality} · {run(stored)}"
    when = f"{stored.created.astimezone():%d %b, %H:%M:%S}"
    return _isolated(f"{with_seed(stored)} · {quality} · {when} · {data_set(stored.config.data)}")


def data_set(given: Path | str) -> str:
    """A data set by the name that it was given, else by what was drawn, else by its folder, such as once it is deleted; "" without one."""
    folder = Path(given)
    if name := library.name_of(folder):
        return shown(name)
    drawn = _DRAWN.fullmatch(folder.name)
    if drawn and folder.parent == home.subfolder("data"):
        count, seed = map(int, drawn.groups())
        return f"Drawn · {count:,} images" + (f", seed {seed}" if seed else "")
    return of_folder(given)


def of_folder(given: Path | str) -> str:
    """The folder of a data set, of which the path says nothing in the home folder."""
    return shown(Path(given).name if library.is_own(Path(given)) else str(given))


def said(error: Exception | str) -> str:
    """What can't be done, and why, as Markdown; see `told`."""
    return plain(told(error))


def told(error: Exception | str) -> str:
    """What can't be done, and why: data sets by their names, not by the paths of their folders on the server, runs by theirs, not by their
    ids, what the system says without its number and path, and that a disk is full without its folder; see `visible`, too.
    """
    if isinstance(error, FileNotFoundError):
        return "A file that this needs is gone: somebody has deleted or moved it meanwhile. Reload the page."
    is_of_system = isinstance(error, OSError) and not isinstance(error, InputError)
    text = f"The server's disk refused it: {paths.reason(error)}." if is_of_system else shortage.without_place(str(error))
    return _RUN_ID.sub(lambda found: _called(found[0]), visible(_with_data_sets(text)))


def visible(text: str) -> str:
    """What the server wrote, where it is read: whoever runs it for themselves needs its paths; to others, they show more than they say."""
    with suppress(Refused):  # a program asks, or the click of a download, and no session
        if access.person().roots is None:
            return text
    return _with_data_sets(text).replace(f"{home.folder()}/", "")


def _with_data_sets(text: str) -> str:
    """The text with the paths of data sets replaced by their names."""
    known = []
    with suppress(InputError):  # nobody has signed in, as above, or the list is what can't be read
        known = sorted(map(str, known_folders.load()), key=len, reverse=True)  # the inner ones first
    own = rf"{re.escape(str(home.folder() / 'data'))}/[A-Za-z0-9-]+"  # those that are gone, too
    for pattern in (*(rf"{re.escape(folder)}(?![\w-])" for folder in known), own):
        text = re.sub(pattern, lambda found: data_set(found[0]), text)
    return text


def _called(id: str) -> str:
    try:
        return f"“{with_seed(store.load(id))}”"
    except InputError:  # it is gone
        return id


def data_sets(folders: Iterable[Path]) -> Callable:
    """What each is called, and who else made it; those of one name with their folders: a select box takes a choice by what it is called."""
    called = {folder: _isolated(" · by ".join(filter(None, (data_set(folder), other_maker(folder))))) for folder in folders}
    return apart(called, lambda folder: shown(folder.name))


def other_maker(folder: Path) -> str:
    """Who made the data set, where that was somebody else than whoever asks; "" otherwise."""
    maker = library.maker(folder)
    return "" if maker == access.person().name else shown(maker)


def apart(labels: dict, more: Callable) -> Callable:
    """What tells the label of each value, with `more(value)` where several are the same; of a label, itself."""
    counts = Counter(labels.values())
    unique = {value: f"{label} ({more(value)})" if counts[label] > 1 else label for value, label in labels.items()}
    return lambda value: unique.get(value, str(value))  # also of what is no longer there, which Streamlit may still ask for


def width(column: Iterable[str], most: int = 240) -> int | None:
    """Of a column of names, in px: None, as wide as the longest, unless that is so long that it leaves a phone no room for another."""
    return most if max(map(len, column), default=0) > _LONGEST else None


def height(column: Iterable[str]) -> int | None:
    """Of the rows of such a table, in px: None, as of one line, unless that would cut a name off."""
    return _LINES if width(column) else None


def percent(share: float | None) -> float | None:
    """A share for a table column with the format `%.1f%%`, which rounds only what is all of them to 100.0%."""
    return None if share is None else 100 * share if share == 1 else min(100 * share, _MOST)


def interval(low: float, high: float) -> str:
    """An interval of accuracies."""
    return f"{low:.1%} to {high:.1%}"
