"""Messages about folders that can't be used as they were read: what was found, and what to do about it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from catsdogs.data import filenames, formats
from catsdogs.data.tree import LeftOutFolder

_EXPECTED = "Two class folders are expected, such as cats/ and dogs/, or files named like cat.0.jpg and dog.0.jpg."
_TABLES = "Tables and annotations of classes are not read."
_BY_HAND = "Where each folder holds one class, say which under “How the folder was read” on the Data page."
CORRECTED = " You can undo your corrections under “How the folder was read” on the Data page."  # to be added
_FEWER = "Move the others elsewhere; or leave them out, or say which are of one class, under “How the folder was read” on the Data page."
_MOST = 5  # names in a sentence


def missing(folder: Path) -> str:
    """There is no such folder, or it is a file."""
    if folder.is_file():
        return f"{folder} is a file. Give a folder. To use a ZIP file, upload it on the Data page, or run python -m catsdogs import."
    return f"There is no folder {folder} on this machine."


def empty(folder: Path, left_out: Sequence[LeftOutFolder]) -> str:
    """It holds no images, except in folders that were left out or in archives."""
    archives = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in formats.ARCHIVES)
    packed = f" {archives[0]} is an archive: unpack it first." if archives else ""
    return f"{folder} holds no images ({', '.join(formats.SUFFIXES)}). {_EXPECTED}{packed}{unread(left_out)}"


def nothing(folder: Path) -> str:
    """All of its images are left out."""
    return f"All images in {folder} are left out; exactly two classes are needed."


def none(folder: Path, names: Iterable[str], are_apart: bool) -> str:
    """No class was found; `names` are its images' names, and the images `are_apart` if they lie in several folders."""
    words = sorted(filenames.telling_words(names), key=str.casefold)
    if len(words) > 2:
        return (
            f"{folder} holds files named after {len(words)} things ({_listed(words)}); exactly two classes are needed. "
            f"Put the photographs of each class into a folder of its own, such as cats/ and dogs/."
        )
    by_hand = f" {_BY_HAND}" if are_apart else ""
    return f"{folder} holds no class names. {_EXPECTED} {_TABLES}{by_hand}"


def one(folder: Path, name: str, empty: Sequence[str]) -> str:
    """It has a single class; `empty` are the paths of folders beside it that hold no images."""
    beside = f", and no images in {_listed([f'{each}/' for each in empty])}" if empty else ""
    return (
        f"{folder} holds only one class ({name}){beside}; two are needed. Put both together, as class folders, such as "
        f"cats/ and dogs/, or as files named like cat.0.jpg and dog.0.jpg."
    )


def many(folder: Path, classes: Sequence[str]) -> str:
    """It has more than two classes."""
    return f"{folder} holds {len(classes)} classes ({_listed(classes)}); exactly two are needed. {_FEWER}"


def one_sided(folder: Path, subset: str, name: str, missing: str) -> str:
    """One of its subsets has photographs of only one of the two classes."""
    return (
        f"In {folder}, the {subset} photographs are all of class {name}; both classes are needed. Add photographs of {missing} there, or "
        f"leave that folder out, so that its share is taken from the others."
    )


def unread(left_out: Sequence[LeftOutFolder]) -> str:
    """An addition: the first folder that could not be opened, which may hold what is missing; "" if there is none."""
    return next((f" {each.path}/: {each.reason}" for each in left_out if not each.images), "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST]) + (", ..." if len(names) > _MOST else "")
