"""The tables that the command line prints."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from catsdogs.analysis import comparison, learning_rates, significance, studies
from catsdogs.analysis import importance as importances
from catsdogs.analysis.importance import Importance
from catsdogs.analysis.learning_rates import RangeTest
from catsdogs.analysis.studies import Conclusion, Variant
from catsdogs.data import split
from catsdogs.queue import sweeps
from catsdogs.queue.searches import Search
from catsdogs.runs import Run
from catsdogs.runs.damage import Unreadable
from catsdogs.runs.temperature import Temperature
from catsdogs.settings import spelling
from catsdogs.system.words import counted, duration, printable, share

_ROWS = 16  # of a curve
_BAR = 40  # letters
_ACCURACIES = {"training": "train_accuracy", "validation": "val_accuracy", "held out": "test_accuracy"}

_ECE = (
    "Calibration error (ECE): the average difference between the probability of an answer and the share of such answers that are right;\n"
    "the fewer the photographs, the more of it is chance. The figure after an arrow is with temperature scaling: one number, fitted on\n"
    "the validation photographs, makes all answers more or less confident."
)
_MIRROR_ROWS = "  averaged with the mirror image", "  the mirror images by themselves"
_MIRRORED = (
    "What tells the classes apart is the same in a photograph and in its mirror image, so a difference between the two accuracies is\n"
    "mostly chance."
)


def runs(summaries: list[dict], stored: Sequence[Run] = ()) -> str:
    """A line for each of `summaries.make`; where the run is among the stored ones, with its name and what its sweep varies in it."""

    def percent(value) -> str:
        return f"{share(value):>10}" if value is not None else f"{'-':>10}"

    names = "  ".join(f"{name:>10}" for name in _ACCURACIES)
    called_so = _column("name", {run.id: printable(run.label.name) for run in stored})
    varied = _column("varied", {run.id: _varied(run) for run in stored})
    heading = f"{'started':16}{called_so['']}{varied['']}"
    ids, called = (max(map(len, [name, *(row[name] for row in summaries)])) for name in ("id", "preset"))
    lines = [f"{'id':{ids}}  {'state':11}  {'preset':{called}}  {'epochs':>7}  {names}  {'queued':16}  {heading}".rstrip()]
    for row in summaries:
        accuracies = "  ".join(percent(row[name]) for name in _ACCURACIES.values())
        epochs = f"{row['epochs_done']}/{row['epochs']}"
        times = f"{_time(row['created'])}  {_time(row['started']):16}{called_so.get(row['id'], '')}{varied.get(row['id'], '')}"
        state = f"{row['reason'] or row['state']:11}"
        lines.append(f"{row['id']:{ids}}  {state}  {row['preset']:{called}}  {epochs:>7}  {accuracies}  {times}  {row['caution']}".rstrip())
    return "\n".join(map(printable, lines))  # an imported run may be of any preset and classes


def _column(heading: str, cells: dict[str, str]) -> dict[str, str]:
    """The cells, all of one width, with the heading as that of ""; each is empty where all are."""
    width = max(map(len, [heading, *cells.values()]))
    return {id: f"  {text:{width}}" if any(cells.values()) else "" for id, text in {"": heading, **cells}.items()}


def run(facts: dict) -> str:
    """A line for each of what `runs RUN` prints as JSON, where there is something to tell."""
    best = f", the best is epoch {facts['best_epoch']}" if facts["best_epoch"] else ""
    told = {
        "run": facts["id"],
        "name": facts["name"],
        "starred": "yes" if facts["is_starred"] else "",
        "note": facts["note"],
        "state": facts["reason"] or facts["state"],
        "error": facts["error"],
        **{name: _accuracy(facts, key, subset) for (name, key), subset in zip(_ACCURACIES.items(), split.SUBSETS, strict=True)},
        "caution": facts["caution"],
        "epochs": f"{facts['epochs_done']}/{facts['epochs']}{best}",
        "minutes": f"{facts['minutes']:.1f}" if facts["epochs_done"] else "",
        "preset": facts["preset"],
        "changed": " ".join(f"{name}={spelling.written(value)}" for name, value in facts["changed"].items()),
        "seed": str(facts["seed"]),
        "data": facts["data"],
        **{name: facts[key] and _time(facts[key]) for name, key in (("queued", "created"), ("started", "started"), ("resumed", "resumed"))},
        "by": facts["by"],
    }
    return "\n".join(printable(f"{name:10}  {text}") for name, text in told.items() if text)


def _accuracy(facts: dict, key: str, subset: str) -> str:
    """On how many photographs, and with the interval of those held out; as it is before the evaluation, "" where there is none."""
    if facts[key] is None:
        return ""
    of = f" of {counted(facts['photographs'][subset], 'photograph')}" if facts["photographs"] else ""
    interval = ", 95% interval {:.1%} to {:.1%}".format(*facts["interval"]) if subset == "test" else ""
    return f"{share(facts[key])}{of}{interval}"


def _varied(run: Run) -> str:
    """What its sweep varies in it, as it is written on the command line; "" where it is in none."""
    place = sweeps.place(run)
    return " ".join("=".join(_written(name, getattr(run.config, name))) for name in (*place.settings, "seed")) if place else ""


def _written(name: str, value) -> tuple[str, str]:
    """A setting that varies and its value, as they can be given again; all of augmentation is one of its own."""
    return ("augmentation", "on" if value else "off") if name == "is_augmented" else (name, spelling.written(value))


def _time(stored: str | None) -> str:
    """In the machine's time zone."""
    return f"{datetime.fromisoformat(stored).astimezone():%Y-%m-%d %H:%M}" if stored else "-"


