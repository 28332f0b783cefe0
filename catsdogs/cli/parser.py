"""The words that the command line understands. What each command does is in `commands`."""

import argparse
from pathlib import Path

from catsdogs.cli import commands
from catsdogs.errors import InputError
from catsdogs.settings import study_presets


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{message}. See `{self.prog} --help`.")


def build() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m catsdogs", description="Train a network to tell cats from dogs, and use it.")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run, help: str, has_json: bool = True) -> argparse.ArgumentParser:
        added = subparsers.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        if has_json:
            added.add_argument("--json", action="store_true", help="print facts as JSON")
        return added

    drawing = command("demo", commands.draw, "Draw a data set of cats and dogs.", has_json=False)
    drawing.add_argument("folder", metavar="DIR", type=Path)
    drawing.add_argument("--count", type=int, default=2000, help="pictures in all (default: %(default)s)")
    drawing.add_argument("--seed", type=int, default=0, help="another seed, other pictures (default: %(default)s)")

    checking = command("data", commands.check_data, "Say what is in a data set and what is wrong with it.")
    checking.add_argument("folder", metavar="DIR", type=Path)
    command("device", commands.device, "Say what a training runs on.")
    command("presets", commands.list_presets, "List the presets.")

    training = command("train", commands.train, "Train a run here, in the foreground.")
    training.add_argument("--data", required=True, metavar="DIR", type=Path, help="the data set")
    training.add_argument("--preset", default="quick", help="settings to start from (default: %(default)s)")
    training.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", dest="settings", help="change one setting; may be repeated"
    )
    training.add_argument("--epochs", help="short for --set epochs=N")

    repeating = command("study", commands.study, "Queue what is missing of the study, repeated, and say what the runs so far say of it.")
    repeating.add_argument("--data", required=True, metavar="DIR", type=Path, help="the data set")
    repeating.add_argument(
        "--preset-set", default="study", metavar="NAME", help=f"{' or '.join(study_presets.PRESET_SETS)} (default: %(default)s)"
    )
    repeating.add_argument("--seeds", type=int, default=1, metavar="N", help="how often each step is repeated (default: %(default)s)")

    command("runs", commands.list_runs, "List the stored runs, the newest first.")
    stopping = command("stop", commands.stop, "Stop a queued or running run.", has_json=False)
    stopping.add_argument("id", metavar="RUN")
    resuming = command("resume", commands.resume, "Queue a run that ended early, to go on where it was.", has_json=False)
    resuming.add_argument("id", metavar="RUN")

    classifying = command("classify", commands.classify, "Say of each picture whether it is a cat or a dog.")
    classifying.add_argument("pictures", nargs="+", metavar="PICTURE", type=Path)
    classifying.add_argument("--run", metavar="RUN", dest="id", help="whose model (default: the best finished run)")

    downloading = command("download", commands.download, "Put a run into a ZIP file that classifies elsewhere, too.", has_json=False)
    downloading.add_argument("id", metavar="RUN")
    downloading.add_argument("path", metavar="FILE.zip", nargs="?", type=Path, help="where to (default: RUN.zip, here)")
    downloading.add_argument("--force", action="store_true", help="replace a file that is there")
    coding = command("code", commands.code, "Print a stand-alone Keras script that trains as the run did.", has_json=False)
    coding.add_argument("id", metavar="RUN")

    working = command("work", commands.work, "Work on one queued run (what the queue starts).", has_json=False)
    working.add_argument("id", metavar="RUN")
    command("dispatch", commands.dispatch, "Work off the queue (what the application starts).", has_json=False)
    return parser
