"""A folder of images -> a checked listing: what can be used, and what was set aside and why. Nothing is ever deleted.

Every file is decoded once; the result is kept in the home folder until a file changes. `layout` finds the classes, `corrections` has
what people say of them, `split` divides, and `pixels` keeps the decoded images.
"""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from catsdogs.data import corrections, images, layout
from catsdogs.data.corrections import Corrections
from catsdogs.data.tree import LeftOut
from catsdogs.errors import InputError
from catsdogs.system import files, home, lists, paths, threads

Report = Callable[[int, int], None]
_REPORT_EVERY = 50  # images
_FORMAT = 3  # of a stored listing; those of another format are not read


@dataclass(frozen=True)
class Photo:
    """An image that can be decoded. `path` is relative to the folder, `digest` the SHA-256 of the file."""

    path: str
    label: str
    subset: str | None
    width: int
    height: int
    digest: str


@dataclass(frozen=True)
class SetAside:
    """An image that can't be used, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What a folder holds, as it was read and corrected.

    `class_names` are in alphabetical order, as Keras' `class_indices` are: the second one is class 1.

    `fingerprint` depends on names, classes and contents of the usable images, not on where the folder lies.
    """

    folder: str
    class_names: tuple[str, str]
    photos: tuple[Photo, ...]
    set_aside: tuple[SetAside, ...]
    fingerprint: str
    left_out: tuple[LeftOut, ...] = ()
    corrections: Corrections = Corrections()

    @property
    def counts(self) -> dict[str, int]:
        """Usable images of each class."""
        counted = Counter(photo.label for photo in self.photos)
        return {name: counted[name] for name in self.class_names}

    @property
    def duplicates(self) -> int:
        """How many images are exact copies of another one."""
        return len(self.photos) - len({photo.digest for photo in self.photos})

    def path(self, index: int) -> Path:
        """The file of image `index`."""
        return Path(self.folder, self.photos[index].path)


def check(folder: str | Path, report: Report | None = None) -> Listing:
    """Decode every image of the folder once and list them. `report(done, total)` may raise to stop.

    Raises InputError where the folder can't be used: missing, empty, other than two classes, none that can be decoded.
    """
    folder = paths.resolve(folder)
    corrected = corrections.load(folder)
    reading = layout.read(folder, corrected.folders)
    candidates = _usable(reading, corrected)
    stored = home.subfolder("listings") / f"{_state(folder, candidates)}.json"
    listing = _stored(stored)
    if listing is None:
        listing = _listing(folder, candidates, _decode_all(folder, candidates, report))
        files.replace_json(stored, asdict(listing))
    _remember(folder)
    return replace(listing, left_out=reading.left_out, corrections=corrected)


def read(folder: Path, corrected: Corrections) -> Listing:
    """The listing with these corrections, whatever was stored before. Raises InputError as `check` does."""
    candidates = _usable(layout.read(folder, corrected.folders), corrected)
    return _listing(folder, candidates, _decode_all(folder, candidates, None))


def _usable(reading: layout.Reading, corrected: Corrections) -> tuple[layout.Candidate, ...]:
    if reading.problem:
        raise InputError(reading.problem)
    return _corrected(reading.candidates, corrected)


def known() -> list[Path]:
    """The folders that were checked before and still exist, the latest first."""
    return [Path(name) for name in lists.read(_known_path(), list[str], []) if os.path.isabs(name) and paths.is_folder(Path(name))]


def find(fingerprint: str) -> Listing | None:
    """The listing with that fingerprint, if its folder was ever checked in this home; the folder may have changed since, or be gone."""
    for path in home.subfolder("listings").glob("*.json"):
        if fingerprint.encode() in path.read_bytes():  # many are large, and few need parsing
            return _stored(path)
    return None


def _stored(path: Path) -> Listing | None:
    """A stored listing; one that is damaged is set aside, and is to be made anew."""
    return lists.read(path, Annotated[Listing, AfterValidator(_require_consistent)], None, home.folder() / "listings.lock")


def label_of(class_name: str) -> str:
    """`Cat`, `cats` -> `cat`; `Dog`, `dogs` -> `dog`; any other class keeps its name."""
    return singular(class_name) if singular(class_name) in ("cat", "dog") else class_name


def singular(class_name: str) -> str:
    """A class whatever its case and number: `Cats` -> `cat`."""
    return class_name.lower().removesuffix("s")


