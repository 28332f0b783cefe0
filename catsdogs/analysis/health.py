"""The health of a data set: one finding for each kind of problem. Those of copies are in `copies`.

`examine` needs the listing alone; `doubtful` and `odd` need what a network has found in the photographs (`looks`), which takes a while.
Photographs that a person has judged (`data.corrections`) are no longer listed.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from catsdogs.analysis import copies
from catsdogs.analysis.findings import FINE, LOOK, TROUBLE, Finding, Item
from catsdogs.analysis.looks import Look
from catsdogs.data import class_balance, naming
from catsdogs.data.dataset import Listing, Photo
from catsdogs.system import words

CLASSES, SIZES, FORMATS, UNUSABLE = "classes", "sizes", "formats", "unusable"  # names of findings
DOUBTFUL, ODD, JFIF = "doubtful labels", "odd ones", "jfif"
POOR = 0.8  # of all labels; a network that agrees with fewer can hardly tell the classes apart
_SMALL = 64  # px of the shorter side; the smallest target size of the study
_LONG = 3  # times as long as wide
_FEW = 50  # photographs of a class
_MANY = 0.05  # of all labels, or of all files
_TELLING = 0.8  # of the photographs, both classes counting alike
_ENOUGH = 20  # photographs of each class; with fewer, anything may tell them apart by chance


def examine(listing: Listing) -> tuple[Finding, ...]:
    """What the listing alone tells, in the order in which pages show it."""
    kinds = _classes, _sizes, _formats, _unusable, copies.exact, copies.near, _jfif
    return tuple(find(listing) for find in kinds)


def doubtful(listing: Listing, look: Look) -> Finding:
    """Labels that the network doubts; trouble if it doubts many, unless it can hardly tell the classes apart."""
    judged, same = listing.corrections.images, listing.by_digest()
    labels = naming.labels_of(listing.class_names)
    items = [
        Item(photo.path, photo.label, f"{words.probability(1 - doubt.probability)} {labels[1 - doubt.label]}")
        for doubt in look.doubtful
        for photo in same.get(doubt.digest, ())
        if photo.path not in judged and photo.label == listing.class_names[doubt.label]
    ]
    if not items:
        return Finding(DOUBTFUL, FINE, "None.")
    is_trouble = look.agreement >= POOR and len(items) > _MANY * len(look.looked_at)
    may = "One label may be wrong." if len(items) == 1 else f"{len(items):,} labels may be wrong."
    return Finding(DOUBTFUL, TROUBLE if is_trouble else LOOK, may, groups=_each(items))


def odd(listing: Listing, look: Look) -> Finding:
    """Photographs that look unlike the others to the network."""
    judged, same = listing.corrections.images, listing.by_digest()
    items = [Item(photo.path, photo.label) for digest in look.odd or () for photo in same.get(digest, ()) if photo.path not in judged]
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


def _sizes(listing: Listing) -> Finding:
    by_area = sorted((photo.width * photo.height, photo.width, photo.height) for photo in listing.photos)
    smallest, middle, largest = (f"{width} × {height}" for _, width, height in (by_area[0], by_area[len(by_area) // 2], by_area[-1]))
    sentence = f"All are {middle} px." if smallest == largest else f"Typically {middle} px, from {smallest} to {largest} px."
    small = [photo for photo in _unjudged(listing) if min(photo.width, photo.height) < _SMALL]
    long = [photo for photo in _unjudged(listing) if max(photo.width, photo.height) > _LONG * min(photo.width, photo.height)]
    sentence += f" {len(small):,} very small." if small else ""
    sentence += f" {len(long):,} very long." if long else ""
    about = (
        f"Very small: a side of less than {_SMALL} px, which shows little. Very long: more than {_LONG} times as long as wide, of which "
        "little is left in a square."
    )
    areas = np.array([photo.width * photo.height for photo in listing.photos])
    proportions = np.array([photo.width / photo.height for photo in listing.photos])
    by_clue = {"Sizes": _best_split(listing, areas), "Proportions": _best_split(listing, proportions)}
    clue = max(by_clue, key=by_clue.get)
    if is_telling := by_clue[clue] >= _TELLING:
        sentence += f" {clue} alone tell the classes apart."
        about += " " + _shortcut(clue, by_clue[clue])
    items = [Item(photo.path, photo.label, f"{photo.width} × {photo.height} px") for photo in dict.fromkeys([*small, *long])]
    return Finding(SIZES, LOOK if items or is_telling else FINE, sentence, about, _each(items))


def _formats(listing: Listing) -> Finding:
    counts = Counter(photo.format for photo in listing.photos)
    common, _ = counts.most_common(1)[0]
    sentence = ", ".join(f"{count:,} {name}" for name, count in counts.most_common()) + "."
    in_class, of_class = Counter((photo.label, photo.format) for photo in listing.photos), listing.counts
    # The share that is right if each format is answered with the class that has it more often.
    right = sum(max(in_class[name, kind] / of_class[name] for name in of_class) for kind in counts) / 2
    about = "Judged by the content of the files, not by their names. " + ("Only the unusual ones are shown." if len(counts) > 1 else "")
    if is_telling := right >= _TELLING and min(of_class.values()) >= _ENOUGH:
        sentence += " Formats alone tell the classes apart."
        about += " " + _shortcut("Formats", right)
    items = [Item(photo.path, photo.label, photo.format) for photo in listing.photos if photo.format != common]
    return Finding(FORMATS, LOOK if is_telling else FINE, sentence, about, _each(items))


def _best_split(listing: Listing, values: np.ndarray) -> float:
    """The share of photographs whose class the best threshold on the values (n,) tells, both classes counting alike: 0.5 if none does."""
    if min(listing.counts.values()) < _ENOUGH:
        return 0.5
    order = np.argsort(values, kind="stable")
    is_second = np.array([photo.label == listing.class_names[1] for photo in listing.photos])[order]
    ahead = np.cumsum(is_second / is_second.sum()) - np.cumsum(~is_second / (~is_second).sum())
    is_last = np.append(np.diff(values[order]) > 0, True)  # of equal ones, which no threshold can part
    return float(0.5 + np.abs(ahead[is_last]).max() / 2)


def _shortcut(clue: str, right: float) -> str:
    return (
        f"{clue} alone tell the classes apart for {right:.1%} of the photographs, both classes counting alike, so a network may learn them "
        "instead of the animals, and fail where they are alike. Add photographs of both classes from the same source."
    )


def _unusable(listing: Listing) -> Finding:
    judged = listing.corrections.images
    count = sum(entry.path not in judged and not entry.twin for entry in listing.set_aside)
    if not count:
        return Finding(UNUSABLE, FINE, "None: every file can be read.")
    is_trouble = count > _MANY * len(listing.photos)
    sentence = "One can't be used." if count == 1 else f"{count:,} can't be used."
    return Finding(UNUSABLE, TROUBLE if is_trouble else LOOK, sentence, "They are skipped in training. Nothing is deleted.")


def _jfif(listing: Listing) -> Finding:
    items = [Item(photo.path, photo.label, is_spare=True) for photo in _unjudged(listing) if photo.lacks_jfif]
    about = (
        "Keras' tutorial on cats and dogs deletes JPEG files without “JFIF” in their header before it trains. Leave them out to do as it "
        "does. Nothing need be wrong with them: many cameras write such files."
    )
    if not items:
        return Finding(JFIF, FINE, "It would leave out nothing.", about)
    sentence = "one, for its header" if len(items) == 1 else f"{len(items):,}, for their headers"
    return Finding(JFIF, FINE, f"It would leave out {sentence} alone.", about, _each(items))


def _unjudged(listing: Listing) -> list[Photo]:
    return [photo for photo in listing.photos if photo.path not in listing.corrections.images]


def _each(items: Iterable[Item]) -> tuple[tuple[Item, ...], ...]:
    """Each photograph by itself."""
    return tuple((item,) for item in items)
