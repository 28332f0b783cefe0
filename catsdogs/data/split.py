"""A listing -> training, validation and test subsets: by a seed, stratified, without leaks.

Exact copies always end up in the same subset, and near copies do if the configuration says so. A folder's own `validation/` and `test/`
are kept as they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from catsdogs.data.dataset import Listing
from catsdogs.data.roles import SUBSETS
from catsdogs.errors import InputError
from catsdogs.settings import Config
from catsdogs.settings.config import change
from catsdogs.system import digests


@dataclass(frozen=True)
class Split:
    """Positions in `Listing.photos`, ascending; every usable image is in exactly one subset."""

    training: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


def make(listing: Listing, config: Config) -> Split:
    """Divide the listing by the configuration's seed and shares.

    Raises InputError if a subset would lack a class, or if a batch is larger than the training subset.
    """
    split = _split(listing, config)
    if config.batch_size > len(split.training):
        raise InputError(
            f"batch_size = {config.batch_size}: there are only {len(split.training)} photographs to train on, "
            f"so {len(split.training)} at most."
        )
    return split


def require(listing: Listing, configs: Iterable[Config]) -> None:
    """Raises InputError as `make` does for any of these configurations. Dividing takes a while for 20,000 photographs, and of those that
    divide alike, the one with the largest batches is tried.
    """
    by_size = sorted(configs, key=lambda one: one.batch_size)
    alike = {(one.seed, one.validation_split, one.test_split, one.near_copies_together): one for one in by_size}
    for config in alike.values():
        make(listing, config)


def fingerprint(listing: Listing, split: Split) -> str:
    """A digest that is equal if photographs with the same paths are in the same subsets."""
    return _hash(listing, [getattr(split, subset) for subset in SUBSETS])


def fingerprints(listing: Listing, split: Split) -> dict[str, str]:
    """A digest of each subset, equal if it holds photographs with the same paths, as for all seeds if a folder dictates the subset."""
    return {subset: _hash(listing, [getattr(split, subset)]) for subset in SUBSETS}


def is_still(environment: dict, listing: Listing, config: Config) -> bool:
    """Whether the listing has the photographs of the run with this environment and configuration, each in the same subset as then.

    Subsets change if people correct what a folder is for. For runs of earlier versions, only the photographs are known.
    """
    if environment.get("data_fingerprint") != listing.fingerprint:
        return False
    return "split" not in environment or environment["split"] == fingerprint(listing, make(listing, config))


def fit(listing: Listing, config: Config) -> Config:
    """The configuration, with its batch size lowered if it is larger than the training subset.

    Meant for a batch size that nobody chose. Raises InputError if a subset would lack a class.
    """
    if config.batch_size <= _at_least(listing, config):
        return config
    return change(config, batch_size=min(config.batch_size, len(_split(listing, config).training)))


def lowered(config: Config, fitted: Config) -> str:
    """A sentence on what `fit` has changed; "" if nothing."""
    if fitted.batch_size == config.batch_size:
        return ""
    return (
        f"The batch size is {fitted.batch_size} instead of {config.batch_size}: there are only {fitted.batch_size} photographs to train on."
    )


def _split(listing: Listing, config: Config) -> Split:
    subsets = {subset: [] for subset in SUBSETS}
    for label in listing.class_names:
        for subset, members in _divide(listing, label, config).items():
            subsets[subset] += members
    split = Split(*(tuple(sorted(subsets[subset])) for subset in SUBSETS))
    _require_both_classes(listing, split)
    return split


def _at_least(listing: Listing, config: Config) -> float:
    """A lower bound of the number of training photographs, without dividing them, which takes a while for 20,000."""
    pool = sum(photo.subset in (None, "training") for photo in listing.photos) - listing.duplicates  # some copies go elsewhere
    rounded_up = 0.5 * len(listing.class_names) * 2  # subsets
    return pool * (1 - config.test_split - config.validation_split) - rounded_up


def _divide(listing: Listing, label: str, config: Config) -> dict[str, list[int]]:
    """The images of one class by subset."""
    groups = _copies_together(listing, label, config.near_copies_together)
    subsets = {subset: [index for group in groups if _given(listing, group) == subset for index in group] for subset in SUBSETS}
    pool = [group for group in groups if _given(listing, group) in (None, "training")]
    subsets["training"] = []
    np.random.default_rng([config.seed, listing.class_names.index(label)]).shuffle(pool)
    total = sum(map(len, pool))
    wanted = {"test": round(config.test_split * total), "validation": round(config.validation_split * total)}
    decided = {photo.subset for photo in listing.photos}
    wanted = {subset: count for subset, count in wanted.items() if subset not in decided}
    for group in pool:
        subset = next((subset for subset, count in wanted.items() if len(subsets[subset]) + len(group) <= count), "training")
        subsets[subset] += group
    return subsets


def _copies_together(listing: Listing, label: str, are_near_ones: bool) -> list[list[int]]:
    """The positions of the images of a class, copies of one image in one list."""
    near = [[listing.photos[index].digest for index in group] for group in listing.near_copies if are_near_ones]
    first = {digest: digests[0] for digests in near for digest in digests}  # by digest, since exact copies in a crowd may be in no group
    groups: dict[str, list[int]] = {}
    for index, photo in enumerate(listing.photos):
        if photo.label == label:
            groups.setdefault(first.get(photo.digest, photo.digest), []).append(index)
    return list(groups.values())


def _given(listing: Listing, group: list[int]) -> str | None:
    """The subset that folders dictate for copies of one image: the strictest one, so that none leaks into training; None if none does."""
    named = {listing.photos[index].subset for index in group}
    return next((subset for subset in reversed(SUBSETS) if subset in named), None)


def _hash(listing: Listing, members: Iterable[Iterable[int]]) -> str:
    return digests.of_text("\n".join("\0".join(listing.photos[row].path for row in rows) for rows in members))


def _require_both_classes(listing: Listing, split: Split) -> None:
    for subset in SUBSETS:
        found = {listing.photos[index].label for index in getattr(split, subset)}
        for name in listing.class_names:
            if name not in found:
                raise InputError(_missing(listing, name, subset))


def _missing(listing: Listing, name: str, subset: str) -> str:
    if {photo.subset for photo in listing.photos if photo.label == name} <= {"validation", "test"}:  # found when training is looked at
        return (
            f"All photographs of class {name} lie in folders for validation or test: none is left for training. Add photographs, or say "
            f"what each folder is for, under “How the folder was read” on the Data page."
        )
    return (
        f"There are too few photographs of class {name} ({listing.counts[name]}): none is left for {subset}. "
        f"Add photographs, or change validation_split and test_split."
    )
