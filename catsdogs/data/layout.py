"""A folder -> the images in it, and the class and subset of each, by the names of folders and files alone; nothing is decoded here.

docs/layouts.md shows which layouts are understood. Every file that looks like an image becomes a candidate, or its folder is listed as
left out. Corrections by people are roles of folders, which override what their names say.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from catsdogs.data import filenames, problems, roles, tree
from catsdogs.data.siblings import Siblings
from catsdogs.data.tree import Folder, LeftOutFolder
from catsdogs.errors import InputError
from catsdogs.system import access

LEFT_OUT = "left out"  # what a folder can be corrected to, besides a subset and CLASS + a name
CLASS = "class "


@dataclass(frozen=True)
class Candidate:
    """An image by its path relative to the folder, with `/`; `label` is None if no name tells the class.

    `subset` is "training", "validation" or "test" if a folder's name decides it, else None. `reason` says why it must not be used.
    """

    path: str
    label: str | None
    subset: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Role:
    """How a folder was read: the subset and the class of the images in it, or why they are left out."""

    subset: str | None = None
    label: str | None = None
    left_out: str | None = None


@dataclass(frozen=True)
class Row:
    """A folder that helped to decide how the images were read: `images` counts those in it and below, `classes` their classes; `depth` is
    0 for the data set's own folder.
    """

    path: str
    depth: int
    images: int
    role: Role
    classes: int


@dataclass(frozen=True)
class Reading:
    """How a folder was read. `problem` says why it can't be used as it is; None if it can."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOutFolder, ...]
    rows: tuple[Row, ...]
    problem: str | None

    def usable(self) -> tuple[Candidate, ...]:
        """The candidates. Raises InputError if the folder can't be used as it is."""
        if self.problem:
            raise InputError(self.problem)
        return self.candidates


def read(folder: Path, corrections: Mapping[str, str] | None = None) -> Reading:
    """All images in and below the folder, sorted by path. `corrections` are roles by the relative paths of folders.

    A role is a subset, CLASS followed by a class's name, or LEFT_OUT. Raises InputError if there is no such folder, or no image in it.
    """
    access.require_folder(folder)
    if not folder.is_dir():
        raise InputError(problems.missing(folder))
    try:
        root, left_out = tree.read(folder)
    except OSError as error:
        raise InputError(f"The folder {folder} can't be read ({error.strerror}). Change its permissions, or give another one.") from None
    if not root.count:
        raise InputError(problems.empty(folder, left_out))
    given = dict(_assign(root, Role(), corrections or {}))
    candidates = sorted(_candidates(root, given), key=lambda candidate: candidate.path)
    candidates, others = _two_classes(_told_apart(candidates, given))
    left = [*left_out, *(LeftOutFolder(row.path, row.count, given[row.path].left_out) for row in _tops(root, given)), *others]
    rows = tuple(_rows(root, given, candidates))
    problem = _problem(folder, candidates, given, left_out)
    if problem and corrections:
        problem += problems.CORRECTED
    return Reading(tuple(candidates), tuple(sorted(left, key=lambda each: each.path)), rows, problem)


def is_role(text: str) -> bool:
    """Whether a folder can be corrected to this."""
    return text in (LEFT_OUT, *roles.SUBSETS) or (text.startswith(CLASS) and text != CLASS)


def _assign(folder: Folder, role: Role, corrections: Mapping[str, str]) -> Iterator[tuple[str, Role]]:
    """The role of the folder and of each one below it, by path."""
    yield folder.path, role
    siblings = Siblings(folder.folders)
    are_classes = all(_is_called_a_class(each, corrections) for each in siblings.named)
    for inner in folder.folders:
        found = role if role.left_out else _role(inner, siblings, role)
        if are_classes and not found.label and _is_called_a_class(inner, corrections):
            found = replace(found, subset=None)  # people call it and all such neighbours classes, whatever subset their names seem to say
        yield from _assign(inner, _corrected(found, role, corrections.get(inner.path)), corrections)