def unreadable(found: list[Unreadable]) -> str:
    """A line for each run that can't be read, with the file and the reason."""
    heading = f"{count_unreadable(found)}. Put back a copy of the file, or delete the run: python -m catsdogs delete RUN"
    width = max(len(run.name) for run in found)
    return "\n".join([heading, *(f"{run.name:{width}}  {run.sentence}" for run in found)])


def count_unreadable(found: list[Unreadable]) -> str:
    """The beginning of a sentence."""
    return f"{counted(len(found), 'run')} can't be read"


def importance(found: list[Importance]) -> str:
    """A line for each setting, and what its share means."""
    lines = ["How much each setting alone explains of the differences in validation accuracy between the finished runs (eta squared):"]
    for each in found:
        means = ", ".join(f"{_written(each.setting, value)[1]}: {mean:.1%}" for value, mean in each.means.items())
        name, _ = _written(each.setting, None)
        lines.append(f"{name:20}  {each.share:6.1%}  mean validation accuracy with {means}")
    return "\n".join([*lines, importances.rest(found)])


def search(found: Search) -> str:
    """How far a search is, or why it has ended."""
    states = ", ".join(f"{count} {state}" for state, count in Counter(found.runs.values()).items())
    far = found.said or ("It was cancelled." if found.is_cancelled else found.note or "It is still running.")
    return f"A search that has used {duration(found.spent)} of its {duration(found.seconds)}: {states}. {far}"


def shares(found: Mapping[str, float]) -> str:
    """A line for each setting of a search, and what its share means."""
    lines = ["How much each setting alone explains of the differences in validation accuracy (fANOVA, pruned runs included):"]
    lines += [f"{name:20}  {share:6.1%}" for name, share in sorted(found.items(), key=lambda each: -each[1])]
    return "\n".join([*lines, "The rest is due to settings acting together and to chance. With few runs, chance can make a share large."])


