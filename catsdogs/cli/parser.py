"""The words that the command line understands. What each command does is in `commands`."""

import argparse
from pathlib import Path

from catsdogs.cli import answering, commands, pairs, sweeping, tuning
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.settings import Config, grid, spelling, study_presets, time_limit
from catsdogs.settings.config import LIMITS
from catsdogs.sources import catalogue

_PRESET = "settings to start from; `python -m catsdogs presets` lists the presets (default: %(default)s)"
_LISTED = "`python -m catsdogs train --help` lists the settings"
_SETTING = f"change a setting; repeatable; {_LISTED}"
_DEFAULT_RUN = "the bundled one, unless another was measured to be better on the same photographs"
_MIRROR = "average the answers to each image and its mirror image"
_ID = "its id, as `python -m catsdogs runs` lists it"
_RUN = f"{_ID}, or {store.SHIPPED} for the bundled one"
_SEEDS = f"1 to {grid.MOST_SEEDS} (default: %(default)s)"


class _Parser(argparse.ArgumentParser):
    _is_called = False

    def parse_known_args(self, args=None, namespace=None):
        """Options of a command may stand anywhere, also before a file that could be left out."""
        if self._subparsers or self._is_called:
            return super().parse_known_args(args, namespace)
        self._is_called = True  # by what follows
        return self.parse_known_intermixed_args(args, namespace)

    def error(self, message):
        raise InputError(f"{message}. See `{self.prog} --help`.")


class _Versions(argparse.Action):
    """Prints them and ends, as `action="version"` would, but finds them only when asked."""

    def __call__(self, parser, *_):
        print(commands.versions())
        parser.exit()


def _path(given: str) -> Path:
    """Where `Path` would take an empty text for the current folder, such as that of a shell's variable which is not set."""
    if not given:
        raise argparse.ArgumentTypeError("'' is not a path; name a file or a folder, or give . for the current folder")
    return Path(given)


def _count(given: str) -> int:
    try:
        return int(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} can't be read as a whole number") from None


def build() -> argparse.ArgumentParser:
    """The parser of all commands. Raises InputError for words that it does not understand."""
    parser = _Parser(prog="python -m catsdogs", description="Train a network to tell cats from dogs, and use it.")
    parser.add_argument("--version", action=_Versions, nargs=0, help="print the versions of the application, of Keras and of its backend")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run, help: str, has_json: bool = False) -> argparse.ArgumentParser:
        added = subparsers.add_parser(name, help=help, description=help)
        added.set_defaults(run=run, has_reader=True)
        if has_json:
            added.add_argument("--json", action="store_true", help="print JSON")
        return added

    _add_data(command)
    _add_training(command)
    _add_sweep(command)
    _add_range_test(command)
    _add_runs(command)
    _add_answering(command)
    _add_exports(command)
    _add_background(command)
    return parser


def _add_data(command) -> None:
    drawing = command("demo", commands.draw, "Draw a data set of cats and dogs.")
    low, high = demo.COUNT_LIMITS
    drawing.add_argument("folder", metavar="DIR", type=_path, help="a new or an empty folder")
    drawing.add_argument(
        "--count", type=_count, metavar="N", default=2000, help=f"number of images, {low} to {high} (default: %(default)s)"
    )
    about = f"{LIMITS['seed']}; another seed draws other images (default: %(default)s)"
    drawing.add_argument("--seed", type=_count, metavar="N", default=0, help=about)
    fetching = command("fetch", commands.fetch, "Download a data set of photographs, or resume a download that broke off.", has_json=True)
    fetching.add_argument("offer", metavar="|".join(offer.name for offer in catalogue.OFFERS), help=_offers())
    fetching.add_argument("folder", metavar="DIR", nargs="?", type=_path, help="where to put it (default: the application's home folder)")
    importing = command("import", commands.import_, "Make a data set from the photographs in a ZIP file or a folder.", has_json=True)
    importing.add_argument("source", metavar="ZIP|FOLDER", type=_path, help="the photographs; they are copied")
    importing.add_argument("name", metavar="NAME", nargs="?", default="", help="its name (default: that of the file or folder)")
    checking = command("data", commands.check_data, "Show what a data set contains and what is wrong with it.", has_json=True)
    checking.add_argument("folder", metavar="DIR", type=_path, help="the data set")


def _offers() -> str:
    return "; ".join(f"{offer.name}: {offer.title}, {offer.size / 1e6:.0f} MB, {offer.holds}" for offer in catalogue.OFFERS)


