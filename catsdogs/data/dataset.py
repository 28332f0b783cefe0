"""A folder of images -> a checked listing: what can be used, and what was set aside and why. Nothing is ever deleted.

The result is kept in the home folder until a file changes. `layout` finds the classes, `corrections` holds what people have said about
them, `decoding` decodes each file once, `split` divides the listing, and `pixels` keeps the decoded images.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator

from catsdogs.data import corrections, decoding, images, known_folders, layout, listings, near_copies
from catsdogs.data.corrections import FINE, Corrections
from catsdogs.data.decoding import Found, Undecodable
from catsdogs.data.tree import LeftOutFolder
from catsdogs.errors import InputError
from catsdogs.system import access, digests, files, home, lists, paths, shortage
from catsdogs.system.reports import Report, silent

_FORMAT = 5  # of stored listings; those in another format are ignored
_LEFT_OUT = "Left out by you."


@dataclass(frozen=True)
class Photo:
    """An image that can be decoded. `path` is relative to the folder, the size is in px, `digest` is the SHA-256 of the file.

    `format` is a key of `formats.FORMATS`; a JPEG that `lacks_jfif` is one that Keras' tutorial deletes (`headers`).
    """

    path: str
    label: str
    subset: str | None
    width: int
    height: int
    digest: str
    format: str = ""
    lacks_jfif: bool = False


@dataclass(frozen=True)
class SetAside:
    """An image that can't be used, and why. If that is because an exact copy is filed under the other class, `label` is the class of this
    one and `twin` the path of the other one.
    """

    path: str
    reason: str
    label: str = ""
    twin: str = ""


@dataclass(frozen=True)
class Listing:
    """What a folder holds, as it was read and corrected.

    `class_names` are in alphabetical order, as in Keras' `class_indices`: the second one is class 1. `fingerprint` depends on the names,
    classes and contents of the usable images, not on where the folder lies. `near_copies` are groups of positions in `photos`, of images
    that look the same, including exact copies; `crowded` is the number of images that were not compared with all others.
    """

    folder: str
    class_names: tuple[str, str]
    photos: tuple[Photo, ...]
    set_aside: tuple[SetAside, ...]
    fingerprint: str
    near_copies: tuple[tuple[int, ...], ...] = ()
    left_out: tuple[LeftOutFolder, ...] = ()
    corrections: Corrections = Corrections()
    crowded: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Usable images of each class."""
        counted = Counter(photo.label for photo in self.photos)
        return {name: counted[name] for name in self.class_names}

    @property
    def duplicates(self) -> int:
        """The number of images that are exact copies of an earlier one."""
        return len(self.photos) - len({photo.digest for photo in self.photos})

    def by_digest(self) -> dict[str, list[Photo]]:
        """The photographs by their digest: exact copies share one."""
        found = defaultdict(list)
        for photo in self.photos:
            found[photo.digest].append(photo)
        return dict(found)

    def path(self, index: int) -> Path:
        """The file of image `index`."""
        return Path(self.folder, self.photos[index].path)


def check(folder: str | Path, report: Report = silent) -> Listing:
    """Decode every image of the folder once and list them. `report(done, total)` may raise to stop.

    Raises InputError if the folder can't be used: it is missing or empty, has other than two classes, or a class without a usable image;
    shortage.DiskFull if the listing can't be stored.
    """
    access.require_folder(folder)
    folder = paths.resolve(folder)
    with shortage.explained(home.folder(), f"what is known of {folder}"):
        return _check(folder, report)


def _check(folder: Path, report: Report) -> Listing:
    corrected = corrections.load(folder)
    reading = layout.read(folder, corrected.folders)
    candidates = _corrected(reading.usable(), corrected)
    stored = home.subfolder("listings") / f"{_state(folder, candidates)}.json"
    listing = _stored(stored)
    if listing is None:
        found = decoding.decode_once(folder, _wanted(candidates), report)
        listing = _listing(folder, candidates, found)
        if any(isinstance(each, Undecodable) and each.may_pass for each in found):
            stored = stored.with_stem(listing.fingerprint)  # for `find` alone, so that the next check looks at these files again
        files.replace_json(stored, _facts(listing), indent=None)
    else:
        listings.use(stored, folder)
    known_folders.remember(folder)
    return replace(listing, left_out=reading.left_out, corrections=corrected)


