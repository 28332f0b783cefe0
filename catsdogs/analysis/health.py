"""The health of a data set: one finding a kind, each with a grade, a sentence in plain words, and the photographs that it is about.

What can be told from the listing alone comes from `examine`; what a network thinks of the photographs, which takes a while, from
`doubtful` and `odd`. What a person has judged before (`data.corrections`) is no finding any more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np

from catsdogs.analysis.looks import Look
from catsdogs.data import class_balance, naming, near_copies
from catsdogs.data.dataset import Listing, Photo
from catsdogs.system import words

FINE, LOOK, TROUBLE, UNKNOWN = "fine", "look at it", "trouble", "not looked yet"  # grades
CLASSES, SIZES, FORMATS, UNUSABLE, EXACT = "classes", "sizes", "formats", "unusable", "exact copies"  # names of findings
NEAR, DOUBTFUL, ODD, JFIF = "near copies", "doubtful labels", "odd ones", "jfif"
POOR = 0.8  # of all labels; where a network agrees with fewer, it can hardly tell the classes apart
_SMALL = 64  # px of the shorter side; the smallest target size of the study
_LONG = 3  # times as long as wide
_FEW = 50  # photographs of a class
_MANY = 0.05  # of the labels looked at
_TELLING = 0.8  # right for so many of both classes alike
_ENOUGH = 20  # photographs of each class; of fewer, anything may tell them apart by chance


@dataclass(frozen=True)
class Item:
    """A photograph of a finding: its class, and what was found. A spare one can be left out together with all others of its finding.

    One that `is_in_conflict` can't be called fine: it is not used before its class is known.
    """

    path: str
    label: str
    note: str = ""
    is_spare: bool = False
    is_in_conflict: bool = False
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Finding:
    """What there is to say of a kind, in a sentence, and more in `about`. `groups` are photographs that belong side by side."""

    name: str
    grade: str
    sentence: str
    about: str = ""
    groups: tuple[tuple[Item, ...], ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All of its photographs."""
        return tuple(item for group in self.groups for item in group)


def examine(listing: Listing) -> tuple[Finding, ...]:
    """What the listing alone tells."""
    judged = listing.corrections.images
    exact, near = _copies(listing)
    return (
        _classes(listing),
        _sizes(listing, judged),
        _formats(listing),
        _unusable(listing, judged),
        _exact_copies(listing, exact, judged),
        _near_copies(listing, near, judged),
        _jfif(listing, judged),
    )


def doubtful(listing: Listing, look: Look) -> Finding:
    """Labels that the network doubts."""
    judged = listing.corrections.images
    by_digest = _by_digest(listing)
    items = [
        Item(photo.path, photo.label, f"{words.probability(1 - doubt.probability)} {_other(listing, photo.label)}")
        for doubt in look.doubtful
        for photo in by_digest[doubt.digest]
        if photo.path not in judged and photo.label == listing.class_names[doubt.label]
    ]
    if not items:
        return Finding(DOUBTFUL, FINE, "None.")
    is_trouble = look.agreement >= POOR and len(items) > _MANY * len(look.looked_at)
    may = "One label may be wrong." if len(items) == 1 else f"{len(items):,} labels may be wrong."
    return Finding(DOUBTFUL, TROUBLE if is_trouble else LOOK, may, groups=_each(items))


def odd(listing: Listing, look: Look) -> Finding:
    """Photographs that are unlike the others, as the network sees them."""
    judged = listing.corrections.images
    by_digest = _by_digest(listing)
    items = [Item(photo.path, photo.label) for digest in look.odd or () for photo in by_digest[digest] if photo.path not in judged]
    if not items:
        return Finding(ODD, FINE, "None.")
    unlike = "One is unlike the others." if len(items) == 1 else f"{len(items):,} are unlike the others."
    return Finding(ODD, LOOK, unlike, groups=_each(items))


def _classes(listing: Listing) -> Finding:
    counts = listing.counts
    sentence = " and ".join(naming.counted(count, name) for name, count in counts.items())
    few, most = min(counts.values()), max(counts.values())
    of_few = f"With fewer than {_FEW} of a class, an accuracy says little: of 10 held-out photographs, one is 10 percentage points."
    if warning := class_balance.warning(counts):
        times = f"{most / few:.1f}".removesuffix(".0")
        larger = naming.plural_of(naming.label_of(max(counts, key=counts.get)))
        are_few = ", and few of both" if most < _FEW else ""
        about = f"{warning} {of_few}" if few < _FEW else warning
        return Finding(CLASSES, LOOK, f"{sentence}: {times} times as many {larger}{are_few}.", about)
    if few < _FEW:
        return Finding(CLASSES, LOOK, f"{sentence}, about equal, but few.", of_few)
    return Finding(CLASSES, FINE, f"{sentence}, about equal.", "Neither class is more than one and a half times as large as the other one.")


