"""The folders in one folder, considered together: the role of each depends on the names of its neighbours and of what is in them."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from catsdogs.data import filenames, roles
from catsdogs.data.tree import Folder


@dataclass(frozen=True)
class Siblings:
    """The folders in one folder, grouped by what they have in common; each group is found when first asked for."""

    folders: tuple[Folder, ...]

    @cached_property
    def named(self) -> list[Folder]:
        """The folders that are named after a subset."""
        return [each for each in self.folders if roles.subset_of(each.name)]

    @cached_property
    def classes(self) -> set[str]:
        """Which of "cat" and "dog" folders are named after."""
        return {roles.class_of(each.name) for each in self.folders} - {None}

    @cached_property
    def animals(self) -> list[str]:
        """The word for cats or dogs in each name, if there are more than two folders, each name has one, and both occur; else none."""
        found = [roles.animal_in(each.name) for each in self.folders]
        return found if len(found) > 2 and all(found) and len(set(map(roles.class_of, found))) == 2 else []

    @cached_property
    def holding(self) -> dict[str, Folder]:
        """The folders that hold the classes, by path; one may hold the cats, and another one the dogs."""
        held = {each.path: _held(each) for each in self.folders}
        return {each.path: each for each in self.folders if held[each.path]} if set().union(*held.values()) >= {"cat", "dog"} else {}

    @cached_property
    def plain(self) -> list[Folder]:
        """The folders whose names say nothing."""
        return [each for each in self.folders if roles.says_nothing(each.name)]

    @cached_property
    def for_training(self) -> set[str]:
        """The paths of the folders beside one for test or validation that must be for training: no name says so, but they hold both."""
        if self.classes or "training" in {roles.subset_of(each.name) for each in self.named}:
            return set()
        named = {each.path for each in self.named}
        return {each.path for each in self.folders if each.path not in named and _held(each) >= {"cat", "dog"}}


def _held(folder: Folder) -> set[str]:
    """Which of "cat" and "dog" a folder holds, by the folders in and below it; both if one is a subset, or its files tell them apart."""
    if any(roles.subset_of(each.name) for each in folder.folders) or _files_tell(folder):
        return {"cat", "dog"}
    named = {roles.class_of(each.name) for each in folder.folders} - {None}
    return named.union(*(_held(each) for each in folder.folders))


def _files_tell(folder: Folder) -> bool:
    """Whether most of the files are named after cats or dogs, and some after each."""
    counts = Counter(map(filenames.class_of, folder.images))
    return bool(counts["cat"] and counts["dog"]) and counts["cat"] + counts["dog"] > counts[None]