def amended(listing: Listing, corrected: Corrections) -> Listing | None:
    """The listing as `check` would make it after these corrections of images, without reading files: seconds less for 20,000 of them.

    None if files have to be read, such as one that was left out before, or if a class would be empty. Near copies stay in one group even if
    the one that linked them is now left out.
    """
    before, after = listing.corrections.images, corrected.images
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    known = {photo.path for photo in listing.photos}
    if corrected.folders != listing.corrections.folders or not changed <= known or any(before.get(path, FINE) != FINE for path in changed):
        return None
    photos, left_out = [], []
    for photo in listing.photos:
        role = after.get(photo.path, FINE) if photo.path in changed else FINE
        if role == corrections.LEFT_OUT:
            left_out.append(SetAside(photo.path, _LEFT_OUT))
        else:
            label = photo.label if role == FINE else corrections.class_of(role)
            photos.append(replace(photo, label=label) if label in listing.class_names else photo)
    kept, conflicting = _without_conflicts(photos)
    if {photo.label for photo in kept} != set(listing.class_names):
        return None
    places = {photo.path: place for place, photo in enumerate(kept)}
    groups = [[listing.photos[row].path for row in group] for group in listing.near_copies]
    near = [tuple(places[path] for path in group if path in places) for group in groups]
    return replace(
        listing,
        photos=kept,
        set_aside=_sorted([*listing.set_aside, *left_out, *conflicting]),
        fingerprint=_fingerprint(kept),
        near_copies=tuple(sorted(group for group in near if len(group) > 1)),
        corrections=corrected,
    )


def read(folder: Path, corrected: Corrections) -> Listing:
    """The listing with these corrections, ignoring what was stored. Raises InputError as `check` does."""
    candidates = _corrected(layout.read(folder, corrected.folders).usable(), corrected)
    return _listing(folder, candidates, decoding.decode(folder, _wanted(candidates)))


def find(fingerprint: str) -> Listing | None:
    """The listing with that fingerprint, if its folder was ever checked; the folder may have changed since, or be gone."""
    for path in home.subfolder("listings").glob("*.json"):
        with suppress(files.Damaged):  # another data set's; its next check will set it aside
            if os.fsencode(fingerprint) in files.read(path):  # many are large, and few need parsing
                return _stored(path)
    return None


def _stored(path: Path) -> Listing | None:
    """A stored listing; a damaged one is set aside, and None returned."""
    return lists.read(path, Annotated[Listing, AfterValidator(_require_consistent)], None, home.folder() / "listings.lock")


def _facts(listing: Listing) -> dict:
    """As `asdict` would give it for JSON, which takes seconds for the photographs of a large folder."""
    rest = asdict(replace(listing, photos=(), set_aside=()))
    return {**rest, "photos": [vars(photo) for photo in listing.photos], "set_aside": [vars(entry) for entry in listing.set_aside]}


def _state(folder: Path, candidates: tuple[layout.Candidate, ...]) -> str:
    """A digest that changes when a file is added, removed or written; no file is opened for it."""
    facts = [f"{_FORMAT}\0{images.VERSION}\0{folder}"]
    for candidate in candidates:
        entry = _stat(os.path.join(folder, candidate.path))
        read_as = f"{candidate.label}\0{candidate.subset}\0{candidate.reason}"
        facts.append(f"{candidate.path}\0{entry.st_size}\0{entry.st_mtime_ns}\0{read_as}\n")
    return digests.of_text("".join(facts))


def _stat(path: str) -> os.stat_result:
    for find in (os.stat, os.lstat):  # the latter for a link to nothing, which will be set aside
        with suppress(OSError):
            return find(path)
    return os.stat_result([0] * 10)  # it has gone since the folder was read, or may not be looked at: set aside as well


