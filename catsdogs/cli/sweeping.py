"""The commands for sweeps, and for searches, which are sweeps within a time."""

import json

from catsdogs.analysis import choice, importance, summaries
from catsdogs.cli import progress, tables
from catsdogs.data import dataset, split
from catsdogs.errors import InputError
from catsdogs.networks import pretrained
from catsdogs.queue import engine, searches, sweeps
from catsdogs.queue.forecast import ROUGH
from catsdogs.queue.searches import Search
from catsdogs.runs import Run
from catsdogs.settings import grid, presets, space, spelling, time_limit
from catsdogs.settings.space import Range
from catsdogs.system.words import counted, duration, forecast

DEFAULTS = {"data": None, "preset": "quick", "seeds": 1, "seed": 0, "within": None, "dry_run": False}  # what only a new sweep is given


def sweep(arguments) -> None:
    if arguments.cancel:
        _require_alone(arguments)
        stopped = searches.cancel(arguments.name)
        sentence = f"Stopped {counted(len(stopped), 'run')} of the sweep {arguments.name}."
        return print(json.dumps({"stopped": [run.id for run in stopped]}) if arguments.json else sentence)
    if not arguments.settings:
        return _show(arguments)
    if arguments.data is None:
        raise InputError("A new sweep needs its data set: --data DIR.")
    sweeps.require_name(arguments.name)
    if arguments.within is not None:
        return _search(arguments)
    values = grid.parse(arguments.settings)
    listing = dataset.check(arguments.data, progress.counter("checked"))
    combined = grid.combine(arguments.preset, listing.folder, values, arguments.seeds, arguments.seed)
    wanted = [pretrained.settle(config) for config in combined]
    split.require(listing, wanted)  # before a run is made
    seconds, is_rough = sweeps.seconds(wanted, engine.slots())
    queued = [] if arguments.dry_run else sweeps.create(arguments.name, wanted)
    if arguments.json:
        facts = {"runs": len(wanted), "seconds": seconds, "is_rough": is_rough, "queued": [run.id for run in queued]}
        return print(json.dumps(facts, indent=1))
    about = "; there is no estimate until a similar run has ended" if seconds is None else f", {forecast(seconds)} in all"
    sentence = f"{counted(len(wanted), 'run')}{about}.{f' {ROUGH}' if is_rough else ''}"
    print(f"{sentence} None was queued." if arguments.dry_run else f"Queued {sentence}")
    if repetition := grid.repetition(wanted):
        print(repetition)


def _require_alone(arguments) -> None:
    """Raises InputError where --cancel was given together with what begins a sweep, or should begin none."""
    if given := ["--set"] * bool(arguments.settings) + _of_a_new_one(arguments):
        raise InputError(f"{given[0]} can't be given together with --cancel, which stops the sweep {arguments.name}: leave one out.")


def _of_a_new_one(arguments) -> list[str]:
    """The options given that only a new sweep has, but for its settings."""
    return [f"--{name.replace('_', '-')}" for name, default in DEFAULTS.items() if getattr(arguments, name) != default]


def go_on(arguments) -> None:
    from catsdogs.queue import searching  # with Optuna, which nothing else needs

    searching.go_on(arguments.folder)


def _search(arguments) -> None:
    """Begin one; a setting with one value has it in every run, the first one included."""
    if arguments.seeds != 1:
        raise InputError("--seeds can't be given together with --within: a search tries each combination once.")
    seconds, found = time_limit.parse(arguments.within), space.parse(arguments.settings)
    fixed = {name: several[0] for name, several in found.items() if isinstance(several, tuple) and len(several) == 1}
    varied = {name: several for name, several in found.items() if name not in fixed}
    listing = dataset.check(arguments.data, progress.counter("checked"))
    chosen = presets.config(arguments.preset, **fixed, data=listing.folder, seed=arguments.seed)
    base = pretrained.settle(chosen if "batch_size" in fixed else split.fit(listing, chosen))
    split.require(listing, map(pretrained.settle, (base, *space.require(base, varied))))  # before a run is made
    queued = [] if arguments.dry_run else [searches.create(arguments.name, base, varied, seconds)]
    if arguments.json:
        return print(json.dumps({"seconds": seconds, "space": space.to_json(varied), "queued": [run.id for run in queued]}, indent=1))
    started = "Nothing was started." if arguments.dry_run else f"Started; `python -m catsdogs sweep --name {arguments.name}` shows it."
    print(f"A search of {duration(seconds)}, starting from the preset {arguments.preset}, over:")
    for name, several in varied.items():
        print(f"{name:20}  {_described(several)}")
    print(started)


def _described(several: Range | tuple) -> str:
    if isinstance(several, Range):
        return f"{several.low:g} to {several.high:g}{' on a logarithmic scale' if several.is_log else ''}"
    return ", ".join(map(spelling.written, several))


def _show(arguments) -> None:
    """Its runs, the best by validation first: held-out photographs choose nothing."""
    if given := _of_a_new_one(arguments):
        raise InputError(f"{given[0]} is for a new sweep, which needs settings that vary, as in --set learning_rate=0.0001..0.1.")
    searches.wake()
    runs, search = sweeps.runs(arguments.name), searches.find(arguments.name)
    rows = sorted(map(summaries.make, runs), key=lambda row: -(row["val_accuracy"] or 0))
    if search:
        return _show_search(search, runs, rows, arguments.json)
    if arguments.json:
        return print(json.dumps(rows, indent=1))
    print(tables.runs(rows, runs))
    if found := importance.rank(runs):
        print(f"\n{tables.importance(found)}")


def _show_search(search: Search, runs: list[Run], rows: list[dict], as_json: bool) -> None:
    judged = choice.judge(search.first, runs, *_names(search, runs))
    if as_json:
        facts = {name: getattr(search, name) for name in ("seconds", "spent", "shares", "note", "said", "ended")}
        best = judged and {"run": judged.best.id, "finding": judged.comparison and judged.comparison.sentence, **judged.interval}
        return print(json.dumps({**facts, "space": space.to_json(search.space), "best": best, "runs": rows}, indent=1))
    print(tables.runs(rows, runs))
    print(f"\n{tables.search(search)}")
    if found := judged.sentence if judged else choice.refusal(runs):
        print(f"\n{found}")
    if search.shares:
        print(f"\n{tables.shares(search.shares)}")


def _names(search: Search, runs: list[Run]) -> tuple[str, str]:
    """What the preset and the best are called: what the best has set otherwise."""
    best = choice.best(runs)
    changed = choice.changed(search.base, best) if best else []
    settings = ", ".join(f"{name} {spelling.written(getattr(best.config, name))}" for name in changed)
    return presets.title(search.base), settings or presets.title(search.base)
