"""What each command does: calls the library with the words of `parser`, and prints. Commands return an exit status, or None for 0.

Those that ask a network about images are in `answering`.
"""

import getpass
import json
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from catsdogs.analysis import choice, evaluation, studies, summaries
from catsdogs.cli import pairs, progress, tables, writable
from catsdogs.data import class_balance, dataset, known_folders, layout, naming, split
from catsdogs.data.tree import LeftOutFolder
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.export import portable
from catsdogs.queue import cluster, dispatcher, jobs, study_runs, webhook
from catsdogs.runs import Run, damage, store, trash
from catsdogs.settings import presets, spelling, stages, study_presets
from catsdogs.sources import catalogue, download, intake
from catsdogs.system import devices, files, passwords, paths
from catsdogs.system.words import counted, printable
from catsdogs.training import worker

_SHORTEST_PASSWORD = 8  # characters
FORMATS = ("keras", *portable.FORMATS)  # of `download`


def draw(arguments) -> None:
    folder = demo.create(paths.resolve(arguments.folder), arguments.count, arguments.seed, progress.counter("drawn"))
    known_folders.remember(folder)  # the pages offer it
    print(printable(f"{arguments.count:,} images are in {folder}"))


def fetch(arguments) -> None:
    offer = catalogue.find(arguments.offer)
    folder = paths.resolve(arguments.folder) if arguments.folder else intake.folder_of(offer)
    with download.making(offer):
        if arguments.folder is None and folder.is_dir():
            known_folders.remember(folder)
            return print(json.dumps({"folder": str(folder)}) if arguments.json else f"{offer.title} is in {folder} already.")
        intake.require_empty(folder)  # before hundreds of megabytes come
        path = download.fetch(offer, progress.counter("bytes"))
        added = intake.add_archive(path, offer.title, progress.counter("files unpacked"), folder)
        download.forget(offer)
    _tell(added, arguments.json)


def import_(arguments) -> None:
    source = paths.resolve(arguments.source)
    add = intake.add_archive if source.is_file() else intake.add_folder
    _tell(add(source, arguments.name, progress.counter("files")), arguments.json)


def _tell(added: intake.Added, as_json: bool) -> None:
    known_folders.remember(added.folder)  # the pages offer it
    if as_json:
        return print(json.dumps({**asdict(added), "folder": str(added.folder)}, indent=1))
    print(printable(f"{counted(added.images, 'image')} {'is' if added.images == 1 else 'are'} in {added.folder}"))
    for line in intake.lines_of(added.left_out):
        print(printable(f"          left out: {line}"))
    reading = layout.read(added.folder)
    counts = Counter(each.label for each in reading.candidates if each.label)
    classes = " and ".join(naming.counted(count, name) for name, count in sorted(counts.items()))
    unclear = sum(each.label is None for each in reading.candidates)
    others = f", and {counted(unclear, 'image')} of no class" if unclear else ""
    print(printable(reading.problem or f"By the names of folders and files: {classes}{others}"))
    _tell_left_out(reading.left_out)


def _tell_left_out(folders: Sequence[LeftOutFolder]) -> None:
    for folder in folders:
        images = f" with {counted(folder.images, 'image')}" if folder.images else ""
        print(printable(f"left out: {folder.path}/{images}: {folder.reason}"))


def check_data(arguments) -> None:
    listing = dataset.check(arguments.folder, progress.counter("checked"))
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
        print(printable(f"{count:8,}  {name}"))
    print(f"{listing.duplicates:8,}  exact copies among them, kept in one subset")
    print(f"{len(listing.set_aside):8,}  set aside")
    for entry in listing.set_aside:
        print(printable(f"          {entry.path}: {entry.reason}"))
    _tell_left_out(listing.left_out)
    if warning := class_balance.warning(listing.counts):
        print(printable(warning))


def device(arguments) -> None:
    devices.backend()  # which may be none that trains
    device = devices.find()
    if arguments.json:
        return print(json.dumps(vars(device)))
    print(f"{device}\n{device.note}".rstrip())
    if chosen := cluster.settings():
        print(f"Runs that are queued train on the Ray cluster at {chosen.address}, each with {chosen.share}.")


def versions() -> str:
    """Of this package, of Keras and of its backend, without loading them. Raises InputError for a backend that can't be used."""
    return ", ".join(f"{name} {version(name)}" for name in ("catsdogs", "keras", devices.backend()))


def hash_password(arguments) -> None:
    try:
        given = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    except EOFError:  # Ctrl-D
        given = ""
    except UnicodeDecodeError:
        raise InputError("The password is not valid UTF-8, as a browser would send it. Give another one.") from None
    if len(given) < _SHORTEST_PASSWORD:
        raise InputError(f"The password has {counted(len(given), 'character')}; give at least {_SHORTEST_PASSWORD}.")
    print(passwords.hashed(given))


def list_presets(arguments) -> None:
    if arguments.json:
        return print(json.dumps([asdict(preset) for preset in presets.PRESETS], indent=1, ensure_ascii=False))
    for preset in presets.PRESETS:
        print(f"{preset.name:16}  {preset.title}\n{'':18}{preset.why}")
        print(f"{'':18}{'  '.join(f'{name}={spelling.written(value)}' for name, value in preset.settings.items())}")


