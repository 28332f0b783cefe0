"""A finished run's opinion of the labels of its own data set: its probabilities for the photographs that it was not trained on.

A network's answer for a photograph that it was trained on says nothing about the label, which it has learned, right or wrong; nor do
probabilities cross-validated over its features, which have learned it as well. So only photographs of its validation and test subsets, and
those added since, are judged. Who loads the model, and where, is up to the caller.
"""

from collections import Counter

import numpy as np

from catsdogs.analysis import doubts, learned
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.inference import measuring
from catsdogs.inference.measuring import Answering
from catsdogs.runs import Run, store
from catsdogs.system.reports import Report, silent
from catsdogs.system.words import counted


def rows(run: Run, listing: Listing) -> tuple[int, ...]:
    """Positions of the photographs that the run was not trained on.

    Raises InputError if that is not known on this machine, or if there are too few of a class to judge labels by.
    """
    known = learned.photographs(run, listing)
    if known is None:
        raise InputError(
            f"Which photographs run {run.id} was trained on is not known on this machine. Look with the bundled network, or repeat the run."
        )
    found = tuple(row for row, photo in enumerate(listing.photos) if known.get(photo.digest) != learned.TRAINED_ON)
    counts = Counter(listing.photos[row].label for row in found)
    fewest = min(listing.class_names, key=lambda name: counts[name])
    if (few := counts[fewest]) < doubts.FEWEST:
        raise InputError(
            f"Of {fewest}, run {run.id} was not trained on {counted(few, 'photograph')}; to judge labels by, there must be "
            f"{doubts.FEWEST} or more of each class. Look with the bundled network, or train with a larger share for validation."
        )
    return found


def predict(run: Run, listing: Listing, rows: tuple[int, ...], answer: Answering, report: Report = silent) -> np.ndarray:
    """Probabilities of both classes, in the listing's order, for the photographs at these positions, (n, 2).

    `report(done, total)` may raise to stop. Raises InputError if a photograph can no longer be read, or the run tells other classes apart.
    """
    names = tuple(store.environment(run)["class_names"])
    places = measuring.match(run, names, listing)
    second = measuring.probabilities(names, listing, rows, answer, report)
    return np.stack([1 - second, second], axis=1)[:, [places[name] for name in listing.class_names]]