def _remember(folder: Path) -> None:
    """First in the list; one that is not there today may be there again tomorrow, so it is kept."""
    name = str(folder)
    lists.change(_known_path(), list[str], [], lambda others: [name, *(other for other in others if other != name)])


def _known_path() -> Path:
    return home.folder() / "folders.json"


def _state(folder: Path, candidates: tuple[layout.Candidate, ...]) -> str:
    """Changes when a file is added, removed or written; no file is opened to compute it."""
    digest = hashlib.sha256(os.fsencode(f"{_FORMAT}\0{folder}"))
    for candidate in candidates:
        entry = _stat(folder / candidate.path)
        read_as = f"{candidate.label}\0{candidate.subset}\0{candidate.reason}"
        digest.update(os.fsencode(f"{candidate.path}\0{entry.st_size}\0{entry.st_mtime_ns}\0{read_as}\n"))
    return digest.hexdigest()[:32]


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError:  # a link to nothing, which is set aside
        return path.lstat()


def _corrected(candidates: tuple[layout.Candidate, ...], corrected: Corrections) -> tuple[layout.Candidate, ...]:
    """The candidates as people corrected them; a class that there is none of is passed over."""
    names = {candidate.label for candidate in candidates if candidate.label}

    def change(candidate: layout.Candidate) -> layout.Candidate:
        role = corrected.changes.get(candidate.path)
        if role == corrections.LEFT_OUT:
            return replace(candidate, reason="Left out by you.")
        return replace(candidate, label=role) if role in names else candidate

    return tuple(map(change, candidates))


def _decode_all(folder: Path, candidates, report: Report | None) -> list[Photo | SetAside]:
    checked = []
    with closing(threads.in_order(partial(_decode, folder), candidates)) as results:  # Pillow releases the interpreter lock
        for result in results:
            checked.append(result)
            if report and (len(checked) % _REPORT_EVERY == 0 or len(checked) == len(candidates)):
                report(len(checked), len(candidates))
    return checked


def _decode(folder: Path, candidate: layout.Candidate) -> Photo | SetAside:
    if candidate.reason:
        return SetAside(candidate.path, candidate.reason)
    if candidate.label is None:
        return SetAside(candidate.path, "Neither its folder nor its name says whether it is a cat or a dog.")
    path = folder / candidate.path
    try:
        width, height = images.measure(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except InputError as error:
        return SetAside(candidate.path, str(error))
    except OSError as error:
        return SetAside(candidate.path, f"The file can't be read: {paths.reason(error)}.")
    return Photo(candidate.path, candidate.label, candidate.subset, width, height, digest)


def _listing(folder: Path, candidates, checked: list[Photo | SetAside]) -> Listing:
    conflicting = _filed_under_both([photo for photo in checked if isinstance(photo, Photo)])
    photos = tuple(entry for entry in checked if isinstance(entry, Photo) and entry.path not in conflicting)
    set_aside = [entry for entry in checked if isinstance(entry, SetAside)]
    set_aside += [SetAside(path, f"The same file as {other}, which is filed under the other class.") for path, other in conflicting.items()]
    names = tuple(sorted({candidate.label for candidate in candidates if candidate.label}))
    for name in names:
        if not any(photo.label == name for photo in photos):
            paths = {candidate.path for candidate in candidates if candidate.label == name}
            first = next(entry for entry in set_aside if entry.path in paths)
            raise InputError(f"None of the images of class {name} in {folder} can be used. The first one, {first.path}: {first.reason}")
    return Listing(str(folder), names, photos, tuple(sorted(set_aside, key=lambda entry: entry.path)), _fingerprint(photos))


def _fingerprint(photos: tuple[Photo, ...]) -> str:
    text = "".join(f"{photo.path}\0{photo.label}\0{photo.digest}\n" for photo in photos)
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:32]


def _require_consistent(stored: Listing) -> Listing:
    if {photo.label for photo in stored.photos} != set(stored.class_names) or _fingerprint(stored.photos) != stored.fingerprint:
        raise ValueError("its photographs do not go with the rest")
    return stored


def _filed_under_both(photos: list[Photo]) -> dict[str, str]:
    """Path -> path of the same content with another label."""
    same = defaultdict(list)
    for photo in photos:
        same[photo.digest].append(photo)
    conflicts = {}
    for group in same.values():
        for photo in group:
            others = [other.path for other in group if other.label != photo.label]
            if others:
                conflicts[photo.path] = others[0]
    return conflicts