def train(arguments) -> int:
    settings = pairs.read(arguments.settings + ([f"epochs={arguments.epochs}"] if arguments.epochs is not None else []))
    config, _, lowered = pairs.configure(arguments.preset, settings, arguments.data)
    devices.load()
    stream = sys.stderr if arguments.json else sys.stdout

    def log(message: str) -> None:
        print(f"\r{message:<79}" if stream.isatty() else message, file=stream, flush=True)

    for sentence in (*presets.left_out(arguments.preset, config), lowered, stages.omission(config)):
        if sentence:
            log(sentence)
    with dispatcher.turn(log):  # the run is created within it: a dispatcher takes every one that it finds waiting
        run = worker.work(store.create(config), _while_read(log), _while_read(progress.live_line(stream)))
    webhook.tell(run)
    summary = summaries.make(run)
    try:
        print(json.dumps(summary, indent=1) if arguments.json else tables.runs([summary]), flush=True)
    finally:
        webhook.finish()
    if run.state == "failed":
        raise InputError(run.status["error"])
    return 0 if run.state == "finished" else 1


def _while_read(say: Callable) -> Callable:
    """As `say`, but it stops the training as Ctrl-C does once its reader, such as `head`, is gone; the run would have failed."""

    def said(what) -> None:
        try:
            say(what)
        except BrokenPipeError:
            signal.raise_signal(signal.SIGINT)

    return said


def study(arguments) -> None:
    listing = dataset.check(arguments.data, progress.counter("checked"))
    studies.require(listing, [presets.config(preset.name) for preset in study_presets.find_set(arguments.preset_set)])
    queued = study_runs.queue(arguments.preset_set, listing.folder, arguments.seeds)
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
        print(f"\nQueued {counted(len(queued), 'run')}; {waiting} waiting or running. Run the command again when all have ended.")


def list_runs(arguments) -> None:
    if arguments.id is not None:
        return _show_run(store.load(arguments.id), arguments.json)
    stored, unreadable = store.list_all(), store.list_unreadable()
    rows = [{**summaries.make(run), "name": run.label.name} for run in stored]
    if arguments.json:
        damaged = [{"id": found.id, "state": "unreadable", "file": found.file, "error": found.sentence} for found in unreadable]
        return print(json.dumps(rows + damaged, indent=1))
    print(tables.runs(rows, stored) if rows else "There are no runs yet. Train one: python -m catsdogs train --data DIR")
    if unreadable:
        print(f"\n{tables.unreadable(unreadable)}")


def _show_run(run: Run, as_json: bool) -> None:
    base = presets.start(run.config.preset)
    changed = {name: getattr(run.config, name) for name in choice.changed(base, run) if name != "data"}
    facts = {**summaries.make(run), **asdict(run.label), "by": run.by, "seed": run.config.seed, "changed": changed}
    found = evaluation.load(run)
    facts["photographs"] = found and {subset: getattr(found, subset).count for subset in split.SUBSETS}
    facts["interval"] = found and [found.test.low, found.test.high]
    print(json.dumps(facts, indent=1) if as_json else tables.run(facts))


def delete(arguments) -> None:
    for run in [store.find(id) for id in dict.fromkeys(arguments.ids)]:  # before one is gone for good
        size = files.space(run.folder)
        trash.put(run)
        trash.empty([run.id])
        print(f"Deleted {damage.printable(run.id)}, {size / 1e6:.1f} MB.")


def stop(arguments) -> None:
    run = store.load(arguments.id)
    if run.state in jobs.OVER:
        raise InputError(f"Run {run.id} is {run.state}; only a waiting or a running one can be stopped.")
    jobs.stop(run)
    print(f"Stopped {run.id}." if run.state == "queued" else f"Run {run.id} was told to stop.")
    if run.state == "queued":  # of the others, whoever has them trained tells
        webhook.tell(run)
        webhook.finish()


def resume(arguments) -> None:
    jobs.resume(run := store.load(arguments.id))
    print(f"Queued {run.id}.")


def save(arguments) -> None:
    run = store.load(arguments.id)
    suffix = "" if arguments.format == FORMATS[0] else f"-{arguments.format}"
    if arguments.data and not suffix:
        others = " or ".join(portable.FORMATS)
        raise InputError(f"--data {arguments.data} is of no use here: only --format {others} is checked with photographs. Leave it out.")
    path = arguments.path or Path(f"{run.id}{suffix}.zip")
    writable.require(path, arguments.force)
    if suffix:
        return _export(run, path, arguments)
    devices.load()
    from catsdogs.export import bundle

    with writable.explained(path):
        bundle.write(run, path)
    print(json.dumps({"file": str(path)}) if arguments.json else printable(str(path)))


def _export(run: Run, path: Path, arguments) -> None:
    portable.prepare()
    with writable.explained(path):
        exported = portable.write(run, arguments.format, path, arguments.data)
    if arguments.json:
        return print(json.dumps({"file": str(path), **asdict(exported)}, indent=1))
    print(f"{portable.table(exported)}\n{printable(str(path))}")


def import_run(arguments) -> None:
    path = paths.resolve(arguments.path)
    if not path.is_file():
        raise InputError(f"There is no file {arguments.path}. Give the ZIP file that `python -m catsdogs download RUN` wrote.")
    devices.load()
    from catsdogs.export import run_import

    print(run_import.add(path).id)


def code(arguments) -> None:
    run = store.load(arguments.id)
    devices.load()
    from catsdogs.export import script

    print(script.of(run), end="")


def work(arguments) -> int:
    run = store.load(arguments.id)
    if run.state != "queued":  # the bundled one would be overwritten, and what was measured of any other
        raise InputError(f"Run {run.id} is {run.state}; only a queued one is trained.")
    run = worker.work(run, print, job=arguments.job)
    return 0 if run.state in ("finished", "stopped") else 1


def dispatch(arguments) -> None:
    dispatcher.dispatch()
