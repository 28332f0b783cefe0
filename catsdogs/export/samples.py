"""The images by which a network is quantized, and others by which what came of it is checked.

Photographs of the run's own data set, if it is on this machine: those it was trained on show the ranges, those of its validation subset
check. Never any that it is measured on. Else those of a folder that is given; else drawn ones, which show whether the answers are the
same, but not how good they are.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from catsdogs.data import dataset, images, split
from catsdogs.data.dataset import Listing
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.inference import measuring
from catsdogs.runs import Run, store
from catsdogs.system import digests

COUNT = 100  # images of each kind; as many as ranges need (more change nothing), and checking within a minute allows
_FEWEST = 20  # of each kind; with fewer the data set counts as gone
_SEED = 22  # of the order of photographs, and of the drawn ones
_DRAWN = "drawings, since too few photographs of the run are on this machine; they can't tell how good it is"


@dataclass(frozen=True)
class Samples:
    """uint8 images, (n, side, side, 3): `ranges` and `checked`, whose classes, 0 or 1, are `labels`; none where they are drawn.

    `what` says what the checked ones are.
    """

    ranges: np.ndarray
    checked: np.ndarray
    labels: np.ndarray | None
    what: str


def find(run: Run, folder: Path | None = None) -> Samples:
    """As many as there are, up to COUNT. Raises InputError where the folder that is given can't be used."""
    if folder is not None:
        listing = dataset.check(folder)
        if listing.fingerprint != store.environment(run)["data_fingerprint"]:
            return _of_other(run, listing)
    else:
        listing = dataset.find(store.environment(run)["data_fingerprint"])
    found = _of_own(run, listing) if listing and split.is_still(store.environment(run), listing, run.config) else None
    return found or _drawn(run)


def _of_own(run: Run, listing: Listing) -> Samples | None:
    """None where the photographs are gone, or too few."""
    subsets = split.make(listing, run.config)
    ranges, _ = _read(run, listing, _shuffled(subsets.training))
    checked, labels = _read(run, listing, _shuffled(subsets.validation))
    if min(len(ranges), len(checked)) < _FEWEST:
        return None
    return Samples(ranges, checked, labels, "photographs of its validation subset")


def _of_other(run: Run, listing: Listing) -> Samples:
    """Photographs that both kinds are taken from in turn."""
    order = _shuffled(range(len(listing.photos)))
    ranges, _ = _read(run, listing, order[0::2])
    checked, labels = _read(run, listing, order[1::2])
    if min(len(ranges), len(checked)) < _FEWEST:
        raise InputError(f"{listing.folder} has {len(order)} photographs; checking an export takes {2 * _FEWEST} or more.")
    return Samples(ranges, checked, labels, f"photographs of {listing.folder}")


def _drawn(run: Run) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        drawn = demo.create(Path(folder, "drawn"), 2 * COUNT, _SEED)
        pixels = [_load(run, path) for path in sorted(drawn.rglob("*.jpg"))]
    return Samples(np.stack(pixels[0::2]), np.stack(pixels[1::2]), None, _DRAWN)


def _shuffled(rows: Iterable[int]) -> list[int]:
    return np.random.default_rng(_SEED).permutation(np.array(rows, int)).tolist()


def _read(run: Run, listing: Listing, rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The first of these photographs that can be read, and their classes."""
    places = measuring.match(run, tuple(store.environment(run)["class_names"]), listing)
    found = islice(_readable(run, listing, rows), COUNT)
    pairs = [(pixels, places[listing.photos[row].label]) for row, pixels in found]
    side = run.config.target_size
    return np.array([pixels for pixels, _ in pairs], np.uint8).reshape(-1, side, side, 3), np.array([label for _, label in pairs], int)


def _readable(run: Run, listing: Listing, rows: list[int]):
    for row in rows:
        try:
            pixels = _load(run, listing.path(row))
            if digests.of_file(listing.path(row)) == listing.photos[row].digest:
                yield row, pixels
        except (InputError, OSError):  # deleted or damaged since it was checked
            continue


def _load(run: Run, path: Path) -> np.ndarray:
    return images.load(path, run.config.target_size, run.config.interpolation, run.config.proportions)
