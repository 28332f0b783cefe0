"""The commands that look for good settings by trying them out."""

import json
import sys
from collections.abc import Callable
from functools import partial

from catsdogs.analysis import learning_rates
from catsdogs.analysis.learning_rates import RangeTest
from catsdogs.cli import pairs, progress, tables
from catsdogs.data import dataset
from catsdogs.errors import InputError
from catsdogs.queue import range_tests
from catsdogs.settings import Config, spelling
from catsdogs.system import devices, shortage


def find_rate(arguments) -> None:
    settings = pairs.read(arguments.settings)
    if "learning_rate" in settings:
        given = spelling.written(settings["learning_rate"])
        raise InputError(f"--set learning_rate={given}: this is what the test looks for; leave it out.")
    config, listing, lowered = pairs.configure(arguments.preset, settings, arguments.data)
    stream = sys.stderr if arguments.json else sys.stdout
    if lowered:
        print(lowered, file=stream)
    test = _test(config, listing, partial(progress.step, stream))
    print(json.dumps(learning_rates.to_json(test), indent=1) if arguments.json else tables.range_test(test))


def test_rates(arguments) -> None:
    """Make the test that a page asked for, and write down what comes of it."""
    folder = arguments.folder
    config = range_tests.read_config(folder)
    shown = range_tests.Progress(folder)
    shown.say("Checking the photographs", 0, 1)
    try:
        test = _test(config, dataset.check(config.data), shown.say)
    except InputError as error:
        range_tests.write_status(folder, {"error": str(error)})
    except Exception as error:  # whatever it is, the page must say that it failed
        if not shortage.is_of_memory(error):
            range_tests.write_status(folder, {"error": f"{type(error).__name__}: {error}. {folder / 'log'} has the details."})
            raise
        smaller = shortage.smaller(config.batch_size)
        range_tests.write_status(folder, {"error": f"The memory ran out at batch_size = {config.batch_size}; {smaller}."})
    else:
        range_tests.write_status(folder, {"found": learning_rates.to_json(test)})


def _test(config: Config, listing: dataset.Listing, say: Callable[[str, int, int], None]) -> RangeTest:
    say("Loading Keras", 0, 1)
    devices.load()
    from catsdogs.training import range_test

    return range_test.run(config, listing, say)
