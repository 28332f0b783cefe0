"""The command line: reads the words, calls the library, prints. `python -m catsdogs --help` lists what there is.

A mistake of the person who called ends with status 2 and one line that says what was given, what is allowed and what to do.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from catsdogs import config as configs
from catsdogs import dataset, demo, devices, jobs, presets, pretrained, runs, split, studies, summaries, terminal, worker
from catsdogs.errors import InputError


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        arguments = _parser().parse_args(words)
        return arguments.run(arguments) or 0
    except InputError as error:
        print(f"catsdogs: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while waiting; a training hears it by itself
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{message}. See `{self.prog} --help`.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m catsdogs", description="Train a network to tell cats from dogs, and use it.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run, help: str, has_json: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        if has_json:
            added.add_argument("--json", action="store_true", help="print facts as JSON")
        return added

    drawing = command("demo", _demo, "Draw a data set of cats and dogs.", has_json=False)
    drawing.add_argument("folder", metavar="DIR", type=Path)
    drawing.add_argument("--count", type=int, default=2000, help="pictures in all (default: %(default)s)")
    drawing.add_argument("--seed", type=int, default=0, help="another seed, other pictures (default: %(default)s)")

    command("data", _data, "Say what is in a data set and what is wrong with it.").add_argument("folder", metavar="DIR", type=Path)
    command("device", _device, "Say what a training runs on.")
    command("presets", _presets, "List the presets.")

    training = command("train", _train, "Train a run here, in the foreground.")
    training.add_argument("--data", required=True, metavar="DIR", type=Path, help="the data set")
    training.add_argument("--preset", default="quick", help="settings to start from (default: %(default)s)")
    training.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", dest="settings", help="change one setting; may be repeated"
    )
    training.add_argument("--epochs", help="short for --set epochs=N")

    repeating = command("study", _study, "Queue what is missing of the study, repeated, and say what the runs so far say of it.")
    repeating.add_argument("--data", required=True, metavar="DIR", type=Path, help="the data set")
    repeating.add_argument(
        "--preset-set", default="study", metavar="NAME", help=f"{' or '.join(presets.PRESET_SETS)} (default: %(default)s)"
    )
    repeating.add_argument("--seeds", type=int, default=1, metavar="N", help="how often each step is repeated (default: %(default)s)")

    command("runs", _runs, "List the stored runs, the newest first.")
    stopping = command("stop", _stop, "Stop a queued or running run.", has_json=False)
    stopping.add_argument("id", metavar="RUN")
    resuming = command("resume", _resume, "Queue a run that ended early, to go on where it was.", has_json=False)
    resuming.add_argument("id", metavar="RUN")

    classifying = command("classify", _classify, "Say of each picture whether it is a cat or a dog.")
    classifying.add_argument("pictures", nargs="+", metavar="PICTURE", type=Path)
    classifying.add_argument("--run", metavar="RUN", dest="id", help="whose model (default: the best finished run)")

    downloading = command("download", _download, "Put a run into a ZIP file that classifies elsewhere, too.", has_json=False)
    downloading.add_argument("id", metavar="RUN")
    downloading.add_argument("path", metavar="FILE.zip", nargs="?", type=Path, help="where to (default: RUN.zip, here)")
    downloading.add_argument("--force", action="store_true", help="replace a file that is there")
    coding = command("code", _code, "Print a stand-alone Keras script that trains as the run did.", has_json=False)
    coding.add_argument("id", metavar="RUN")

    working = command("work", _work, "Work on one queued run (what the queue starts).", has_json=False)
    working.add_argument("id", metavar="RUN")
    command("dispatch", _dispatch, "Work off the queue (what the application starts).", has_json=False)
    return parser


def _demo(arguments) -> None:
    folder = demo.create(arguments.folder, arguments.count, arguments.seed, terminal.counter("drawn"))
    print(f"{arguments.count:,} pictures are in {folder}")


def _data(arguments) -> None:
    listing = dataset.check(arguments.folder, terminal.counter("checked"))
    if arguments.json:
        facts = {
            "folder": listing.folder,
            "classes": listing.counts,
            "photographs": len(listing.photos),
            "duplicates": listing.duplicates,
            "set_aside": [asdict(entry) for entry in listing.set_aside],
            "fingerprint": listing.fingerprint,
        }
        return print(json.dumps(facts, indent=1))
    for name, count in listing.counts.items():
        print(f"{count:8,}  {name}")
    print(f"{listing.duplicates:8,}  exact copies among them, kept on one side of the split")
    print(f"{len(listing.set_aside):8,}  set aside")
    for entry in listing.set_aside:
        print(f"          {entry.path}: {entry.reason}")


def _device(arguments) -> None:
    device = devices.find()
    print(json.dumps(devices.to_json(device)) if arguments.json else f"{device}\n{device.note}".rstrip())


def _presets(arguments) -> None:
    if arguments.json:
        return print(json.dumps([asdict(preset) for preset in presets.PRESETS], indent=1, ensure_ascii=False))
    for preset in presets.PRESETS:
        print(f"{preset.name:16}  {preset.title}\n{'':18}{preset.why}")
        print(f"{'':18}{'  '.join(f'{name}={value}' for name, value in preset.settings.items())}")


def _train(arguments) -> int:
    settings = configs.parse(arguments.settings + ([f"epochs={arguments.epochs}"] if arguments.epochs else []))
    config = presets.config(arguments.preset, **settings)
    config = pretrained.settle(configs.change(config, data=_usable(arguments.data, [config])))
    devices.load()
    facts_to = sys.stderr if arguments.json else sys.stdout

    def say(text: str) -> None:
        print(f"\r{text:<79}" if facts_to.isatty() else text, file=facts_to, flush=True)

    with jobs.turn(say):  # the run is made within it: a dispatcher takes every one that it finds waiting
        run = worker.work(runs.create(config), say, terminal.live_line(facts_to))
    summary = summaries.make(run)
    print(json.dumps(summary, indent=1) if arguments.json else terminal.runs([summary]))
    if run.state == "failed":
        raise InputError(run.status["error"])
    return 0 if run.state == "finished" else 1


def _study(arguments) -> None:
    folder = _usable(arguments.data, [presets.config(preset.name) for preset in presets.find_set(arguments.preset_set)])
    queued = studies.queue(arguments.preset_set, folder, arguments.seeds)
    steps = studies.steps(arguments.preset_set, folder)
    conclusions = studies.conclusions(steps)
    if arguments.json:
        return print(json.dumps(studies.to_json(steps, conclusions, queued), indent=1, ensure_ascii=False))
    print(terminal.study(steps))
    print()
    for conclusion in conclusions:
        print(f"{conclusion.sentence} The study's conclusion {conclusion.verdict}.")
    waiting = sum(run.state in runs.WAITING for step in steps for run in step.runs)
    if waiting:
        print(f"\n{len(queued)} runs were queued now; {waiting} are waiting or running. The same command says more when they have ended.")


def _usable(folder: Path, wanted: list[configs.Config]) -> str:
    """The folder, absolute. Raises InputError where these settings can't be trained on what is in it, before a run is made."""
    path = str(folder.expanduser().resolve())
    listing = dataset.check(path, terminal.counter("checked"))
    for config in wanted:
        split.make(listing, config)
    return path


