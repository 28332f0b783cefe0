"""What each command does: calls the library with the words of `parser`, and prints. Commands return an exit status, or None for 0."""

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from catsdogs.analysis import calibration, importance, ranking, studies, summaries
from catsdogs.analysis.measurements import Measurement
from catsdogs.cli import tables
from catsdogs.data import class_balance, dataset, split
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.export import portable
from catsdogs.inference import calibrating, measuring
from catsdogs.networks import pretrained
from catsdogs.queue import dispatcher, jobs, sweeps
from catsdogs.runs import Run, damage, store, temperature, trash
from catsdogs.settings import config as configs
from catsdogs.settings import grid, presets, spelling, study_presets
from catsdogs.sources import catalogue, download, intake
from catsdogs.system import devices, paths
from catsdogs.training import worker

FORMATS = ("keras", *portable.FORMATS)  # of `download`
_HEAT_MAP_SIDE = 1024  # px of the longer side of what `explain` writes
_HEAT_MAP_STRENGTH = 0.6


def draw(arguments) -> None:
    folder = demo.create(paths.resolve(arguments.folder), arguments.count, arguments.seed, tables.counter("drawn"))
    print(f"{arguments.count:,} images are in {folder}")


def fetch(arguments) -> None:
    offer = catalogue.find(arguments.offer)
    folder = paths.resolve(arguments.folder) if arguments.folder else intake.folder_of(offer)
    if arguments.folder is None and folder.is_dir():
        return print(json.dumps({"folder": str(folder)}) if arguments.json else f"{offer.title} is in {folder} already.")
    path = download.fetch(offer, tables.counter("bytes"))
    added = intake.add_archive(path, offer.title, tables.counter("files unpacked"), folder)
    download.forget(offer)
    _tell(added, arguments.json)


def import_(arguments) -> None:
    source = paths.resolve(arguments.source)
    add = intake.add_archive if source.is_file() else intake.add_folder
    _tell(add(source, arguments.name, tables.counter("files")), arguments.json)


def _tell(added: intake.Added, as_json: bool) -> None:
    if as_json:
        return print(json.dumps({**asdict(added), "folder": str(added.folder)}, indent=1))
    print(f"{added.images:,} images are in {added.folder}")
    for entry in added.left_out:
        print(f"          left out: {entry.name}: {entry.reason}")


def check_data(arguments) -> None:
    listing = dataset.check(arguments.folder, tables.counter("checked"))
    if arguments.json:
        facts = {
            "folder": listing.folder,
            "classes": listing.counts,
            "photographs": len(listing.photos),
            "duplicates": listing.duplicates,
            "set_aside": [asdict(entry) for entry in listing.set_aside],
            "left_out": [asdict(entry) for entry in listing.left_out],
            "fingerprint": listing.fingerprint,
            "warning": class_balance.warning(listing.counts),
        }
        return print(json.dumps(facts, indent=1))
    for name, count in listing.counts.items():
        print(f"{count:8,}  {name}")
    print(f"{listing.duplicates:8,}  exact copies among them, kept in one subset")
    print(f"{len(listing.set_aside):8,}  set aside")
    for entry in listing.set_aside:
        print(f"          {entry.path}: {entry.reason}")
    for entry in listing.left_out:
        print(f"left out: {entry.path}/ with {entry.images:,} images: {entry.reason}")
    if warning := class_balance.warning(listing.counts):
        print(warning)


def device(arguments) -> None:
    device = devices.find()
    print(json.dumps(devices.to_json(device)) if arguments.json else f"{device}\n{device.note}".rstrip())


def list_presets(arguments) -> None:
    if arguments.json:
        return print(json.dumps([asdict(preset) for preset in presets.PRESETS], indent=1, ensure_ascii=False))
    for preset in presets.PRESETS:
        print(f"{preset.name:16}  {preset.title}\n{'':18}{preset.why}")
        print(f"{'':18}{'  '.join(f'{name}={value}' for name, value in preset.settings.items())}")


