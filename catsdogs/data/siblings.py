"""The folders in one folder, seen together: what each is depends on the names of its neighbours, and of what is in them."""

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
        """Those that are named after a subset."""
        return [each for each in self.folders if roles.subset_of(each.name)]

    @cached_property
    def classes(self) -> set[str]:
        """Of cat and dog, what they are named after."""
        return {roles.class_of(each.name) for each in self.folders} - {None}

    @cached_property
    def animals(self) -> list[str]:
        """Of more than two, the word for cats or dogs in the name of each, where each has one, and there are both; else none."""
        found = [roles.animal_in(each.name) for each in self.folders]
        return found if len(found) > 2 and all(found) and len(set(map(roles.class_of, found))) == 2 else []

    @cached_property
    def holding(self) -> list[Folder]:
        """Those that have the classes in them; one may have the cats, and another one the dogs."""
        held = {each.path: _held(each) for each in self.folders}
        return [each for each in self.folders if held[each.path]] if set().union(*held.values()) >= {"cat", "dog"} else []

    @cached_property
    def plain(self) -> list[Folder]:
        """Those whose names say nothing."""
        return [each for each in self.folders if roles.says_nothing(each.name)]

    @cached_property
    def for_training(self) -> list[Folder]:
        """Those beside a test or a validation folder that must be for training: no name says so, and they have both classes in them."""
        if self.classes or "training" in {roles.subset_of(each.name) for each in self.named}:
            return []
        return [each for each in self.folders if each not in self.named and _held(each) >= {"cat", "dog"}]


def _held(folder: Folder) -> set[str]:
    """Of cat and dog, what the folders in it or below are named after; both where a subset is in it, or where its files tell them."""
    if any(roles.subset_of(each.name) for each in folder.folders) or _files_tell(folder):
        return {"cat", "dog"}
    named = {roles.class_of(each.name) for each in folder.folders} - {None}
    return named.union(*(_held(each) for each in folder.folders))


def _files_tell(folder: Folder) -> bool:
    """Whether most of the files are named after cats or dogs, and some after each."""
    counts = Counter(map(filenames.class_of, folder.images))
    return bool(counts["cat"] and counts["dog"]) and counts["cat"] + counts["dog"] > counts[None]
