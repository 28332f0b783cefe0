"""A folder -> the images in it and the class of each, by the names of folders and files alone; nothing is decoded here.

Four layouts are recognised: class folders; `train/`, `validation/` and `test/` with class folders in them; one folder around either
(Microsoft's `PetImages/{Cat,Dog}`); and Kaggle's flat `cat.0.jpg`, `dog.0.jpg`.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catsdogs.data.images import SUFFIXES
from catsdogs.errors import InputError

SUBSET_FOLDERS = {
    **dict.fromkeys(("train", "training", "training_set"), "training"),
    **dict.fromkeys(("validation", "val", "valid"), "validation"),
    **dict.fromkeys(("test", "testing", "test_set"), "test"),
}
_FLAT_NAME = re.compile(r"(cat|dog)s?(?![a-z])", re.IGNORECASE)
_EXPECTED = "Expected are two class folders, such as cats/ and dogs/, or files named cat.0.jpg, dog.0.jpg."


@dataclass(frozen=True)
class Candidate:
    """An image by its path relative to the folder, with `/`; `label` is None where no name tells the class.

    `subset` is "training", "validation" or "test" where the folder itself decides it, else None.
    """

    path: str
    label: str | None
    subset: str | None = None


def find(folder: Path) -> tuple[Candidate, ...]:
    """All images under the folder, sorted by path. Raises InputError: no such folder, no images, other than two classes; OSError."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} on this machine.")
    candidates = tuple(sorted(_candidates(folder, folder), key=lambda candidate: candidate.path))
    if not candidates:
        raise InputError(f"{folder} holds no images ({', '.join(SUFFIXES)}). {_EXPECTED}")
    classes = sorted({candidate.label for candidate in candidates if candidate.label})
    if len(classes) != 2:
        found = f"{len(classes)} classes ({', '.join(classes[:5])}{', ...' if len(classes) > 5 else ''})" if classes else "no class names"
        found = f"only one class ({classes[0]})" if len(classes) == 1 else found
        raise InputError(f"{folder} holds {found}; two are needed to tell apart. {_EXPECTED}")
    return candidates


def _candidates(folder: Path, root: Path, subset: str | None = None) -> Iterator[Candidate]:
    """The images below `folder`, descending into `train/` and its like, and into a single folder around everything."""
    subfolders = _subfolders(folder)
    named = [path for path in subfolders if path.name.lower() in SUBSET_FOLDERS]
    if named and subset is None:
        for path in named:
            yield from _candidates(path, root, SUBSET_FOLDERS[path.name.lower()])
    elif len(subfolders) == 1 and not any(map(_is_image, folder.iterdir())) and _goes_deeper(subfolders[0]):
        yield from _candidates(subfolders[0], root, subset)
    else:
        yield from _in_classes(folder, root, subset)


def _goes_deeper(folder: Path) -> bool:
    """Whether it holds class folders or files of both classes, and is not itself the only class."""
    names = {_class_in_name(path.name) for path in folder.iterdir() if _is_image(path)}
    return bool(_subfolders(folder)) or {"cat", "dog"} <= names


def _in_classes(folder: Path, root: Path, subset: str | None) -> Iterator[Candidate]:
    classes = {path.name: list(_images_below(path)) for path in _subfolders(folder)}
    classes = {name: paths for name, paths in classes.items() if paths}
    for name, paths in classes.items():
        for path in paths:
            yield Candidate(path.relative_to(root).as_posix(), name, subset)
    for path in filter(_is_image, folder.iterdir()):
        label = None if classes else _class_in_name(path.name)
        yield Candidate(path.relative_to(root).as_posix(), label, subset)


def _subfolders(folder: Path) -> list[Path]:
    """Without hidden ones, and without those that macOS adds to archives."""
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith((".", "__MACOSX"))]


def _images_below(folder: Path) -> Iterator[Path]:
    for parent, subfolders, names in os.walk(folder, onerror=_refuse):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        yield from (path for name in names if _is_image(path := Path(parent, name)))


def _refuse(error: OSError) -> None:
    """Without it, `os.walk` leaves out what may not be read."""
    raise error


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _class_in_name(name: str) -> str | None:
    found = _FLAT_NAME.match(name)
    return found.group(1).lower() if found else None