def train(arguments) -> int:
    settings = spelling.parse(arguments.settings + ([f"epochs={arguments.epochs}"] if arguments.epochs else []))
    chosen = presets.config(arguments.preset, **settings)
    listing = _checked(arguments.data)
    config = chosen if "batch_size" in settings else split.fit(listing, chosen)
    split.make(listing, config)
    config = pretrained.settle(configs.change(config, data=listing.folder))
    devices.load()
    stream = sys.stderr if arguments.json else sys.stdout

    def log(message: str) -> None:
        print(f"\r{message:<79}" if stream.isatty() else message, file=stream, flush=True)

    for sentence in (*presets.left_out(arguments.preset, config), split.lowered(chosen, config)):
        if sentence:
            log(sentence)
    with dispatcher.turn(log):  # the run is created within it: a dispatcher takes every one that it finds waiting
        run = worker.work(store.create(config), log, tables.live_line(stream))
    summary = summaries.make(run)
    print(json.dumps(summary, indent=1) if arguments.json else tables.runs([summary]))
    if run.state == "failed":
        raise InputError(run.status["error"])
    return 0 if run.state == "finished" else 1


def study(arguments) -> None:
    listing = _checked(arguments.data)
    for preset in study_presets.find_set(arguments.preset_set):  # before a run is made
        split.make(listing, presets.config(preset.name))
    queued = jobs.create(studies.missing(arguments.preset_set, listing.folder, arguments.seeds))
    variants = studies.variants(arguments.preset_set, listing.folder)
    conclusions = studies.conclusions(variants)
    if arguments.json:
        return print(json.dumps(studies.to_json(variants, conclusions, queued), indent=1, ensure_ascii=False))
    print(tables.study(variants))
    print(f"\n{tables.conclusions(conclusions)}")
    unreadable = store.list_unreadable()
    if unreadable:
        print(f"\n{tables.count_unreadable(unreadable)}; `python -m catsdogs runs` says why.")
    waiting = sum(run.state in store.WAITING for variant in variants for run in variant.runs)
    if waiting:
        print(f"\n{len(queued)} runs were queued; {waiting} are waiting or running. Run the command again when they have ended.")


def sweep(arguments) -> None:
    if arguments.cancel:
        stopped = sweeps.cancel(arguments.name)
        facts = {"stopped": [run.id for run in stopped]}
        return print(json.dumps(facts) if arguments.json else f"{len(stopped)} runs of the sweep {arguments.name} were stopped.")
    if not arguments.settings:
        return _show_sweep(arguments)
    if arguments.data is None:
        raise InputError("A new sweep needs its data set: --data DIR.")
    values = grid.parse(arguments.settings)
    listing = _checked(arguments.data)
    wanted = grid.combine(arguments.preset, listing.folder, values, arguments.seeds)
    for config in wanted:  # before a run is made
        split.make(listing, config)
    seconds = sweeps.seconds(wanted, len(devices.slots()))
    queued = [] if arguments.dry_run else sweeps.create(arguments.name, wanted)
    if arguments.json:
        return print(json.dumps({"runs": len(wanted), "seconds": seconds, "queued": [run.id for run in queued]}, indent=1))
    about = "how long they take isn't known before a similar run has ended" if seconds is None else f"about {seconds / 60:.0f} min in all"
    print(f"{len(wanted)} runs, {about}. {'None was queued.' if arguments.dry_run else 'They were queued.'}")


def _show_sweep(arguments) -> None:
    """Its runs, the best by validation first: held-out photographs choose nothing."""
    runs = sweeps.runs(arguments.name)
    rows = sorted(map(summaries.make, runs), key=lambda row: -(row["val_accuracy"] or 0))
    if arguments.json:
        return print(json.dumps(rows, indent=1))
    print(tables.runs(rows))
    if found := importance.rank(runs):
        print(f"\n{tables.importance(found)}")


def _checked(folder: Path) -> dataset.Listing:
    return dataset.check(folder, tables.counter("checked"))


def list_runs(arguments) -> None:
    rows, unreadable = [summaries.make(run) for run in store.list_all()], store.list_unreadable()
    if arguments.json:
        told = [{"id": found.id, "state": "unreadable", "file": found.file, "error": found.sentence} for found in unreadable]
        return print(json.dumps(rows + told, indent=1))
    print(tables.runs(rows) if rows else "There are no runs yet. Train one: python -m catsdogs train --data DIR")
    if unreadable:
        print(f"\n{tables.unreadable(unreadable)}")