def _add_training(command) -> None:
    command("device", commands.device, "Show the device used for training.", has_json=True)
    command("password", commands.hash_password, "Ask for a password and print what to put into [access]; see docs/access.md.")
    command("presets", commands.list_presets, "List the presets.", has_json=True)
    training = command("train", commands.train, "Train a run in the foreground.", has_json=True)
    _add_settings(training, "the data set", "change one of the settings below; repeatable")
    training.add_argument("--epochs", metavar="N", help=f"short for --set epochs=N: {LIMITS['epochs']}")
    training.formatter_class, training.epilog = argparse.RawDescriptionHelpFormatter, _fields()
    studying = command("study", commands.study, "Queue the missing runs of the study and test its conclusions so far.", has_json=True)
    studying.add_argument("--data", required=True, metavar="DIR", type=_path, help="the data set")
    sets = " or ".join(study_presets.PRESET_SETS)
    studying.add_argument("--preset-set", default="study", metavar="NAME", help=f"{sets} (default: %(default)s)")
    studying.add_argument("--seeds", type=_count, default=1, metavar="N", help=f"repetitions of each step, {_SEEDS}")


def _fields() -> str:
    """What --set takes: each setting with its limits, its default and what it does."""
    lines = ["settings, each with its limits and its default, which a preset may change:"]
    for name, limits in LIMITS.items():
        if name not in pairs.GIVEN_ELSEWHERE:
            lines.append(f"  {name:22}{limits} (default: {spelling.written(getattr(Config, name)) or 'empty'})\n{'':24}{limits.help}")
    return "\n".join(lines)


def _add_settings(added: argparse.ArgumentParser, data: str, setting: str = _SETTING) -> None:
    """The options that make a configuration; `data` and `setting` are the help for the data set and for --set."""
    added.add_argument("--data", required=True, metavar="DIR", type=_path, help=data)
    added.add_argument("--preset", metavar="NAME", default="quick", help=_PRESET)
    added.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", dest="settings", help=setting)


def _add_sweep(command) -> None:
    trying = command(
        "sweep",
        sweeping.sweep,
        "Queue a run for every combination of values, or search for the best within a time budget; without --set, show the sweep.",
        has_json=True,
    )
    trying.add_argument("--name", required=True, type=str.strip, help="the name of the sweep")
    trying.add_argument("--data", metavar="DIR", type=_path, help="the data set")
    trying.add_argument("--preset", metavar="NAME", help=_PRESET)
    about = "values of a setting, separated by commas, or LOW..HIGH:COUNT; augmentation=on,off; in a search, a range LOW..HIGH; repeatable"
    about += f"; {_LISTED}"
    trying.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE,VALUE", dest="settings", help=about)
    trying.add_argument("--seeds", type=_count, metavar="N", help=f"repetitions of each combination, {_SEEDS}")
    about = f"the seed of the first repetition, {LIMITS['seed']}, from which the others count up; in a search, the seed of all runs"
    about += " (default: %(default)s)"
    trying.add_argument("--seed", type=_count, metavar="N", help=about)
    about = (
        "search instead: start from the preset and try what looks best by validation until the runs have trained for TIME, such as 20m, "
        f"1h30m or 90s; {time_limit.SHORTEST}s to {time_limit.LONGEST // 3600}h"
    )
    trying.add_argument("--within", metavar="TIME", help=about)
    trying.add_argument("--dry-run", action="store_true", help="print the number of runs and the estimated time; queue nothing")
    trying.add_argument("--cancel", action="store_true", help="stop its waiting and running runs")
    trying.set_defaults(**sweeping.DEFAULTS)


def _add_range_test(command) -> None:
    finding = command("find-rate", tuning.find_rate, "Suggest a learning rate with a short range test.", has_json=True)
    _add_settings(finding, "the data set; only its training photographs are used")


def _add_background(command) -> None:
    """The commands that the application starts by itself."""
    testing = command("test-rates", tuning.test_rates, "Run the test that a page asked for (started by the application).")
    testing.add_argument("folder", metavar="FOLDER", type=_path, help="that of the test")
    working = command("work", commands.work, "Train one queued run (started by the queue).")
    working.add_argument("id", metavar="RUN", help=_ID)
    working.add_argument("--job", default="", help="the name of this job, if it is on a machine other than the one that queued the run")
    dispatching = command("dispatch", commands.dispatch, "Work through the queue (started by the application).")
    searching = command("search", sweeping.go_on, "Continue a search (started by the application).")
    searching.add_argument("folder", metavar="FOLDER", type=_path, help="that of the search")
    for background in (testing, working, dispatching, searching):  # what they print is in a log that nobody reads
        background.set_defaults(has_reader=False)