def _corrected(candidates: tuple[layout.Candidate, ...], corrected: Corrections) -> tuple[layout.Candidate, ...]:
    """The candidates as people corrected them; a correction to a class that no longer exists is ignored."""
    names = {candidate.label for candidate in candidates if candidate.label}
    by_path = {candidate.path: candidate for candidate in candidates}
    for path, role in corrected.changes.items():
        if path in by_path and role == corrections.LEFT_OUT:
            by_path[path] = replace(by_path[path], reason=_LEFT_OUT)
        elif path in by_path and corrections.class_of(role) in names:
            by_path[path] = replace(by_path[path], label=corrections.class_of(role))
    return tuple(by_path.values())


def _wanted(candidates: Iterable[layout.Candidate]) -> list[str]:
    """The paths of those that are to be decoded."""
    return [candidate.path for candidate in candidates if candidate.label and not candidate.reason]


def _judge(candidate: layout.Candidate, found: Found | None) -> Photo | SetAside:
    if candidate.reason:
        return SetAside(candidate.path, candidate.reason)
    if candidate.label is None:
        return SetAside(candidate.path, "Neither its folder nor its name tells its class.")
    if isinstance(found, Undecodable):
        return SetAside(candidate.path, found.reason)
    facts = found.width, found.height, found.digest, found.format, found.lacks_jfif
    return Photo(candidate.path, candidate.label, candidate.subset, *facts)


def _listing(folder: Path, candidates: Sequence[layout.Candidate], found: Sequence[Found]) -> Listing:
    """The listing of these candidates; `found` is what decoding those that are `_wanted` has found, in their order."""
    by_path = dict(zip(_wanted(candidates), found, strict=True))
    entries = [_judge(candidate, by_path.get(candidate.path)) for candidate in candidates]
    photos, conflicting = _without_conflicts([entry for entry in entries if isinstance(entry, Photo)])
    set_aside = [entry for entry in entries if isinstance(entry, SetAside)] + conflicting
    names = tuple(sorted({candidate.label for candidate in candidates if candidate.label}))
    for name in names:
        if not any(photo.label == name for photo in photos):
            paths = {candidate.path for candidate in candidates if candidate.label == name}
            first = next(entry for entry in set_aside if entry.path in paths)
            raise InputError(f"None of the images of class {name} in {folder} can be used. The first one, {first.path}: {first.reason}")
    if len(names) < 2:
        raise InputError(f"As corrected, all images in {folder} are {names[0]}, and there must be two classes. Undo some corrections.")
    near = near_copies.find(np.array([by_path[photo.path].thumbnail for photo in photos]))
    return Listing(str(folder), names, photos, _sorted(set_aside), _fingerprint(photos), near.groups, crowded=len(near.crowded))


def _without_conflicts(photos: Sequence[Photo]) -> tuple[tuple[Photo, ...], list[SetAside]]:
    """The photographs that are not filed under both classes, and those that are."""
    firsts: dict[str, dict[str, str]] = defaultdict(dict)  # of each content, the path of the first one in each class
    for photo in photos:
        firsts[photo.digest].setdefault(photo.label, photo.path)
    kept, set_aside = [], []
    for photo in photos:
        twin = next((path for label, path in firsts[photo.digest].items() if label != photo.label), None)
        if twin is None:
            kept.append(photo)
        else:
            reason = f"The same file as {twin}, which is filed under the other class."
            set_aside.append(SetAside(photo.path, reason, photo.label, twin))
    return tuple(kept), set_aside


def _sorted(set_aside: Iterable[SetAside]) -> tuple[SetAside, ...]:
    return tuple(sorted(set_aside, key=lambda entry: entry.path))


def _fingerprint(photos: tuple[Photo, ...]) -> str:
    return digests.of_text("".join(f"{photo.path}\0{photo.label}\0{photo.digest}\n" for photo in photos))


def _require_consistent(stored: Listing) -> Listing:
    if {photo.label for photo in stored.photos} != set(stored.class_names) or _fingerprint(stored.photos) != stored.fingerprint:
        raise ValueError("its photographs do not go with the rest")
    return stored