def delete(arguments) -> None:
    for id in arguments.ids:
        run = store.find(id)
        size = trash.size(run)
        trash.put(run)
        trash.empty([run.id])
        print(f"Deleted {damage.printable(run.id)}, {size / 1e6:.1f} MB.")


def stop(arguments) -> None:
    jobs.stop(store.load(arguments.id))


def resume(arguments) -> None:
    jobs.resume(store.load(arguments.id))


def classify(arguments) -> int:
    run = store.load(arguments.id) if arguments.id else ranking.default().run
    devices.load()
    from catsdogs.inference import classifier  # imports Keras, which other commands do not wait for

    sources = [(str(path), path) for path in arguments.images]
    answers = classifier.classify(classifier.load(run), sources, temperature=temperature.load(run).value, mirror=arguments.mirror)
    if arguments.json:
        print(json.dumps([{name: value for name, value in asdict(answer).items() if value is not None} for answer in answers], indent=1))
    else:
        for answer in answers:
            verdict = f"{answer.label:6} {answer.probability:7.1%}" if answer.label else f"error: {answer.error}"
            verdict += "  looks like neither" if answer.neither else ""
            print(f"{answer.picture}: {verdict}")
    return 2 if any(answer.error for answer in answers) else 0


def explain(arguments) -> None:
    run = store.load(arguments.id) if arguments.id else ranking.default().run
    path = arguments.to or Path(f"{arguments.image.stem}-heat-map.png")
    _require_writable(path, arguments.force)
    devices.load()
    from catsdogs.figures import heat_map
    from catsdogs.inference import classifier, heat_maps

    try:
        found = heat_maps.make(heat_maps.prepare(classifier.load(run)), arguments.image)
        photograph = heat_maps.photograph(arguments.image, _HEAT_MAP_SIDE, run.config.proportions)
        painted = heat_map.lay_over(photograph, found.values, _HEAT_MAP_STRENGTH)
    except (InputError, OSError) as error:
        raise InputError(f"{arguments.image}: {error.strerror if isinstance(error, OSError) else error}") from None
    try:
        painted.save(path)
    except (OSError, ValueError) as error:  # of Pillow, where it doesn't know the suffix
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} can't be written ({reason}). Give another name, such as map.png.") from None
    probability = float(calibration.temper(found.probability, temperature.load(run).value))
    if arguments.json:
        facts = {"label": found.label, "probability": probability, "other": found.other, "method": found.method}
        return print(json.dumps({"picture": str(arguments.image), **facts, "file": str(path)}, indent=1))
    print(f"{arguments.image}: {found.label:6} {probability:7.1%}\n{path}: {'; '.join(heat_map.legend(found.label, found.other))}")


def evaluate(arguments) -> None:
    runs = [store.load(id) for id in dict.fromkeys(arguments.ids)] or _finished()
    listing = dataset.check(arguments.data, tables.counter("checked"))
    plans, refused = [], {}
    for run in runs:
        try:
            plans.append(measuring.plan(run, listing))
        except InputError as error:
            refused[run.id] = str(error)
    if refused and (arguments.ids or not plans):  # before the others take their time
        raise InputError(next(iter(refused.values())))
    devices.load()
    from catsdogs.inference import classifier

    rows = []
    for number, plan in enumerate(plans, start=1):
        answer = partial(classifier.classify, classifier.load(plan.run))
        report = tables.counter(f"measured, run {number} of {len(plans)}")
        found = measuring.measure(plan, answer, report)
        rows.append(_measured(plan.run, found))
        if arguments.mirror:
            mirrored = measuring.measure(plan, partial(answer, mirror=True), report, is_kept=False)
            rows[-1]["mirror"] = _mirrored(plan.run, found, mirrored)
    rows += [{"run": id, "error": error} for id, error in refused.items()]
    print(json.dumps(rows, indent=1, ensure_ascii=False) if arguments.json else tables.measurements(rows))


def _finished() -> list[Run]:
    finished = [run for run in store.list_all() if run.state == "finished" and run.model_path.exists()]
    return [*finished, store.load(store.SHIPPED)]


