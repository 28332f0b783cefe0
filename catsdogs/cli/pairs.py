"""The settings that a command was given, as FIELD=VALUE behind --set, and what they make of a preset."""

from collections.abc import Sequence
from pathlib import Path

from catsdogs.cli import progress
from catsdogs.data import dataset, split
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.networks import pretrained
from catsdogs.settings import Config, presets, spelling
from catsdogs.settings import config as configs

GIVEN_ELSEWHERE = {"data": "--data DIR", "preset": "--preset NAME"}


def read(pairs: Sequence[str]) -> dict:
    """Their values by name. Raises InputError where that can't be read, and for what the command has an option of its own for."""
    for pair in pairs:
        if option := GIVEN_ELSEWHERE.get(pair.partition("=")[0].strip()):
            raise InputError(f"--set {pair}: give it by {option} instead.")
    return spelling.parse(list(pairs))


def configure(preset: str, settings: dict, folder: Path) -> tuple[Config, Listing, str]:
    """The preset with these settings for a data set, its listing, and how the batch size was lowered to fit it, as a sentence or "".

    Raises InputError where a run of it could not train.
    """
    chosen = presets.config(preset, **settings)
    listing = dataset.check(folder, progress.counter("checked"))
    fitted = chosen if "batch_size" in settings else split.fit(listing, chosen)
    split.make(listing, fitted)
    return pretrained.settle(configs.change(fitted, data=listing.folder)), listing, split.lowered(chosen, fitted)
