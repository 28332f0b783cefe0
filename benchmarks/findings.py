"""How many planted faults the health check finds among how many that it shows: wrong labels, near copies and odd ones out.

    python benchmarks/findings.py --photographs DIR --others DIR [--part all|first|second] [--count N] [--seed N]

DIR of the photographs holds a folder a class; the others are neither. Copies N of the photographs (2,000) into a temporary folder, and
plants a fiftieth of N of each kind: labels changed, copies that are re-encoded, made smaller, cropped or brightened, and some of the
others. `--part` takes every other file of both folders: whoever chooses a limit by the first part can measure it on the second one.
"""

import argparse
import os
import random
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from catsdogs.analysis import doubts, neither
from catsdogs.data import dataset
from catsdogs.data.dataset import Listing
from catsdogs.inference import features, loaded
from catsdogs.runs import store
from catsdogs.system import devices

_SHARE = 50  # one in so many is planted, of each kind
_LIMITS = (2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
_PARTS = {"all": slice(None), "first": slice(0, None, 2), "second": slice(1, None, 2)}


@dataclass(frozen=True)
class Planted:
    """Paths in the temporary folder; of a near copy the original's, too."""

    wrong: set[str]
    copies: set[frozenset[str]]
    odd: set[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--others", type=Path, required=True)
    parser.add_argument("--part", choices=_PARTS, default="all")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        devices.prepare()
        folder = Path(home, "planted")
        planted = plant(asked, folder)
        listing = dataset.check(folder)
        print(f"{len(listing.photos):,} photographs, {asked.part} of the files, seed {asked.seed}")
        tell_doubts(listing, planted)
        tell_near_copies(listing, planted)


def plant(asked: argparse.Namespace, folder: Path) -> Planted:
    """Copy the photographs to `folder`, with the faults."""
    source, chosen = dataset.check(asked.photographs), random.Random(asked.seed)
    count = asked.count // _SHARE
    right, wrong = [], []
    for name, other in zip(source.class_names, reversed(source.class_names), strict=True):
        members = [photo.path for photo in source.photos if photo.label == name][_PARTS[asked.part]]
        for number, path in enumerate(chosen.sample(members, asked.count // 2)):
            is_wrong = number < count // 2
            copied = put(asked.photographs / path, folder, f"{other if is_wrong else name}/{name}-{number}.jpg")
            (wrong if is_wrong else right).append(copied)
    copies = {frozenset((path, copy(folder, path, kind))) for kind, path in enumerate(chosen.sample(right, count))}
    others = chosen.sample(sorted(asked.others.rglob("*.jpg"))[_PARTS[asked.part]], count)
    odd = {put(path, folder, f"{source.class_names[number % 2]}/other-{number}.jpg") for number, path in enumerate(others)}
    return Planted(set(wrong), copies, odd)


def put(source: Path, folder: Path, path: str) -> str:
    """Copy the file to that path in the folder."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, folder / path)
    return path


def copy(folder: Path, path: str, kind: int) -> str:
    """Write a near copy beside the photograph: re-encoded, smaller, cropped by 2% or brightened, by turns."""
    image = Image.open(folder / path).convert("RGB")
    width, height = image.size
    match kind % 4:
        case 1:
            image = image.resize((round(width * 0.6), round(height * 0.6)))
        case 2:
            image = image.crop((round(width * 0.02), round(height * 0.02), round(width * 0.98), round(height * 0.98)))
        case 3:
            image = ImageEnhance.Brightness(image).enhance(1.3)
    copied = f"{Path(path).parent}/copy-{kind}.jpg"
    image.save(folder / copied, quality=95 if kind % 4 else 50)
    return copied


def tell_doubts(listing: Listing, planted: Planted) -> None:
    run = store.load(store.SHIPPED)
    ask = partial(loaded.features, run.id, store.answer_version(run))
    found = features.load(listing, (run.id, store.model_version(run)), ask)
    labels = np.array([listing.class_names.index(photo.label) for photo in listing.photos])
    weights = np.array(neither.load(run)["weights"], np.float32)
    scores = doubts.oddness(found, weights, lambda rows: features.look_again(listing, rows, partial(ask, again=True)))
    looked = doubts.find(found, labels, scores)
    paths = np.array([photo.path for photo in listing.photos])
    tell("wrong labels", planted.wrong, set(paths[list(looked.doubtful)]))
    print(f"  of those shown, {len(planted.odd & set(paths[list(looked.doubtful)]))} are planted odd ones out")
    tell("odd ones out", planted.odd, set(paths[list(looked.odd)]))
    for limit in _LIMITS:
        tell(f"  beyond {limit:g} deviations", planted.odd, set(paths[scores > limit]))


def tell_near_copies(listing: Listing, planted: Planted) -> None:
    """Pairs of photographs; a group of three is three."""
    groups = [[listing.photos[row].path for row in group] for group in listing.near_copies]
    tell("near copies", planted.copies, {frozenset(pair) for group in groups for pair in combinations(group, 2)})


def tell(kind: str, planted: set, shown: set) -> None:
    print(f"{kind}: {len(planted & shown)} of {len(planted)} found among {len(shown)} shown")


if __name__ == "__main__":
    main()
