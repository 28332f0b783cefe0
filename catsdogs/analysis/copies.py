"""Exact and near copies in a data set, as findings: copies of one photograph side by side, the one to keep first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from catsdogs.analysis.findings import FINE, LOOK, TROUBLE, Finding, Item
from catsdogs.data import near_copies
from catsdogs.data.dataset import Listing, Photo

EXACT, NEAR = "exact copies", "near copies"  # names of findings


def exact(listing: Listing) -> Finding:
    """Copies of the same file; trouble if they are filed under both classes."""
    judged = listing.corrections.images
    conflicts = _conflicts(listing)
    same = (group for group in listing.by_digest().values() if len(group) > 1)
    groups = [_spare(sorted(group, key=lambda photo: (photo.path in judged, _worth(photo))), judged) for group in same]
    shown = tuple(group for group in groups if any(item.is_spare for item in group))
    count, torn = sum(item.is_spare for group in shown for item in group), sum(map(len, conflicts))
    if not torn and not count:
        return Finding(EXACT, FINE, "None.")
    lines = [f"{torn:,} are filed under both classes, and not used."] if torn else []
    lines += [_like_another("the same file as", count)] if count else []
    about = (
        "Copies are kept in the same subset, so that none that was trained on is held out. One click leaves out all but one of each. "
        "Where copies are filed under both classes, say which class is right, or leave them out."
    )
    return Finding(EXACT, TROUBLE if torn else LOOK, " ".join(lines), about, (*conflicts, *shown))


def near(listing: Listing) -> Finding:
    """Photographs that look the same, exact copies among them shown once; trouble if they are filed under both classes."""
    judged = listing.corrections.images
    groups = [_spare(_distinct(listing.photos[row] for row in rows), judged) for rows in listing.near_copies]
    open_ones = tuple(group for group in groups if any(item.path not in judged for item in group[1:]))
    crowded = _crowded(listing.crowded)
    if not open_ones:
        return Finding(NEAR, FINE, "None.", crowded)
    torn = sum(len({item.label for item in group}) > 1 for group in open_ones)
    sentence = _like_another("like", sum(item.path not in judged for group in open_ones for item in group[1:]))
    if torn:
        sentence += " One group is filed under both classes." if torn == 1 else f" {torn:,} groups are filed under both classes."
    about = (
        "Saved again, resized, cropped or brightened; what differs from the largest is said below each. They teach a network little. One "
        "click leaves out all but the largest of each, unless they are filed under different classes."
    )
    return Finding(NEAR, TROUBLE if torn else LOOK, sentence, f"{about} {crowded}".rstrip(), open_ones)


def _worth(photo: Photo) -> tuple[int, int, str]:
    """Sorts copies: the largest first, then by the shortest name, as a copy's name has a mark: `IMG_1 (1).jpg`, `Copy of IMG_1.jpg`."""
    return -photo.width * photo.height, len(PurePosixPath(photo.path).name), photo.path


def _distinct(photos: Iterable[Photo]) -> list[Photo]:
    """The photographs, the one to keep first; the best of each set of exact copies stands for all."""
    found: dict[str, Photo] = {}
    for photo in sorted(photos, key=_worth):
        found.setdefault(photo.digest, photo)
    return list(found.values())


def _spare(group: Iterable[Photo], judged: Mapping[str, str]) -> tuple[Item, ...]:
    """All copies but the first can be spared, unless they are of another class or were judged."""
    first, *others = (Item(photo.path, photo.label, size=(photo.width, photo.height)) for photo in group)
    return first, *(replace(item, is_spare=item.label == first.label and item.path not in judged) for item in others)


def _conflicts(listing: Listing) -> tuple[tuple[Item, ...], ...]:
    """Groups of the same file under both classes; the `twin` of each is the first one of the other class."""
    groups = defaultdict(list)
    entries = {entry.path: entry for entry in listing.set_aside if entry.twin}
    for entry in entries.values():
        firsts = frozenset({entry.twin, entries[entry.twin].twin})  # of either class
        groups[firsts].append(Item(entry.path, entry.label, is_in_conflict=True))
    return tuple(map(tuple, groups.values()))


def _like_another(alike: str, count: int) -> str:
    return f"{'One is' if count == 1 else f'{count:,} are'} {alike} another one."


def _crowded(count: int) -> str:
    """What is said of that many photographs that were not compared with all others."""
    if not count:
        return ""
    plain = "One is" if count == 1 else f"{count:,} are"
    return (
        f"{plain} so plain, as empty pages are, that too many others look alike at a glance: only the {near_copies.AT_ONCE} that were most "
        "alike were compared closely, so copies may be missing here."
    )
