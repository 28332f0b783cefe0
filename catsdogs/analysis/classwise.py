"""What a confusion matrix says of each class, which the accuracy alone hides where the classes are unequal."""

from dataclasses import dataclass

from catsdogs.data import naming

Matrix = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class ByClass:
    """`confusion[i][j]` counts images of class i predicted as class j; pairs are those of class 0 and class 1.

    `recall` is the share of a class's images that were recognised, None where there are none; `precision` the share of the predictions
    of a class that were right, None where it was never predicted. `balanced_accuracy` is the mean recall. `larger_share` is the share of
    the larger class, and so the accuracy of always answering it.
    """

    confusion: Matrix
    recall: tuple[float | None, float | None]
    precision: tuple[float | None, float | None]
    balanced_accuracy: float
    larger_share: float

    @property
    def counts(self) -> tuple[int, int]:
        """The number of images of each class."""
        return sum(self.confusion[0]), sum(self.confusion[1])

    @property
    def accuracy(self) -> float:
        """The share of all images that were classified correctly."""
        return (self.confusion[0][0] + self.confusion[1][1]) / sum(self.counts)

    @property
    def larger(self) -> int | None:
        """The larger class, 0 or 1; None where both have as many images."""
        first, second = self.counts
        return None if first == second else int(second > first)


def read(confusion: Matrix) -> ByClass:
    """All that follows from the matrix, which has at least one image."""
    counts = [sum(row) for row in confusion]
    predicted = [sum(column) for column in zip(*confusion, strict=True)]
    recall, precision = ([confusion[i][i] / totals[i] if totals[i] else None for i in (0, 1)] for totals in (counts, predicted))
    known = [share for share in recall if share is not None]
    return ByClass(tuple(map(tuple, confusion)), tuple(recall), tuple(precision), sum(known) / len(known), max(counts) / sum(counts))


def caution(found: ByClass, low: float, high: float, class_names: tuple[str, str]) -> str:
    """What to say beside an accuracy with the interval `low` to `high` where always answering the larger class may be as good, such as
    "no better than always answering dog (97.8%)"; empty where it is not, as the interval lies above that.
    """
    if low > found.larger_share:
        return ""
    if high < found.larger_share:
        relation = "worse than"
    else:
        relation = "no better than" if found.accuracy <= found.larger_share else "not shown to beat"
    blind = "guessing" if found.larger is None else f"always answering {naming.labels_of(class_names)[found.larger]}"
    return f"{relation} {blind} ({found.larger_share:.1%})"