def _is_called_a_class(folder: Folder, corrections: Mapping[str, str]) -> bool:
    return corrections.get(folder.path, "").startswith(CLASS)


def _corrected(found: Role, around: Role, correction: str | None) -> Role:
    if correction == LEFT_OUT:
        return Role(left_out="Left out by you.")
    if correction in roles.SUBSETS:
        return Role(correction, around.label)
    if correction is not None:
        return Role(around.subset or found.subset, correction.removeprefix(CLASS))
    return found


def _role(folder: Folder, siblings: Siblings, role: Role) -> Role:
    """The role that a folder's name gives it, considering those of its neighbours; `role` is that of the folder around them."""
    subset = roles.subset_of(folder.name)
    if role.label:
        return role if role.subset or not subset else replace(role, subset=subset)
    if siblings.named and role.subset is None:
        kind = roles.class_of(folder.name)
        label = kind if subset or not kind else _in_a_line(folder.name)  # `train_cats` holds cat, `Katzen` is called so
        if subset or label or folder.path in siblings.for_training:
            return Role(subset or "training", label)
        return Role(left_out=f"It lies beside {siblings.named[0].name}/, and its name tells neither a subset nor a class.")
    if subset and subset == role.subset and not roles.class_of(folder.name):
        return role  # as in seg_train/seg_train
    return _role_among_classes(folder, siblings, role)


def _role_among_classes(folder: Folder, siblings: Siblings, role: Role) -> Role:
    as_class = replace(role, label=_in_a_line(folder.name))
    if len(siblings.classes) == 2:
        return as_class if roles.class_of(folder.name) else Role(left_out="Its name is neither of the two classes beside it.")
    if siblings.animals:
        return replace(role, label=roles.animal_in(folder.name))
    if siblings.holding and not (siblings.classes and len(siblings.folders) == 2):
        beside = next(iter(siblings.holding.values())).name
        return role if folder.path in siblings.holding else Role(left_out=f"It lies beside {beside}/, which holds the classes.")
    if len(siblings.folders) == 1 and not siblings.classes and (role.subset is None or len(folder.folders) > 1):
        return role
    if siblings.plain and roles.is_of_annotations(folder.name):
        return Role(left_out=f"It lies beside {siblings.plain[0].name}/, and its name tells that it holds no photographs.")
    return role if roles.says_nothing(folder.name) else as_class


def _in_a_line(name: str) -> str:
    """The name without line breaks, and without spaces around it."""
    return " ".join(name.split()) or name


def _candidates(root: Folder, given: Mapping[str, Role]) -> Iterator[Candidate]:
    for folder in root.below():
        role = given[folder.path]
        inner = [given[each.path] for each in folder.folders]
        kinds = {roles.class_of(each.label) for each in inner if each.label}
        beside_subsets = role.subset is None and any(each.subset for each in inner)
        for name in folder.images if not role.left_out else ():
            is_other = kinds in ({"cat"}, {"dog"}) and filenames.class_of(name) not in kinds
            by_name = filenames.class_word(name) if beside_subsets or not kinds or is_other else None
            subset = role.subset or ("training" if beside_subsets else None)
            yield Candidate(f"{folder.path}/{name}".lstrip("/"), role.label or by_name, subset)


def _told_apart(candidates: list[Candidate], given: Mapping[str, Role]) -> list[Candidate]:
    """The candidates, labelled by the words that their names begin with, if neither folders nor known words tell two classes."""
    if any(role.label for role in given.values()) or len({roles.key(each.label) for each in candidates if each.label}) > 1:
        return candidates
    labels = filenames.told_apart({_name(each): None for each in candidates})
    return [replace(each, label=labels.get(_name(each))) for each in candidates] if labels else candidates


def _name(candidate: Candidate) -> str:
    return candidate.path.rpartition("/")[2]


