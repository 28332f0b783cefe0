"""A listing -> who is trained on, who chooses the epoch, and who is held out. By a seed, stratified, without leaks.

Exact duplicates always fall on the same side. A folder's own `validation/` and `test/` are kept as they are.
"""

from dataclasses import dataclass

import numpy as np

from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.settings.config import Config

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Positions in `Listing.photos`, ascending; every usable photograph is in exactly one part."""

    training: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


def make(listing: Listing, config: Config) -> Split:
    """Divide the listing by the configuration's seed and shares. Raises InputError where a part would lack a class,
    or where a batch is larger than the data to train on."""
    parts = {part: [] for part in PARTS}
    for label in listing.class_names:
        for part, members in _divide(listing, label, config).items():
            parts[part] += members
    split = Split(*(tuple(sorted(parts[part])) for part in PARTS))
    _require_both_classes(listing, split)
    if config.batch_size > len(split.training):
        raise InputError(
            f"batch_size = {config.batch_size}: there are only {len(split.training)} photographs to train on, "
            f"so {len(split.training)} at most."
        )
    return split


def _divide(listing: Listing, label: str, config: Config) -> dict[str, list[int]]:
    """The photographs of one class by part."""
    groups = _duplicates_together(listing, label)
    parts = {part: [index for group in groups if _given(listing, group) == part for index in group] for part in PARTS}
    pool = [group for group in groups if _given(listing, group) in (None, "training")]
    parts["training"] = []
    np.random.default_rng([config.seed, listing.class_names.index(label)]).shuffle(pool)
    total = sum(map(len, pool))
    wanted = {"test": round(config.test_split * total), "validation": round(config.validation_split * total)}
    decided = {photo.part for photo in listing.photos}
    wanted = {part: count for part, count in wanted.items() if part not in decided}
    for group in pool:
        part = next((part for part, count in wanted.items() if len(parts[part]) + len(group) <= count), "training")
        parts[part] += group
    return parts


def _duplicates_together(listing: Listing, label: str) -> list[tuple[int, ...]]:
    groups: dict[str, list[int]] = {}
    for index, photo in enumerate(listing.photos):
        if photo.label == label:
            groups.setdefault(photo.digest, []).append(index)
    return [tuple(group) for group in groups.values()]


def _given(listing: Listing, group: tuple[int, ...]) -> str | None:
    """The part that the folder decides for copies of one photograph: the strictest one, so that none leaks into training."""
    named = {listing.photos[index].part for index in group}
    return next((part for part in reversed(PARTS) if part in named), None)


def _require_both_classes(listing: Listing, split: Split) -> None:
    for part in PARTS:
        found = {listing.photos[index].label for index in getattr(split, part)}
        for name in listing.class_names:
            if name not in found:
                raise InputError(
                    f"{listing.folder} has too few photographs of class {name} ({listing.counts[name]}): none is left for {part}. "
                    f"Add photographs, or change validation_split and test_split."
                )
