"""The folders below a data set's, and the images in each, by names and first bytes alone. What they mean is up to `layout`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from catsdogs.data import formats, roles


@dataclass(frozen=True)
class LeftOut:
    """A folder whose `images` are not used, and why. `path` is relative to the data set's folder."""

    path: str
    images: int
    reason: str


@dataclass(frozen=True)
class Folder:
    """A folder by its path relative to the data set's, which is "" itself; `images` are names, `folders` those with images in them."""

    path: str
    images: tuple[str, ...]
    folders: tuple["Folder", ...]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @cached_property
    def count(self) -> int:
        """Images in it and below it."""
        return len(self.images) + sum(folder.count for folder in self.folders)

    def below(self) -> Iterator["Folder"]:
        """This folder and all below it."""
        yield self
        for folder in self.folders:
            yield from folder.below()


def read(root: Path) -> tuple[Folder, tuple[LeftOut, ...]]:
    """The folder as a tree, and what was left out of it. Hidden files and folders are ignored. Raises OSError where `root` can't be read.

    Links are followed, each folder once.
    """
    left_out: list[LeftOut] = []
    top = root.stat()
    return _read(root, "", {(top.st_dev, top.st_ino)}, left_out), tuple(left_out)


def _read(root: Path, path: str, seen: set[tuple[int, int]], left_out: list[LeftOut]) -> Folder:
    names, inner = [], []
    with os.scandir(root / path) as entries:
        for entry in sorted(entries, key=lambda entry: (entry.is_symlink(), entry.name)):
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                inner.append(entry)
            elif _is_image(entry):
                names.append(entry.name)
    folders = [_descend(root, f"{path}/{entry.name}".lstrip("/"), entry, seen, left_out) for entry in inner]
    return Folder(path, tuple(sorted(names)), tuple(folder for folder in folders if folder and folder.count))


def _descend(root: Path, path: str, entry: os.DirEntry, seen: set[tuple[int, int]], left_out: list[LeftOut]) -> Folder | None:
    found = entry.stat()
    if (found.st_dev, found.st_ino) in seen:
        left_out.append(LeftOut(path, 0, "A link to a folder that is read already."))
        return None
    seen.add((found.st_dev, found.st_ino))
    try:
        folder = _read(root, path, seen, left_out)
    except OSError as error:
        left_out.append(LeftOut(path, 0, f"It can't be read ({error.strerror})."))
        return None
    if entry.name in roles.SYSTEM:
        if folder.count:
            left_out.append(LeftOut(path, folder.count, "The system keeps its own files there, such as thumbnails and deleted ones."))
        return None
    return folder


def _is_image(entry: os.DirEntry) -> bool:
    """Whether a file looks like an image by its name, or, where that says nothing, by its first bytes."""
    try:
        if not entry.is_file():  # a link to nothing is set aside later, with its reason
            return formats.has_suffix(entry.name) and not os.path.exists(entry.path)
        if formats.has_suffix(entry.name):
            return True
        with open(entry.path, "rb") as file:
            return formats.has_signature(file.read(formats.HEAD))
    except OSError:
        return False