def _sizes(listing: Listing, judged) -> Finding:
    by_area = sorted((photo.width * photo.height, photo.width, photo.height) for photo in listing.photos)
    smallest, middle, largest = (f"{width} × {height}" for _, width, height in (by_area[0], by_area[len(by_area) // 2], by_area[-1]))
    sentence = f"All are {middle} px." if smallest == largest else f"Typically {middle} px, from {smallest} to {largest} px."
    small = [photo for photo in listing.photos if min(photo.width, photo.height) < _SMALL and photo.path not in judged]
    long = [photo for photo in listing.photos if _proportion(photo) > _LONG and photo.path not in judged]
    sentence += f" {len(small):,} very small." if small else ""
    sentence += f" {len(long):,} very long." if long else ""
    about = (
        f"Very small: a side of less than {_SMALL} px, which shows little. Very long: more than {_LONG} times as long as wide, of which "
        "little is left in a square."
    )
    areas = np.array([photo.width * photo.height for photo in listing.photos])
    widths = np.array([photo.width / photo.height for photo in listing.photos])
    clue, right = max((("Sizes", _best_split(listing, areas)), ("Proportions", _best_split(listing, widths))), key=lambda pair: pair[1])
    if right >= _TELLING:
        sentence += f" {clue} alone tell the classes apart."
        about += " " + _shortcut(clue, right)
    items = [Item(photo.path, photo.label, f"{photo.width} × {photo.height} px") for photo in dict.fromkeys([*small, *long])]
    return Finding(SIZES, LOOK if items or right >= _TELLING else FINE, sentence, about, _each(items))


def _proportion(photo: Photo) -> float:
    return max(photo.width, photo.height) / min(photo.width, photo.height)


def _formats(listing: Listing) -> Finding:
    counts = Counter(photo.format for photo in listing.photos)
    common, _ = counts.most_common(1)[0]
    sentence = ", ".join(f"{count:,} {name}" for name, count in counts.most_common()) + "."
    right = 0.5 + sum(abs(first - second) for first, second in _shares(listing)) / 4
    about = "Judged by the content of the files, not by their names. " + ("Only the unusual ones are shown." if len(counts) > 1 else "")
    if is_telling := right >= _TELLING and min(listing.counts.values()) >= _ENOUGH:
        sentence += " Formats alone tell the classes apart."
        about += " " + _shortcut("Formats", right)
    items = [Item(photo.path, photo.label, photo.format) for photo in listing.photos if photo.format != common]
    return Finding(FORMATS, LOOK if is_telling else FINE, sentence, about, _each(items))


def _shares(listing: Listing) -> list[tuple[float, float]]:
    """Of each format, which share of the one class and of the other it is."""
    counted = Counter((photo.label, photo.format) for photo in listing.photos)
    counts, kinds = listing.counts, {photo.format for photo in listing.photos}
    return [tuple(counted[name, kind] / counts[name] for name in listing.class_names) for kind in kinds]


def _best_split(listing: Listing, values: np.ndarray) -> float:
    """How often the best limit of the values tells the class, both classes counting alike: 0.5 where it says nothing."""
    if min(listing.counts.values()) < _ENOUGH:
        return 0.5
    order = np.argsort(values, kind="stable")
    is_second = np.array([photo.label == listing.class_names[1] for photo in listing.photos])[order]
    ahead = np.cumsum(is_second / is_second.sum()) - np.cumsum(~is_second / (~is_second).sum())
    is_last = np.append(np.diff(values[order]) > 0, True)  # of those that are equal, which no limit can part
    return float(0.5 + np.abs(ahead[is_last]).max() / 2)


def _shortcut(clue: str, right: float) -> str:
    return (
        f"{clue} alone tell the classes apart for {right:.1%} of the photographs, both classes counting alike, so a network may learn them "
        "instead of the animals, and fail where they are alike. Add photographs of both classes from the same source."
    )


def _unusable(listing: Listing, judged) -> Finding:
    count = sum(1 for entry in listing.set_aside if entry.path not in judged and not entry.twin)
    if not count:
        return Finding(UNUSABLE, FINE, "None: every file can be read.")
    is_trouble = count > _MANY * len(listing.photos)
    sentence = "One can't be used." if count == 1 else f"{count:,} can't be used."
    return Finding(UNUSABLE, TROUBLE if is_trouble else LOOK, sentence, "They are skipped in training. Nothing is deleted.")


def _copies(listing: Listing) -> tuple[list[list[Photo]], list[list[Photo]]]:
    """Groups of exact copies; and groups of near copies, of which exact ones are there once. The one to keep comes first in each."""
    same, near = defaultdict(list), []
    for photo in listing.photos:
        same[photo.digest].append(photo)
    for group in listing.near_copies:
        once = {}
        for photo in sorted((listing.photos[row] for row in group), key=_worth):
            once.setdefault(photo.digest, photo)
        near.append(list(once.values()))
    return [sorted(group, key=_worth) for group in same.values() if len(group) > 1], [group for group in near if len(group) > 1]


def _worth(photo: Photo) -> tuple[int, int, str]:
    """Orders copies: the largest first, then by the shortest name, as that of a copy has a mark: `IMG_1 (1).jpg`, `Copy of IMG_1.jpg`."""
    return -photo.width * photo.height, len(PurePosixPath(photo.path).name), photo.path


def _exact_copies(listing: Listing, groups: list[list[Photo]], judged) -> Finding:
    conflicts = _conflicts(listing)
    spare = [_spare(sorted(group, key=lambda photo: photo.path in judged), judged) for group in groups]  # those stay
    count, torn = sum(item.is_spare for group in spare for item in group), sum(map(len, conflicts))
    lines = [
        f"{torn:,} are filed under both classes, and not used." if torn else "",
        _counted(count, "the same file as", "another one"),
    ]
    about = (
        "Copies are kept in the same subset, so that none that was trained on is held out. One click leaves out all but one of each. "
        "Where copies are filed under both classes, say which class is right, or leave them out."
    )
    grade = TROUBLE if torn else LOOK if count else FINE
    shown = tuple(group for group in spare if any(item.is_spare for item in group))
    return Finding(EXACT, grade, " ".join(filter(None, lines)) or "None.", about if torn or count else "", (*conflicts, *shown))


def _conflicts(listing: Listing) -> tuple[tuple[Item, ...], ...]:
    """Those that are the same file; the `twin` of each is the first of the other class."""
    groups = defaultdict(list)
    entries = {entry.path: entry for entry in listing.set_aside if entry.twin}
    for entry in entries.values():
        firsts = frozenset({entry.twin, entries[entry.twin].twin})  # of either class
        groups[firsts].append(Item(entry.path, entry.label, is_in_conflict=True))
    return tuple(map(tuple, groups.values()))


def _near_copies(listing: Listing, groups: list[list[Photo]], judged) -> Finding:
    items = [_spare(group, judged) for group in groups]
    open_ones = tuple(group for group in items if any(item.path not in judged for item in group[1:]))
    crowded = _crowded(listing.crowded)
    if not open_ones:
        return Finding(NEAR, FINE, "None.", crowded)
    torn = sum(len({item.label for item in group}) > 1 for group in open_ones)
    count = sum(item.path not in judged for group in open_ones for item in group[1:])
    sentence = _counted(count, "like", "another one")
    if torn:
        sentence += " One group is filed under both classes." if torn == 1 else f" {torn:,} groups are filed under both classes."
    about = (
        "Saved again, resized, cropped or brightened; what differs from the largest is said below each. They teach a network little. One "
        "click leaves out all but the largest of each, unless they are filed under different classes."
    )
    return Finding(NEAR, TROUBLE if torn else LOOK, sentence, f"{about} {crowded}".rstrip(), open_ones)


def _crowded(count: int) -> str:
    """What is said of images that were not compared with all others."""
    if not count:
        return ""
    plain = "One is" if count == 1 else f"{count:,} are"
    return (
        f"{plain} so plain, as empty pages are, that too many others look alike at a glance: only the {near_copies.AT_ONCE} that were most "
        "alike were compared closely, so copies may be missing here."
    )


def _spare(group: list[Photo], judged) -> tuple[Item, ...]:
    """Of copies all but the first can be spared, unless they are of another class or were judged."""
    first, *others = (Item(photo.path, photo.label, size=(photo.width, photo.height)) for photo in group)
    return first, *(replace(item, is_spare=item.label == first.label and item.path not in judged) for item in others)


def _jfif(listing: Listing, judged) -> Finding:
    items = [Item(photo.path, photo.label, is_spare=True) for photo in listing.photos if photo.lacks_jfif and photo.path not in judged]
    about = (
        "Keras' tutorial on cats and dogs deletes JPEG files without “JFIF” in their header before it trains. Leave them out to do as it "
        "does. Nothing need be wrong with them: many cameras write such files."
    )
    if not items:
        return Finding(JFIF, FINE, "It would leave out nothing.", about)
    sentence = "one, for its header" if len(items) == 1 else f"{len(items):,}, for their headers"
    return Finding(JFIF, FINE, f"It would leave out {sentence} alone.", about, _each(items))


def _by_digest(listing: Listing) -> dict[str, list[Photo]]:
    found = defaultdict(list)
    for photo in listing.photos:
        found[photo.digest].append(photo)
    return found


def _other(listing: Listing, label: str) -> str:
    labels = dict(zip(listing.class_names, naming.labels_of(listing.class_names), strict=True))
    return next(other for name, other in labels.items() if name != label)


def _counted(count: int, what: str, than: str) -> str:
    return f"{'One is' if count == 1 else f'{count:,} are'} {what} {than}." if count else ""


def _each(items: Iterable[Item]) -> tuple[tuple[Item, ...], ...]:
    """Every one by itself."""
    return tuple((item,) for item in items)