def _add_runs(command) -> None:
    listing = command("runs", commands.list_runs, "List the stored runs, newest first, or show one in detail.", has_json=True)
    listing.add_argument("id", metavar="RUN", nargs="?", help=f"the run to show in detail: {_RUN}")
    deleting = command("delete", commands.delete, "Delete runs for good, including those that can't be read.")
    deleting.add_argument("ids", nargs="+", metavar="RUN", help=_ID)
    stopping = command("stop", commands.stop, "Stop a queued or running run.")
    stopping.add_argument("id", metavar="RUN", help=_ID)
    resuming = command("resume", commands.resume, "Queue a run that ended early, to continue where it left off.")
    resuming.add_argument("id", metavar="RUN", help=_ID)


def _add_answering(command) -> None:
    classifying = command("classify", answering.classify, "Classify images as cat or dog.", has_json=True)
    classifying.add_argument("images", nargs="+", metavar="IMAGE", type=_path, help="an image file")
    _add_run(classifying)
    classifying.add_argument("--mirror", action="store_true", help=f"{_MIRROR}, in about twice the network's time")
    explaining = command("explain", answering.explain, "Draw a heat map of the parts of an image that point to the answer.", has_json=True)
    explaining.add_argument("image", metavar="IMAGE", type=_path, help="an image file")
    _add_run(explaining)
    explaining.add_argument("--to", metavar="FILE.png", type=_path, help=_where("IMAGE-heat-map.png"))
    explaining.add_argument("--force", action="store_true", help="replace an existing file")
    evaluating = command(
        "evaluate", answering.evaluate, "Measure runs on the photographs of a data set that they have not seen.", has_json=True
    )
    about = f"a run to measure, repeatable; {store.SHIPPED} is the bundled one (default: it and every finished run)"
    evaluating.add_argument("--run", action="append", default=[], metavar="RUN", dest="ids", help=about)
    evaluating.add_argument("--data", required=True, metavar="DIR", type=_path, help="the data set")
    evaluating.add_argument("--mirror", action="store_true", help=f"also {_MIRROR}, and report the difference")
    calibrating = command(
        "calibrate",
        answering.calibrate,
        "Fit a run's temperature and learn to recognise “neither”, as every training does at its end.",
        has_json=True,
    )
    calibrating.add_argument("id", metavar="RUN", help=_RUN)
    calibrating.add_argument(
        "--data", metavar="DIR", type=_path, help="the data set it was trained on (default: the folder that training used)"
    )


def _add_run(added: argparse.ArgumentParser) -> None:
    added.add_argument("--run", metavar="RUN", dest="id", help=f"the run whose model answers (default: {_DEFAULT_RUN})")


def _where(default: str) -> str:
    return f"the file to write (default: {default} in the current folder)"


def _add_exports(command) -> None:
    downloading = command(
        "download",
        commands.save,
        "Save a run as a ZIP file with a script that classifies anywhere, or export it for other runtimes.",
        has_json=True,
    )
    downloading.add_argument("id", metavar="RUN", help=_RUN)
    downloading.add_argument("path", metavar="FILE.zip", nargs="?", type=_path, help=_where("RUN.zip or RUN-FORMAT.zip"))
    downloading.add_argument("--force", action="store_true", help="replace an existing file")
    downloading.add_argument(
        "--format", choices=commands.FORMATS, default=commands.FORMATS[0], help="the target runtime (default: %(default)s)"
    )
    # By a page: what people are to be told is left to those who read it
    downloading.add_argument("--unread", dest="has_reader", action="store_false", help=argparse.SUPPRESS)
    checking = "photographs to check the export with (default: the run's own if they are on this machine, otherwise drawn ones)"
    downloading.add_argument("--data", metavar="DIR", type=_path, help=checking)
    importing = command("import-run", commands.import_run, "Import a run that was downloaded as a ZIP file, here or on another server.")
    importing.add_argument("path", metavar="FILE.zip", type=_path, help="what `python -m catsdogs download RUN` wrote")
    coding = command("code", commands.code, "Print a stand-alone Keras script that trains the same way.")
    coding.add_argument("id", metavar="RUN", help=_RUN)
