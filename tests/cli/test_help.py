"""What `--help` says of each command."""

import argparse

from catsdogs.cli import parser
from catsdogs.settings import Config, spelling
from catsdogs.settings.config import LIMITS


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = (each for each in parser.build()._actions if isinstance(each, argparse._SubParsersAction))
    return action.choices


def test_every_word_and_option_of_every_command_is_explained():
    unexplained = [f"{name} {action.metavar}" for name, of in commands().items() for action in of._actions if not action.help]
    assert unexplained == []


def test_what_is_counted_is_given_with_its_limits():
    said = {name: " ".join(of.format_help().split()) for name, of in commands().items()}
    assert "--count N number of images, 20 to 20000 (default: 2000)" in said["demo"]
    assert "--seed N 0 to 2147483647; another seed" in said["demo"] and "first repetition, 0 to 2147483647, " in said["sweep"]
    assert all("1 to 20 (default: 1)" in said[name] for name in ("study", "sweep"))
    assert "90s; 10s to 168h" in said["sweep"]


def test_the_help_of_train_lists_every_setting_with_its_limits_and_default():
    told = commands()["train"].format_help()
    for name in LIMITS.keys() - {"data", "preset"}:
        default = spelling.written(getattr(Config, name)) or "empty"
        assert f"\n  {name:22}{LIMITS[name]} (default: {default})\n{'':24}{LIMITS[name].help}" in told
    assert all("train --help` lists the settings" in " ".join(commands()[name].format_help().split()) for name in ("sweep", "find-rate"))
