"""Predictions on photographs with labels -> how good a model is, with how sure one can be of it. Stores and draws nothing."""

from dataclasses import asdict, dataclass

import numpy as np

from catsdogs.data.split import PARTS

_TINY = 1e-7  # keeps the logarithm of the loss finite, as Keras does


@dataclass(frozen=True)
class Score:
    """Accuracy on `count` photographs with its 95 % interval, and the mean binary cross-entropy."""

    accuracy: float
    low: float
    high: float
    count: int
    loss: float


@dataclass(frozen=True)
class Evaluation:
    """`confusion[i][j]` counts held-out photographs of class i that were taken for class j; `auc` is the area under their ROC."""

    training: Score
    validation: Score
    test: Score
    class_names: tuple[str, str]
    confusion: tuple[tuple[int, int], tuple[int, int]]
    auc: float


@dataclass(frozen=True)
class Bin:
    """Photographs answered with a confidence from `low` to `high`: their mean confidence, the share that is right, their count."""

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Calibration:
    """How far confidence can be taken at its word; `error` is the expected calibration error (ECE), 0 at best. Empty bins are left out."""

    bins: tuple[Bin, ...]
    error: float


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """`labels` 0 or 1 and `probabilities` of class 1, both of shape (n,)."""
    right = int(np.sum((probabilities >= 0.5) == labels))
    low, high = wilson(right, len(labels))
    of_truth = np.clip(np.where(labels == 1, probabilities, 1 - probabilities), _TINY, 1)
    return Score(right / len(labels), low, high, len(labels), float(-np.log(of_truth).mean()))


def wilson(right: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """The Wilson score interval of a share; `z` for 95 %.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927), 209-212.
    """
    share = right / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def confusion(labels: np.ndarray, probabilities: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows are the truth, columns the answers, in the order of the classes."""
    answers = probabilities >= 0.5
    return tuple(tuple(int(np.sum((labels == truth) & (answers == answer))) for answer in (0, 1)) for truth in (0, 1))


def roc(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates, class 1 being positive, for every threshold from the highest down; both start at 0."""
    order = np.argsort(-probabilities, kind="stable")
    sorted_labels, sorted_probabilities = labels[order], probabilities[order]
    last_of_ties = np.append(np.diff(sorted_probabilities) != 0, True)
    true = np.cumsum(sorted_labels)[last_of_ties]
    false = np.cumsum(1 - sorted_labels)[last_of_ties]
    return np.append(0, false) / false[-1], np.append(0, true) / true[-1]


def auc(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Area under the ROC curve by trapezoids: the chance that a dog is rated more of a dog than a cat is."""
    false, true = roc(labels, probabilities)
    return float(np.trapezoid(true, false))


def calibration(labels: np.ndarray, probabilities: np.ndarray, count: int = 10) -> Calibration:
    """By the confidence of the answer, 0.5 to 1, in `count` bins of equal width; both arguments of shape (n,).

    Source: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, On Calibration of Modern Neural Networks, arXiv 1706.04599, section 2.
    """
    confidences = np.maximum(probabilities, 1 - probabilities)
    right = (probabilities >= 0.5) == labels
    edges = np.linspace(0.5, 1, count + 1)
    places = np.clip(np.searchsorted(edges, confidences, side="right") - 1, 0, count - 1)
    bins = tuple(
        Bin(float(edges[place]), float(edges[place + 1]), float(confidences[inside].mean()), float(right[inside].mean()), int(inside.sum()))
        for place in range(count)
        if (inside := places == place).any()
    )
    return Calibration(bins, sum(bin.count * abs(bin.accuracy - bin.confidence) for bin in bins) / len(labels))


def make(class_names: tuple[str, str], predictions: dict[str, tuple[np.ndarray, np.ndarray]]) -> Evaluation:
    """From (labels, probabilities) of each of the parts "training", "validation" and "test"."""
    labels, probabilities = predictions["test"]
    return Evaluation(
        *(score(*predictions[part]) for part in PARTS),
        class_names=class_names,
        confusion=confusion(labels, probabilities),
        auc=auc(labels, probabilities),
    )


def to_json(evaluation: Evaluation) -> dict:
    """Plain data for JSON."""
    return asdict(evaluation)


def from_json(content: dict) -> Evaluation:
    """The inverse of `to_json`."""
    scores = {part: Score(**content[part]) for part in PARTS}
    matrix = tuple(map(tuple, content["confusion"]))
    return Evaluation(**{**content, **scores, "class_names": tuple(content["class_names"]), "confusion": matrix})
