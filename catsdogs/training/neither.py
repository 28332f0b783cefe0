"""After a training: what the run needs to tell pictures of neither class, from its own photographs. The method is `analysis.neither`'s.

For runs that were stored before, and for the bundled one, `calibrate` on the command line does it.
"""

from collections.abc import Callable, Iterable, Iterator

import keras
import numpy as np

from catsdogs.analysis import neither
from catsdogs.data import altered, naming
from catsdogs.data.batches import Batches
from catsdogs.drawn import demo
from catsdogs.networks import neither as judging
from catsdogs.runs import Run, store

_BATCH = 64  # images
_DRAWN = range(10_000, 10_030)  # seeds that no drawn data set and no example has


def learn(run: Run, network: keras.Model, subsets: dict[str, Batches], begin: Callable[[], object] = lambda: None) -> dict | None:
    """Keep with the run what `analysis.neither.fit` and `fit_second_look` return, and return it.

    None, and nothing is kept, where the photographs are too few, before `begin` is called; or where the network gives the same answer to
    all, or it finds too little.
    """
    if min(subsets[name].samples for name in ("training", "validation")) < neither.FEWEST:
        return None
    begin()
    extracting = judging.features(network)
    photographs = subsets["training"].sample(neither.MOST)
    held_back = subsets["validation"].sample(neither.MOST)
    ours = _features(extracting, _batches(np.concatenate([photographs, *_drawn(run)])))
    validation = _features(extracting, _batches(held_back))
    if not np.isfinite(ours).all() or not np.ptp(ours, axis=0).any():
        return None
    random = np.random.default_rng(run.config.seed)
    # Made batch by batch, as all of them together can take as much memory as the training
    theirs = _features(extracting, (altered.make(batch, random) for batch in _batches(photographs)))
    learned = neither.fit(ours, theirs, validation)
    if learned["found"] < neither.USEFUL:
        return None

    def excesses(features: np.ndarray) -> np.ndarray:
        return neither.score(features, learned["weights"]) - learned["limit"]

    learned |= neither.fit_second_look(excesses(validation), held_back, lambda views: excesses(_features(extracting, _batches(views))))
    neither.save(run, learned)
    return learned


def _drawn(run: Run) -> list[np.ndarray]:
    """Drawn cats and dogs, (60, side, side, 3) uint8: they are no photographs, but not neither. None for other classes."""
    if set(naming.labels_of(store.environment(run)["class_names"])) != set(demo.LABELS):
        return []
    side = run.config.target_size
    made = (demo.draw(label, seed, side).resize((side, side)) for seed in _DRAWN for label in demo.LABELS)
    return [np.stack([np.asarray(drawing) for drawing in made])]


def _features(extracting: keras.Model, batches: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([extracting.predict_on_batch(batch) for batch in batches]).astype(np.float32)


def _batches(pixels: np.ndarray) -> Iterator[np.ndarray]:
    return (pixels[start : start + _BATCH] for start in range(0, len(pixels), _BATCH))
