"""Which of its held-out photographs a run got right, read once as long as they do not change."""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from catsdogs.runs import Run, predictions, store


@dataclass(frozen=True)
class Correctness:
    """`correct[i]` says whether the i-th held-out photograph, in the order of their paths, was classified correctly; `photographs` is
    equal for runs that hold out the same ones.
    """

    photographs: str
    correct: np.ndarray


def load(run: Run) -> Correctness | None:
    """Not to be changed: it is shared. None where the run stored no predictions."""
    return _load(run.id, predictions.version(run))


@lru_cache(maxsize=500)
def _load(id: str, version: tuple | None) -> Correctness | None:
    if version is None:
        return None
    found = sorted(predictions.load(store.load(id)))
    paths = hashlib.sha256(b"\0".join(os.fsencode(one.path) for one in found)).hexdigest()
    return Correctness(paths, np.array([one.answer == one.label for one in found], dtype=bool))
