"""How good a model is on each subset, and how sure one can be of it; kept in the run folder as evaluation.json.

How far its probabilities can be trusted is in `calibration`, how runs compare in `repetitions`.
"""

from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from catsdogs.data.split import SUBSETS
from catsdogs.runs import Run, shapes
from catsdogs.system import files

_TINY = 1e-7  # keeps the logarithm of the loss finite, as Keras does


@dataclass(frozen=True)
class Score:
    """Accuracy on `count` images with its 95% confidence interval (Wilson), and the mean binary cross-entropy."""

    accuracy: float
    low: float
    high: float
    count: int
    loss: float


@dataclass(frozen=True)
class Evaluation:
    """`confusion[i][j]` counts held-out images of class i predicted as class j; `auc` is the area under their ROC curve."""

    training: Score
    validation: Score
    test: Score
    class_names: tuple[str, str]
    confusion: tuple[tuple[int, int], tuple[int, int]]
    auc: float


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """`labels` 0 or 1 and `probabilities` of class 1, both of shape (n,)."""
    from scipy import stats
    from sklearn import metrics  # takes seconds to import, which pages that only show what is stored do not wait for

    correct = int(np.sum((probabilities >= 0.5) == labels))
    interval = stats.binomtest(correct, len(labels)).proportion_ci(method="wilson")
    loss = metrics.log_loss(labels, np.clip(probabilities.astype(float), _TINY, 1 - _TINY), labels=[0, 1])
    return Score(correct / len(labels), float(interval.low), float(interval.high), len(labels), float(loss))


def roc(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates, class 1 being positive, for every threshold from the highest down; both start at 0."""
    from sklearn import metrics

    false, true, _ = metrics.roc_curve(labels, probabilities, drop_intermediate=False)
    return false, true


def make(class_names: tuple[str, str], predictions: dict[str, tuple[np.ndarray, np.ndarray]]) -> Evaluation:
    """From (labels, probabilities) of each of SUBSETS."""
    from sklearn import metrics

    labels, probabilities = predictions["test"]
    confusion = metrics.confusion_matrix(labels, probabilities >= 0.5, labels=[0, 1]).tolist()
    auc = float(metrics.roc_auc_score(labels, probabilities))
    return Evaluation(*(score(*predictions[subset]) for subset in SUBSETS), class_names, tuple(map(tuple, confusion)), auc)


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
    scores = {subset: Score(**{field.name: content[subset][field.name] for field in fields(Score)}) for subset in SUBSETS}
    confusion = tuple(map(tuple, content["confusion"]))
    return Evaluation(**scores, class_names=tuple(content["class_names"]), confusion=confusion, auc=content["auc"])