def _measured(run: Run, found: Measurement) -> dict:
    facts = {name: getattr(found, name) for name in ("accuracy", "low", "high", "auc", "confusion", "class_names", "left_out", "omission")}
    about = {name: getattr(found, name) for name in ("caution", "is_overlap_known", "data", "fingerprint", "measured")}
    return {"run": run.id, **facts, "photographs": len(found.photographs), **_errors(run, found), **about}


def _errors(run: Run, found: Measurement) -> dict:
    """The expected calibration error of the network's own probabilities, and of those at its temperature."""
    fitted = temperature.load(run)
    before, after = calibration.before_and_after(found.photographs, fitted.value)
    is_fitted = fitted.photographs > 0
    return {"temperature": fitted.value if is_fitted else None, "ece_before": before.error, "ece": after.error}


def _mirrored(run: Run, found: Measurement, mirrored: Measurement) -> dict:
    """What the average with the mirror image brings: also on how many photographs the answer is right only with it, or only without."""
    facts = {name: getattr(mirrored, name) for name in ("accuracy", "low", "high", "auc", "confusion")}
    pairs = zip(found.photographs, mirrored.photographs, strict=True)
    changed = [(after.answer == after.label) for before, after in pairs if before.answer != after.answer]
    return {**facts, **_errors(run, mirrored), "mended": sum(changed), "spoilt": len(changed) - sum(changed)}


def calibrate(arguments) -> None:
    run = store.load(arguments.id)
    if arguments.data is None and not run.config.data:
        raise InputError(f"It is not known where the photographs are that run {run.id} was trained on. Give their folder: --data DIR.")
    listing = _checked(arguments.data or Path(run.config.data))
    calibrating.require(run, listing)
    devices.load()
    from catsdogs.data import batches
    from catsdogs.inference import classifier
    from catsdogs.training import neither

    loaded = classifier.load(run)
    fitted = calibrating.calibrate(run, listing, partial(classifier.classify, loaded), tables.counter("photographs answered"))
    learned = neither.learn(run, loaded.model, batches.make(listing, run.config, tables.counter("photographs decoded")))
    shares = {name: learned[name] for name in ("turned_away", "found")} if learned else None
    if arguments.json:
        return print(json.dumps({**asdict(fitted), "neither": shares}, indent=1))
    print(tables.temperature(fitted), tables.neither(shares), sep="\n")


def save(arguments) -> None:
    run = store.load(arguments.id)
    suffix = "" if arguments.format == FORMATS[0] else f"-{arguments.format}"
    path = arguments.path or Path(f"{run.id}{suffix}.zip")
    _require_writable(path, arguments.force)
    if suffix:
        return _export(run, path, arguments)
    devices.load()
    from catsdogs.export import bundle

    bundle.write(run, path)
    print(json.dumps({"file": str(path)}) if arguments.json else path)


def _export(run: Run, path: Path, arguments) -> None:
    portable.prepare()
    exported = portable.write(run, arguments.format, path, arguments.data)
    if arguments.json:
        return print(json.dumps({"file": str(path), **asdict(exported)}, indent=1))
    print(f"{portable.table(exported)}\n{path}")


def import_run(arguments) -> None:
    path = paths.resolve(arguments.path)
    if not path.is_file():
        raise InputError(f"There is no file {arguments.path}. Give the ZIP file that `python -m catsdogs download RUN` wrote.")
    devices.load()
    from catsdogs.export import returning

    print(returning.add(path).id)


def _require_writable(path: Path, is_forced: bool) -> None:
    if paths.resolve(path).is_dir():
        raise InputError(f"{path} is a folder. Give the name of a file.")
    if path.exists() and not is_forced:
        raise InputError(f"{path} already exists. Give another name, or --force to replace it.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to put {path.name} into.")


def code(arguments) -> None:
    run = store.load(arguments.id)
    devices.load()
    from catsdogs.export import script

    print(script.of(run), end="")


def work(arguments) -> int:
    run = worker.work(store.load(arguments.id), print)
    return 0 if run.state in ("finished", "stopped") else 1


def dispatch(arguments) -> None:
    dispatcher.dispatch()
