"""How good a model is on each subset, and how sure one can be of it; kept in the run folder as evaluation.json.

How good it is on each class is in `classwise`, how far its probabilities can be trusted in `calibration`, how runs compare in
`repetitions`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from catsdogs.analysis import classwise
from catsdogs.analysis.classwise import ByClass, Matrix
from catsdogs.data.split import SUBSETS
from catsdogs.runs import Run, shapes
from catsdogs.system import files

_TINY = 1e-7  # keeps the logarithm of the loss finite, as Keras does


@dataclass(frozen=True)
class Score:
    """Accuracy on `count` images with its 95% confidence interval (Wilson), and the mean binary cross-entropy.

    The interval is that of the accuracy on new images of the same kind only where these played no part in training: those held out.
    `by_class` is None for the training and validation images of evaluations that were stored before it was.
    """

    accuracy: float
    low: float
    high: float
    count: int
    loss: float
    by_class: ByClass | None = None


@dataclass(frozen=True)
class Evaluation:
    """`auc` is that of the held-out images."""

    training: Score
    validation: Score
    test: Score
    class_names: tuple[str, str]
    auc: float

    @property
    def confusion(self) -> Matrix:
        """That of the held-out images: `confusion[i][j]` counts those of class i predicted as class j."""
        return self.test.by_class.confusion

    @property
    def caution(self) -> str:
        """What `classwise.caution` says of the held-out accuracy."""
        return classwise.caution(self.test.by_class, self.test.low, self.test.high, self.class_names)


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """`labels` 0 or 1 and `probabilities` of class 1, both of shape (n,)."""
    from scipy import stats
    from sklearn import metrics  # takes seconds to import, which pages that only show what is stored do not wait for

    correct = int(np.sum((probabilities >= 0.5) == labels))
    interval = stats.binomtest(correct, len(labels)).proportion_ci(method="wilson")
    loss = metrics.log_loss(labels, np.clip(probabilities.astype(float), _TINY, 1 - _TINY), labels=[0, 1])
    by_class = classwise.read(metrics.confusion_matrix(labels, probabilities >= 0.5, labels=[0, 1]).tolist())
    return Score(correct / len(labels), float(interval.low), float(interval.high), len(labels), float(loss), by_class)


def roc(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates, class 1 being positive, for every threshold from the highest down; both start at 0."""
    from sklearn import metrics

    false, true, _ = metrics.roc_curve(labels, probabilities, drop_intermediate=False)
    return false, true


def auc(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The area under the curve of `roc`."""
    from sklearn import metrics

    return float(metrics.roc_auc_score(labels, probabilities))


def auc_by_chance(first: int, second: int) -> tuple[float, float]:
    """From where to where the area is in 19 of 20 cases if a network only guesses, with so many images of each class.

    By the variance of H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947), 50-60, and within 0 and 1.
    """
    half = 1.96 * ((first + second + 1) / (12 * first * second)) ** 0.5
    return max(0.0, 0.5 - half), min(1.0, 0.5 + half)


def make(class_names: tuple[str, str], predictions: dict[str, tuple[np.ndarray, np.ndarray]]) -> Evaluation:
    """From (labels, probabilities) of each of SUBSETS."""
    return Evaluation(*(score(*predictions[subset]) for subset in SUBSETS), class_names, auc(*predictions["test"]))


def shared_caution(cautions: Sequence[str]) -> str:
    """The cautions of repeated runs, "" where there is none, in one, with how many of them each is about."""
    if len(cautions) == 1:
        return cautions[0]
    counts = Counter(filter(None, cautions))
    return "; ".join(f"{count} of {len(cautions)} runs: {caution}" for caution, count in counts.items())


def save(run: Run, evaluation: Evaluation) -> None:
    """Store the evaluation. For the run's worker."""
    files.replace_json(run.folder / "evaluation.json", asdict(evaluation))


def load(run: Run) -> Evaluation | None:
    """What was stored, or None where the run was not evaluated."""
    path = run.folder / "evaluation.json"
    return _load(path, files.version(path))


@lru_cache(maxsize=10_000)
def _load(path: Path, version: tuple | None) -> Evaluation | None:
    if version is None:
        return None
    content = shapes.evaluation(path, version)
    matrices = {subset: (content[subset].get("by_class") or {}).get("confusion") for subset in SUBSETS}
    matrices["test"] = matrices["test"] or content["confusion"]  # stored before: one matrix, that of the held-out images
    scores = {subset: _score(content[subset], matrices[subset]) for subset in SUBSETS}
    return Evaluation(**scores, class_names=tuple(content["class_names"]), auc=content["auc"])


def _score(content: dict, confusion: Matrix | None) -> Score:
    measured = {name: content[name] for name in ("accuracy", "low", "high", "count", "loss")}
    return Score(**measured, by_class=confusion and classwise.read(confusion))