def range_test(test: RangeTest) -> str:
    """The smoothed curve as bars, and what it suggests."""
    smoothed, suggestion = learning_rates.smooth(test), learning_rates.suggest(test)
    top = 2 * smoothed[0]  # where it explodes, more than that says nothing
    lines = [f"Loss by learning rate, smoothed; {len(test.rates)} batches of {test.batch_size} training photographs:"]
    for index in range(0, len(test.rates), -(-len(test.rates) // _ROWS)):
        lines.append(f"{test.rates[index]:10.2g}  {smoothed[index]:7.3f}  {'#' * round(_BAR * min(smoothed[index], top) / top)}")
    return "\n".join([*lines, f"\n{suggestion.why}", f"--set learning_rate={suggestion.rate:g}"])


def measurements(rows: list[dict]) -> str:
    """A line for each of what `evaluate` prints as JSON, and what the calibration error means."""
    width = max(map(len, [*_MIRROR_ROWS, *(row["run"] for row in rows)]))
    lines = [f"{'run':{width}}  {'accuracy [95% interval]':23}  {'calibration error':17}  photographs  left out"]
    for row in rows:
        if "error" in row:
            lines.append(f"{row['run']:{width}}  not measured: {row['error']}")
        else:
            remarks = "; ".join(filter(None, (row["omission"], row["caution"])))
            lines.append(f"{row['run']:{width}}  {_quality(row)}  {row['photographs']:11,}  {remarks}")
        if "mirror" in row:
            with_it = row["mirror"]
            brings = f"right on {counted(with_it['mended'], 'more photograph')}, wrong on {with_it['spoilt']} more"
            averaged, alone = _MIRROR_ROWS
            lines.append(f"{averaged:{width}}  {_quality(with_it)}  {'':11}  {brings}")
            lines.append(f"{alone:{width}}  {share(with_it['alone'])}")
    notes = [text for name, text in (("ece", _ECE), ("mirror", _MIRRORED)) if any(name in row for row in rows)]
    return "\n".join([*map(printable, lines), *(f"\n{text}" for text in notes)])


def _quality(row: dict) -> str:
    """Accuracy and calibration error of a measurement."""
    accuracy = f"{share(row['accuracy'])} [{row['low']:.1%}, {row['high']:.1%}]"
    error = f"{row['ece']:.1%}" if row["temperature"] is None else f"{row['ece_before']:.1%} → {row['ece']:.1%}"
    return f"{accuracy:23}  {error:17}"


def calibrated(fitted: Temperature, shares: dict[str, float] | None) -> str:
    """The temperature with what it was fitted on and what it brings there; how often what was learned says that a picture is neither."""
    errors = f"calibration error {fitted.before:.1%} → {fitted.after:.1%}"
    found = f"temperature {fitted.value:.3f}, fitted on {fitted.photographs:,} validation photographs: {errors}"
    told = [found, fitted.note] if fitted.note else [found]
    if fitted.value == 1 and fitted.note:  # which says why it was not fitted
        told = [f"{fitted.note} Calibration error: {fitted.before:.1%}"]
    return "\n".join([*told, _neither(shares), f"\n{_ECE}"])


def _neither(shares: dict[str, float] | None) -> str:
    if shares is None:
        return "It can't recognise what is neither: too few photographs to learn from, or a network that finds too few of the altered ones."
    return (
        f"Looks like neither: {shares['found']:.1%} of the altered photographs that it was fitted on, "
        f"{shares['turned_away']:.1%} of the validation photographs."
    )


def study(variants: list[Variant]) -> str:
    """The variants of a study with the mean of each subset and its 95% interval, where there are enough seeds for one."""
    lines = [f"{'':36}  seeds  {'training':22}{'validation':22}{'held out':22}minutes"]
    lines += [f"{variant.preset.title:36}  {_cells(variant)}" for variant in variants]
    if any(variant.group and variant.group.test.low is None for variant in variants):
        lines.append(f"\nAn interval takes {significance.FEWEST} seeds or more.")
    return "\n".join(lines)


def conclusions(found: list[Conclusion]) -> str:
    """What the runs say about each change of the study; which runs they leave out; and by which tests."""
    lines = []
    for conclusion in found:
        compared = conclusion.comparison
        lines += [f"{conclusion.sentence} {studies.VERDICTS[conclusion.verdict]}", *filter(None, [compared and compared.left_out])]
    return "\n".join([*lines, *comparison.explanations([conclusion.comparison for conclusion in found if conclusion.comparison])])


def _cells(variant: Variant) -> str:
    if variant.group is None:
        return "    0  -"
    cells = "".join(
        f"{share(spread.mean) + (f' [{spread.low:.1%}, {spread.high:.1%}]' if spread.low is not None else ''):22}"
        for spread in (variant.group.training, variant.group.validation, variant.group.test)
    )
    return f"{len(variant.group.runs):5}  {cells}{variant.group.minutes.mean:7.1f}"
