"""Repeated random splits of small data sets, many at a time: what real runs of several seeds look like, with the truth known.

Two classes of points, told apart by nearest means. One network sees one half of the features, the other one the other half, so that both
are equally good over all data sets, while on one of them either may be better.
"""

import numpy as np

_FEATURES, _DISTANCE, _COUNT = 3, 0.35, 120
HELD_OUT = 18
TRAINING = _COUNT - 2 * HELD_OUT
RATIO = HELD_OUT / TRAINING


def accuracies(seeds: int, data_sets: int) -> tuple[np.ndarray, np.ndarray]:
    """Held-out accuracies of both networks, each of shape (data_sets, seeds)."""
    random = np.random.default_rng([7, seeds])
    chunks = [_chunk(random, seeds, min(500, data_sets - start)) for start in range(0, data_sets, 500)]
    return tuple(np.concatenate(part) for part in zip(*chunks, strict=True))


def _chunk(random: np.random.Generator, seeds: int, data_sets: int) -> list[np.ndarray]:
    classes = np.where(np.arange(_COUNT) % 2, 1.0, -1.0)
    places = random.permuted(np.broadcast_to(np.arange(_COUNT), (data_sets, seeds, _COUNT)), axis=-1)
    found = []
    for _ in range(2):
        points = random.normal(size=(data_sets, _COUNT, _FEATURES)) + _DISTANCE * classes[:, None]
        weights = ((places < TRAINING) * classes) @ points
        right = (weights @ points.transpose(0, 2, 1)) * classes > 0
        found.append((right & (places >= _COUNT - HELD_OUT)).sum(axis=-1) / HELD_OUT)
    return found
