"""The folders below that of a data set, and the images in each, by names and first bytes alone. What they mean is up to `layout`."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from catsdogs.data import formats, roles
from catsdogs.errors import InputError

MAX_DEPTH = 100  # folders inside folders
MAX_NAMES = 200_000  # files and folders; the largest known data set of cats and dogs has 37,500
_SYSTEMS_OWN = "The system keeps its own files there, such as thumbnails and deleted ones."


@dataclass(frozen=True)
class LeftOutFolder:
    """A folder whose `images` are not used, and why. `path` is relative to the data set's folder."""

    path: str
    images: int
    reason: str


@dataclass(frozen=True)
class Folder:
    """A folder by its path relative to the data set's, which itself is ""; `images` are names, `folders` those that hold images."""

    path: str
    images: tuple[str, ...]
    folders: tuple["Folder", ...]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @cached_property
    def count(self) -> int:
        """The number of images in and below it."""
        return len(self.images) + sum(folder.count for folder in self.folders)

    def below(self) -> Iterator["Folder"]:
        """This folder and all below it."""
        yield self
        for folder in self.folders:
            yield from folder.below()


def read(root: Path) -> tuple[Folder, tuple[LeftOutFolder, ...]]:
    """The folder as a tree, and what was left out of it. Hidden files and folders are ignored.

    Links are followed, but each folder is read once: at its own place if that is below `root`, else at the uppermost link to it.
    Raises OSError if `root` can't be read, InputError if it holds more than MAX_NAMES files and folders.
    """
    left_out: list[LeftOutFolder] = []
    found = _find(root, left_out)
    return _folder("", found, left_out), tuple(left_out)


def folders_in(folder: Path) -> list[str]:
    """The names of the folders directly in it, with images or without; hidden ones and links are ignored."""
    with suppress(OSError):  # gone since it was read
        return [entry.name for entry in _entries(folder, MAX_NAMES) if entry.is_dir(follow_symlinks=False)]
    return []


def _find(root: Path, left_out: list[LeftOutFolder]) -> dict[str, tuple[list[str], list[str]]]:
    """For each folder by its path, the names of the images and the paths of the folders in it. Goes level by level, and to links last."""
    found, seen, names = {}, set(), 0
    folders, links = deque([""]), deque()
    while folders or links:
        path = (folders or links).popleft()
        if path.count("/") >= MAX_DEPTH:
            left_out.append(LeftOutFolder(path, 0, f"It lies more than {MAX_DEPTH} folders deep."))
            continue
        try:
            status = os.stat(root / path)
            if (status.st_dev, status.st_ino) in seen:
                left_out.append(LeftOutFolder(path, 0, "A link to a folder that is read already."))
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = _entries(root / path, MAX_NAMES - names)
            names += len(entries)
            if names > MAX_NAMES:
                raise InputError(f"{root} holds more than {MAX_NAMES:,} files and folders. Give the folder of the photographs alone.")
            images, real, linked = _list(entries, path, left_out)
        except OSError as error:
            if not path:
                raise
            left_out.append(LeftOutFolder(path, 0, f"It can't be read ({error.strerror})."))
            continue
        found[path] = images, real + linked
        folders.extend(real)
        links.extend(linked)
    return found


def _entries(folder: Path, most: int) -> list[os.DirEntry]:
    """The entries of a folder, at most one more than `most`; hidden ones are ignored."""
    with os.scandir(folder) as entries:
        seen = (entry for entry in entries if not entry.name.startswith("."))
        return sorted(islice(seen, most + 1), key=lambda entry: entry.name)


def _list(entries: Iterable[os.DirEntry], path: str, left_out: list[LeftOutFolder]) -> tuple[list[str], list[str], list[str]]:
    """The names of the images in a folder, the paths of the folders in it, and those of the links to folders in it."""
    images, real, linked = [], [], []
    for entry in entries:
        inner = f"{path}/{entry.name}".lstrip("/")
        try:
            is_folder = entry.is_dir()
        except OSError as error:  # a link to itself, or into a folder that may not be looked into
            if formats.has_suffix(entry.name):
                images.append(entry.name)  # set aside later, with its reason
            else:
                left_out.append(LeftOutFolder(inner, 0, f"It can't be read ({error.strerror})."))
            continue
        if is_folder:
            (linked if entry.is_symlink() else real).append(inner)
        elif _is_image(entry):
            images.append(entry.name)
    return images, real, linked


def _folder(path: str, found: Mapping[str, tuple[list[str], list[str]]], left_out: list[LeftOutFolder]) -> Folder:
    """The folder with those below it that hold images, except the system's own."""
    images, inner = found[path]
    holding = [folder for each in inner if each in found and (folder := _folder(each, found, left_out)).count]
    for folder in holding:
        if folder.name in roles.SYSTEM:
            left_out.append(LeftOutFolder(folder.path, folder.count, _SYSTEMS_OWN))
    return Folder(path, tuple(images), tuple(folder for folder in holding if folder.name not in roles.SYSTEM))


def _is_image(entry: os.DirEntry) -> bool:
    """Whether a file looks like an image by its name or else by its first bytes."""
    try:
        if not entry.is_file():  # a link to nothing is set aside later, with its reason
            return formats.has_suffix(entry.name) and not os.path.exists(entry.path)
        if formats.has_suffix(entry.name):
            return True
        if not entry.stat().st_size:  # opening or reading some of the system's, as in /proc, may block
            return False
        with open(entry.path, "rb") as file:
            return formats.has_signature(file.read(formats.HEAD))
    except OSError:
        return False
