"""What looks like neither of a run's two classes: learned from its own photographs, kept as neither.json in the run folder.

A logistic regression tells what the network makes of photographs from what it makes of the pictures of nothing that `data.altered` makes
of them; the limits are set on validation photographs. `networks.neither` and `data.second_look` put them to use. docs/neither.md says how
often that is right.
"""

from collections.abc import Callable

import numpy as np

from catsdogs.data import second_look
from catsdogs.runs import Run, shapes
from catsdogs.system import files

FEWEST = 100  # validation photographs; of fewer, a share of 5% means little
MOST = 1000  # photographs to learn from, and to set the limit by; a few seconds' work, and more finds no more
TURNED_AWAY = 0.05  # of the validation photographs, at most
LOOKED_AT_AGAIN = 0.1  # of the validation photographs
USEFUL = 0.5  # of the pictures that it was fitted on, at least; a network at the level of chance finds fewer
_FREEDOM = 0.03  # C of the regression; with more, or with less, it finds less
_LEAST = 1e-6  # where a feature never changes


def fit(photographs: np.ndarray, altered: np.ndarray, validation: np.ndarray) -> dict:
    """What `networks.neither.attach` needs, weights and limit; and the shares beyond it: `turned_away` of the validation photographs,
    `found` of the altered ones.

    The arrays are of shape (n, d), features of `networks.neither`: of photographs that the network learned from, of pictures made of
    such, and of validation photographs.
    """
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([photographs, altered]).astype(np.float64)
    centre, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), _LEAST)
    model = LogisticRegression(C=_FREEDOM, max_iter=300, class_weight="balanced")
    model.fit((rows - centre) / scale, np.repeat([0, 1], [len(photographs), len(altered)]))
    weights = (model.coef_[0] / scale).astype(np.float32)
    scores = score(validation, weights)
    limit = _limit(scores)
    shares = {"turned_away": float(np.mean(scores > limit)), "found": float(np.mean(score(altered, weights) > limit))}
    return {"weights": weights.tolist(), "limit": limit, **shares}


def fit_second_look(excesses: np.ndarray, pixels: np.ndarray, ask: Callable[[np.ndarray], np.ndarray]) -> dict:
    """What `second_look.settle` needs besides, and the share that both looks turn away of the validation photographs.

    `excesses` (n,) are those of these by the first look, how far each is beyond the limit; `pixels` and `ask` are as for `settle`.
    """
    start = float(np.quantile(excesses, 1 - LOOKED_AT_AGAIN))
    settled = second_look.settle(excesses, pixels, {"second_look": {"from": start, "limit": 0.0}}, ask)
    limit = max(start, _limit(settled))
    return {"second_look": {"from": start, "limit": limit}, "turned_away": float(np.mean(settled > limit))}


def _limit(scores: np.ndarray) -> float:
    """What TURNED_AWAY of them, rounded down, are beyond: midway between two, so that no rounding on another machine moves one across."""
    beyond = int(TURNED_AWAY * len(scores))
    return float(np.sort(scores)[-beyond - 1 :][:2].mean())


def score(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """How much each row of (n, d) features looks like neither; beyond the limit it is."""
    return np.asarray(features, np.float32) @ np.asarray(weights, np.float32)


def save(run: Run, learned: dict) -> None:
    """Keep what `fit` returned. For the run's worker."""
    files.replace_json(run.neither_path, learned)


def load(run: Run) -> dict | None:
    """What was kept; None where nothing was, as by earlier versions. Raises Damaged."""
    return shapes.neither(run.neither_path) if files.is_there(run.neither_path) else None