def _two_classes(candidates: list[Candidate]) -> tuple[list[Candidate], list[LeftOutFolder]]:
    """The candidates with one spelling for each class. If there are more than two classes but only two can be meant, those of the others
    are taken out and listed by folder.
    """
    spellings: dict[str, Counter] = {}
    for candidate in candidates:
        if candidate.label:
            label = unicodedata.normalize("NFC", candidate.label)
            spellings.setdefault(roles.key(label), Counter())[label] += 1
    learned = {roles.key(each.label) for each in candidates if each.label and each.subset in (None, "training")}
    # Cats and dogs are meant, else the two classes to train on, else all.
    meant = next((keys for keys in ({"cat", "dog"}, learned) if len(keys) == 2 and keys <= set(spellings)), set(spellings))
    spelling = {key: min(found, key=lambda label: (-found[label], label)) for key, found in spellings.items()}
    kept, others = [], Counter()
    for candidate in candidates:
        key = roles.key(candidate.label) if candidate.label else None
        if key is None or key in meant:
            kept.append(replace(candidate, label=key and spelling[key]))
        else:
            others[candidate.path.rpartition("/")[0]] += 1
    names = " and ".join(sorted(spelling[key] for key in meant))
    return kept, [LeftOutFolder(path, count, f"Its class is neither of the two, {names}.") for path, count in others.items()]


def _problem(folder: Path, candidates: list[Candidate], given: Mapping[str, Role], left_out: Sequence[LeftOutFolder]) -> str | None:
    classes = sorted({candidate.label for candidate in candidates if candidate.label})
    if not candidates:
        return problems.nothing(folder)
    if not classes:
        are_apart = len({each.path.rpartition("/")[0] for each in candidates}) > 1
        return problems.none(folder, map(_name, candidates), are_apart) + problems.unread(left_out)
    if len(classes) == 1:
        empty = _empty_beside(folder, given, {each.path for each in left_out})
        return problems.one(folder, classes[0], empty) + problems.unread(left_out)
    if len(classes) > 2:
        return problems.many(folder, classes)
    for subset in roles.SUBSETS:
        found = sorted({each.label for each in candidates if each.label and each.subset == subset})
        if len(found) == 1:
            return problems.one_sided(folder, subset, found[0], next(name for name in classes if name not in found))
    return None


def _empty_beside(folder: Path, given: Mapping[str, Role], left_out: Set[str]) -> list[str]:
    """The paths of folders without images that lie beside one of a class."""
    around = {path.rpartition("/")[0] for path, role in given.items() if role.label}
    inner = (f"{path}/{name}".lstrip("/") for path in sorted(around) for name in tree.folders_in(folder / path))
    return [path for path in inner if path not in given and path not in left_out]


def _tops(root: Folder, given: Mapping[str, Role]) -> Iterator[Folder]:
    """The uppermost folders that are left out."""
    if given[root.path].left_out:
        yield root
    else:
        for folder in root.folders:
            yield from _tops(folder, given)


def _rows(root: Folder, given: Mapping[str, Role], candidates: list[Candidate]) -> Iterator[Row]:
    held: dict[str, set[str]] = {}
    spelling = {roles.key(each.label): each.label for each in candidates if each.label}
    for path, label in {(each.path.rpartition("/")[0], each.label) for each in candidates if each.label}:
        parts = path.split("/") if path else []
        for end in range(len(parts) + 1):
            held.setdefault("/".join(parts[:end]), set()).add(label)
    for each in _telling(root, given):
        depth, role = each.path.count("/") + bool(each.path), given[each.path]
        role = replace(role, label=role.label and spelling.get(roles.key(role.label), role.label))
        yield Row(each.path, depth, each.count, role, len(held.get(each.path, ())))


def _telling(root: Folder, given: Mapping[str, Role]) -> Iterator[Folder]:
    """The folders down to those that decide the class or are left out, and any below that decide a subset."""
    yield root
    for folder in root.folders:
        role, around = given[folder.path], given[root.path]
        if not (around.label or around.left_out) or role.subset != around.subset:
            yield from _telling(folder, given)
