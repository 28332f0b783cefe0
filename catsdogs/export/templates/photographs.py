"""The part of `train.py` that reads and divides photographs; `catsdogs.export.script` copies everything below this line."""

import hashlib
import re
import sys
from collections import defaultdict
from os.path import commonprefix
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm")
SUBSETS = {
    **dict.fromkeys(("train", "training", "training_set"), "training"),
    **dict.fromkeys(("validation", "val", "valid"), "validation"),
    **dict.fromkeys(("test", "testing", "test_set"), "test"),
}


class Photograph(NamedTuple):
    path: str  # below the folder
    label: str  # its class
    subset: str | None  # where a folder such as train/ decides it
    pixels: np.ndarray  # (size, size, 3), 0 to 255


def folder_given():
    """The folder on the command line."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Say which folder of photographs to train on: python train.py DIR")
    return Path(sys.argv[1])


def find(folder, size, resampling):
    """The photographs below a folder, sorted by path. Files that can't be read and exact copies are left out."""
    same = defaultdict(list)  # files by content
    for path, label, subset in list_files(folder):
        same[hashlib.sha256((folder / path).read_bytes()).hexdigest()].append((path, label, subset))
    photographs = []
    for copies in same.values():
        # a copy in the test folder keeps the others out of training; one file in both classes tells nothing
        path, label, subset = max(copies, key=lambda copy: (None, "training", "validation", "test").index(copy[2]))
        if len({label for _, label, _ in copies}) == 1:
            try:
                photographs.append(Photograph(path, label, subset, decode(folder / path, size, resampling)))
            except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
                print(f"left out: {path}: {error}")
    return sorted(photographs)


def list_files(folder):
    """(path, class, subset) of every image: the class is the name of its folder, or the beginning of its own, as in cat.0.jpg."""
    found = []
    for path in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        *folders, name = path.split("/")
        if not any(each.startswith((".", "__MACOSX")) for each in (*folders, name)):
            deciding = [number for number, folder in enumerate(folders) if folder.lower() in SUBSETS]
            below = folders[deciding[0] + 1 :] if deciding else folders
            found.append((path, below, SUBSETS[folders[deciding[0]].lower()] if deciding else None))
    around = len(commonprefix([below for _, below, _ in found]))  # folders that everything lies in
    is_flat = all(len(below) == around for _, below, _ in found)
    for path, below, subset in found:
        if is_flat:
            named = re.match(r"(cat|dog)s?(?![a-z])", path.rpartition("/")[2].lower())
            if named:
                yield path, named.group(1), subset
        elif len(below) > around:
            yield path, below[around], subset


def decode(path, size, resampling):
    """Upright, in RGB, stretched to a square."""
    with Image.open(path) as image:
        image.draft("RGB", (2 * size, 2 * size))  # large JPEGs are decoded at a fraction of their size, which is faster
        upright = ImageOps.exif_transpose(image)
        return np.asarray(upright.convert("RGB").resize((size, size), resampling))


def divide(photographs, class_names, seed, validation_split, test_split):
    """At random, with the same shares of both classes; photographs in a folder validation/ or test/ stay in that subset."""
    subsets = {"training": [], "validation": [], "test": []}
    decided = {photograph.subset for photograph in photographs}
    for number, name in enumerate(class_names):
        members = [photograph for photograph in photographs if photograph.label == name]
        pool = [photograph for photograph in members if photograph.subset in (None, "training")]
        np.random.default_rng([seed, number]).shuffle(pool)
        test = 0 if "test" in decided else round(test_split * len(pool))
        validation = 0 if "validation" in decided else round(validation_split * len(pool))
        drawn = {"test": pool[:test], "validation": pool[test : test + validation], "training": pool[test + validation :]}
        for subset in subsets:
            given = [photograph for photograph in members if photograph.subset == subset != "training"]
            subsets[subset] += given + drawn[subset]
    return {subset: sorted(members) for subset, members in subsets.items()}


def arrays(members, class_names):
    """(n, size, size, 3) uint8 pixels, and (n, 1) labels: 0 for the first class, 1 for the second one."""
    labels = [[class_names.index(photograph.label)] for photograph in members]
    return np.stack([photograph.pixels for photograph in members]), np.array(labels, "float32")
