"""Which photographs people should look at: those whose label is doubtful, and those unlike all others.

Both go by what a network makes of each photograph just before its last layer (`inference.features`). Nothing is decided here: what is
found is shown to people, and `data.corrections` keeps what they say.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from catsdogs.analysis import neither

FEWEST = 10  # photographs of each class
_FOLDS = 5
_FREEDOM = 3  # C for one photograph: so little that wrong labels aren't learned, however many photographs there are
_SEED = 0
_LEAST = 1e-9  # where all are alike
ODD_FROM = 3.0  # robust standard deviations above the median; docs/neither.md says why
_NEARLY_ODD_FROM = 2.0  # of the same; one photograph in ten


@dataclass(frozen=True)
class Doubts:
    """Rows of the features, the clearest first.

    `probabilities` are those of each doubtful row's own label. `agreement` is the share of all labels that the features suggest, too:
    where it is low, the network can't tell the classes apart, and its doubts are worth little.
    """

    doubtful: tuple[int, ...] = ()
    probabilities: tuple[float, ...] = ()
    odd: tuple[int, ...] = ()
    agreement: float = 1.0


def find(features: np.ndarray, labels: np.ndarray, scores: np.ndarray) -> Doubts:
    """What people should look at among rows of features with labels 0 and 1. Nothing where a class has fewer than FEWEST.

    `scores` (n,) are those of `oddness`.
    """
    if min(np.bincount(labels, minlength=2)) < FEWEST:
        return Doubts()
    odd = np.flatnonzero(scores > ODD_FROM)
    return replace(judge(cross_validated(features, labels), labels), odd=tuple(odd[np.argsort(-scores[odd])].tolist()))


def judge(predicted: np.ndarray, labels: np.ndarray) -> Doubts:
    """What these probabilities of both classes, by a model that did not learn from these rows, say of the labels 0 and 1."""
    if min(np.bincount(labels, minlength=2)) < FEWEST:
        return Doubts()
    rows = doubtful(predicted, labels)
    agreement = float(np.mean(predicted.argmax(axis=1) == labels))
    return Doubts(tuple(rows.tolist()), tuple(predicted[rows, labels[rows]].tolist()), agreement=agreement)


def cross_validated(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probabilities of both classes for each row, by a model of the features that was trained on other rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=_FREEDOM / len(labels), max_iter=500))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED)
    return cross_val_predict(model, features, labels, cv=folds, method="predict_proba")


def doubtful(predicted: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Rows that are more likely of the other class than that class usually is; the surest first.

    That is confident learning (Northcutt, Jiang and Chuang, 2021), as cleanlab has it.
    """
    from cleanlab.filter import find_label_issues

    rows = np.flatnonzero(find_label_issues(labels, predicted, filter_by="confident_learning", n_jobs=1))
    return rows[np.argsort(predicted[rows, labels[rows]], kind="stable")]


def oddness(features: np.ndarray, weights: np.ndarray, look_again: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How much each row looks like neither class: robust standard deviations above the median of all.

    Compared with the others of the same data set rather than with the network's own limit, since another source's photographs differ.
    `weights` are those by which the network tells what is neither, see `neither`; `look_again(rows)` gives the mean features of three more
    looks at the rows that are nearly odd, of which the mean of all four counts.
    """
    scores = neither.score(features, weights)
    middle = np.median(scores)
    spread = max(1.4826 * np.median(np.abs(scores - middle)), _LEAST)  # 1 / 0.6745: the standard deviation of normal scores
    rows = np.flatnonzero(scores > middle + _NEARLY_ODD_FROM * spread)
    if len(rows):
        scores[rows] = (scores[rows] + 3 * neither.score(look_again(rows), weights)) / 4
    return (scores - middle) / spread
