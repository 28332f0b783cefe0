"""Sentences on a folder that can't be used as it was read: what was found, and what to do about it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from catsdogs.data import filenames, formats
from catsdogs.data.tree import LeftOut

_EXPECTED = "Expected are two class folders, such as cats/ and dogs/, or files named cat.0.jpg, dog.0.jpg."
_TABLES = "Tables and annotations of classes are not read."
_BY_HAND = "Where each folder holds one class, say which under “How the folder was read” on the Data page."
CORRECTED = " What you corrected under “How the folder was read” on the Data page can be taken back."  # to be added
_FEWER = "Move the others elsewhere; or leave them out, or say which are of one class, under “How the folder was read” on the Data page."
_MOST = 5  # names in a sentence


def missing(folder: Path) -> str:
    """Of one that is not there, or is a file."""
    if folder.is_file():
        return f"{folder} is a file. Give a folder. To use a ZIP file, upload it on the Data page, or run python -m catsdogs import."
    return f"There is no folder {folder} on this machine."


def empty(folder: Path, left_out: Sequence[LeftOut]) -> str:
    """Of one without images, unless they are in one of those that were left out, or in an archive."""
    archives = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in formats.ARCHIVES)
    packed = f" {archives[0]} is an archive: unpack it first." if archives else ""
    return f"{folder} holds no images ({', '.join(formats.SUFFIXES)}). {_EXPECTED}{packed}{unread(left_out)}"


def nothing(folder: Path) -> str:
    """Of one of which nothing is used."""
    return f"All images in {folder} are left out; two classes are needed to tell apart."


def none(folder: Path, names: Iterable[str], are_apart: bool) -> str:
    """Of one in which no class was found; `names` are those of its images, which `are_apart` where they lie in several folders."""
    words = sorted(filenames.telling_words(names), key=str.casefold)
    if len(words) > 2:
        return (
            f"{folder} holds files named after {len(words)} things ({_listed(words)}); two classes are needed to tell apart. "
            f"Put the photographs of each class into a folder of their own, such as cats/ and dogs/."
        )
    by_hand = f" {_BY_HAND}" if are_apart else ""
    return f"{folder} holds no class names; two are needed to tell apart. {_EXPECTED} {_TABLES}{by_hand}"


def one(folder: Path, name: str, empty: Sequence[str]) -> str:
    """Of one with a single class; `empty` are the paths of folders beside it that hold no images."""
    beside = f", and no images in {_listed([f'{each}/' for each in empty])}" if empty else ""
    return (
        f"{folder} holds only one class ({name}){beside}; two are needed to tell apart. Bring both together, as class folders, such as "
        f"cats/ and dogs/, or as files named cat.0.jpg, dog.0.jpg."
    )


def many(folder: Path, classes: Sequence[str]) -> str:
    """Of one with more than two classes."""
    return f"{folder} holds {len(classes)} classes ({_listed(classes)}); two are needed to tell apart. {_FEWER}"


def one_sided(folder: Path, subset: str, name: str, missing: str) -> str:
    """Of one in which a subset has photographs of one of the two classes alone."""
    return (
        f"In {folder}, the {subset} photographs are all of class {name}; both classes are needed. Add photographs of {missing} there, or "
        f"leave that folder out, so that its share is taken from the others."
    )


def unread(left_out: Sequence[LeftOut]) -> str:
    """To be added: the first of the folders that could not be looked into, which may have what is missing; "" where there is none."""
    return next((f" {each.path}/: {each.reason}" for each in left_out if not each.images), "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST]) + (", ..." if len(names) > _MOST else "")
