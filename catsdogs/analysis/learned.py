"""Which photographs a run's model has learned from: those of its training and validation subsets, and of the runs that it started from.

They are recognised by their content, wherever they lie now.
"""

from collections import Counter

from catsdogs.data import dataset, split
from catsdogs.data.dataset import Listing
from catsdogs.data.split import Split
from catsdogs.runs import Run, origin, store
from catsdogs.settings import Config

TRAINED_ON, CHOSE_THE_EPOCH = "trained on", "chose the epoch"  # how it learned from a photograph
NONE_IS_BEST = "None can be called the best: each started from a run that was, or may have been, trained on photographs it is judged by."


def photographs(run: Run, listing: Listing) -> dict[str, str] | None:
    """What the run's model learned from, by the digest of the file, and how; None where that is not known on this machine.

    Those of the bundled network are not known, and left out: they were made squares before, so that nobody has the same files.
    """
    before = [] if run.id == store.SHIPPED else _before(run.config)  # it shares its split with the run before
    if before is None:
        return None
    found: dict[str, str] = {}
    for one in (run, *before):
        learned_from = _listing(one, listing)
        if learned_from is None:
            return None
        found = _by_digest(learned_from, one.config) | found
    return found


def seen(run: Run, subset: str) -> int | None:
    """How many photographs of its subset "validation" or "test" the runs that it started from were trained on; None where not known."""
    started = store.environment(run).get("start_from")
    if not started:
        return 0
    return started["seen"][subset] if started["seen"] else None


def caution(run: Run) -> str:
    """What is to be said beside its held-out accuracy, where `seen` says that it may be too high; else empty."""
    count = seen(run, "test")
    if count is None:
        return "it is not known whether the run it started from was trained on its held-out photographs"
    if count == 0:
        return ""
    return f"{count:,} of its held-out photographs: the run it started from was trained on {'it' if count == 1 else 'them'}"


def is_fair(run: Run) -> bool:
    """Whether it may be called the best: no run that it started from was trained on its validation or held-out photographs."""
    return seen(run, "validation") == seen(run, "test") == 0


def seen_before(config: Config, listing: Listing, subsets: Split) -> dict[str, int] | None:
    """How many photographs of the "validation" and "test" subsets the runs that it starts from were trained on.

    None where that is not known of one of them on this machine.
    """
    before = _before(config)
    if before is None:
        return None
    trained_on: set[str] = set()
    for one in before:
        learned_from = _listing(one, listing)
        if learned_from is None:
            return None
        trained_on |= {digest for digest, how in _by_digest(learned_from, one.config).items() if how == TRAINED_ON}
    counts = Counter(name for name in ("validation", "test") for row in getattr(subsets, name) if listing.photos[row].digest in trained_on)
    return {name: counts[name] for name in ("validation", "test")}


def _before(config: Config) -> list[Run] | None:
    """The runs that it starts from, one after the other, up to the bundled one; None where one of them is gone."""
    found = []
    for one in origin.lineage(config):
        if one.id == store.SHIPPED:
            return found
        found.append(one)
        config = one.config
    return None if config.start_from else found


def _listing(run: Run, listing: Listing) -> Listing | None:
    """The photographs of the run, as long as each would be in the subset that it was in."""
    environment = store.environment(run)
    fingerprint = environment["data_fingerprint"]
    found = listing if listing.fingerprint == fingerprint else dataset.find(fingerprint)
    return found if found and split.is_still(environment, found, run.config) else None


def _by_digest(listing: Listing, config: Config) -> dict[str, str]:
    subsets = split.make(listing, config)
    validation = {listing.photos[index].digest: CHOSE_THE_EPOCH for index in subsets.validation}
    return {**validation, **{listing.photos[index].digest: TRAINED_ON for index in subsets.training}}
