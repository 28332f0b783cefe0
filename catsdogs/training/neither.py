"""After a training: what the run needs to tell pictures of neither class, from its own photographs. The method is `analysis.neither`'s.

For runs that were stored before, and for the bundled one, `calibrate` on the command line does it.
"""

import keras
import numpy as np

from catsdogs.analysis import neither
from catsdogs.data import altered
from catsdogs.data.batches import Batches
from catsdogs.networks import neither as judging
from catsdogs.runs import Run

_BATCH = 64  # images


def learn(run: Run, network: keras.Model, subsets: dict[str, Batches]) -> dict | None:
    """Keep with the run what `analysis.neither.fit` and `fit_second_look` return, and return it.

    None, and nothing is kept, where the photographs are too few, the network gives the same answer to all, or it finds too little.
    """
    if min(subsets[name].samples for name in ("training", "validation")) < neither.FEWEST:
        return None
    extracting = judging.features(network)
    photographs = subsets["training"].sample(neither.MOST)
    held_back = subsets["validation"].sample(neither.MOST)
    given = (photographs, altered.make(photographs, run.config.seed), held_back)
    ours, made, validation = (_features(extracting, pixels) for pixels in given)
    if not np.isfinite(ours).all() or not np.ptp(ours, axis=0).any():
        return None
    learned = neither.fit(ours, made, validation)
    if learned["found"] < neither.USEFUL:
        return None

    def excesses(features: np.ndarray) -> np.ndarray:
        return neither.score(features, learned["weights"]) - learned["limit"]

    learned |= neither.fit_second_look(excesses(validation), held_back, lambda views: excesses(_features(extracting, views)))
    neither.save(run, learned)
    return learned


def _features(extracting: keras.Model, pixels: np.ndarray) -> np.ndarray:
    rows = [extracting.predict_on_batch(pixels[start : start + _BATCH]) for start in range(0, len(pixels), _BATCH)]
    return np.concatenate(rows).astype(np.float32)