def _runs(arguments) -> None:
    rows = [summaries.make(run) for run in runs.list_all()]
    if arguments.json:
        return print(json.dumps(rows, indent=1))
    print(terminal.runs(rows) if rows else "There are no runs yet. Train one: python -m catsdogs train --data DIR")


def _stop(arguments) -> None:
    jobs.stop(runs.load(arguments.id))


def _resume(arguments) -> None:
    jobs.resume(runs.load(arguments.id))


def _classify(arguments) -> int:
    run = runs.load(arguments.id) if arguments.id else summaries.best()
    devices.load()
    from catsdogs import classifier  # imports Keras, which the other commands do not wait for

    answers = classifier.classify(classifier.load(run), [(str(path), path) for path in arguments.pictures])
    if arguments.json:
        print(json.dumps([{name: value for name, value in asdict(answer).items() if value is not None} for answer in answers], indent=1))
    else:
        for answer in answers:
            verdict = f"{answer.label:6} {answer.probability:7.1%}" if answer.label else f"error: {answer.error}"
            print(f"{answer.picture}: {verdict}")
    return 2 if any(answer.error for answer in answers) else 0


def _download(arguments) -> None:
    run = runs.load(arguments.id)
    path = arguments.path or Path(f"{run.id}.zip")
    if path.exists() and not arguments.force:
        raise InputError(f"{path} is there already. Give another name, or --force to replace it.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to put {path.name} into.")
    devices.load()
    from catsdogs import bundle

    bundle.write(run, path)
    print(path)


def _code(arguments) -> None:
    run = runs.load(arguments.id)
    devices.load()
    from catsdogs import script

    print(script.of(run), end="")


def _work(arguments) -> int:
    run = worker.work(runs.load(arguments.id), print)
    return 0 if run.state in ("finished", "stopped") else 1


def _dispatch(arguments) -> None:
    jobs.dispatch()


if __name__ == "__main__":
    sys.exit(main())
