"""Pictures with the answers of one or two networks and the marks of a person: filtered, ordered, grouped by class, as CSV.

Which networks are asked, and when, is up to the page.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catsdogs.inference.classifier import Answer
from catsdogs.system import cells

_LEAST_SURE = 0.6  # a lower probability is little better than a guess
NEITHER = "/neither"  # a mark besides the labels; no folder can have this name
ALL, UNSURE, STRANGE, WRONG, DISAGREE, UNREADABLE = (
    "/all",
    "/unsure",
    "/look like neither",
    "/marked wrong",
    "/networks disagree",
    "/can't be read",
)  # filters besides the labels, likewise
AS_THEY_CAME, LEAST, MOST, DIFFERENCE = "as they came", "least certain first", "most certain first", "disagreements first"  # orders


@dataclass(frozen=True)
class Row:
    """A picture: the hash of its content, its name and file; the answers so far; `mark`, the label that a person gave it, or NEITHER."""

    digest: str
    name: str
    path: Path
    answer: Answer | None = None
    other: Answer | None = None
    mark: str | None = None

    @property
    def error(self) -> str | None:
        """Why it can't be read."""
        return self.answer.error if self.answer else None

    @property
    def is_answered(self) -> bool:
        """Whether there is a label."""
        return self.answer is not None and self.answer.error is None

    @property
    def is_unsure(self) -> bool:
        """Whether the answer is little better than a guess."""
        return self.is_answered and not self.is_strange and self.answer.probability < _LEAST_SURE

    @property
    def is_strange(self) -> bool:
        """Whether it looks like neither class to the network; False if the network can't tell."""
        return self.is_answered and bool(self.answer.neither)

    @property
    def is_wrong(self) -> bool:
        """Whether a person has marked it as something else."""
        said = says(self.answer)
        return said is not None and self.mark is not None and self.mark != said

    @property
    def is_disputed(self) -> bool:
        """Whether the two networks disagree on the label, or on NEITHER."""
        said, other = says(self.answer), says(self.other)
        return said is not None and other is not None and said != other

    @property
    def difference(self) -> float:
        """The difference between the probabilities that both networks give the first one's label, 0 to 1; 0 if there is only one."""
        if not self.is_answered or not self.other or not self.other.label:
            return 0.0
        probability = self.other.probability if self.other.label == self.answer.label else 1 - self.other.probability
        return abs(self.answer.probability - probability)


def says(answer: Answer | None) -> str | None:
    """The label of an answer, or NEITHER; None if it has none."""
    return NEITHER if answer and answer.neither else answer.label if answer else None


def verdict(answer: Answer | None) -> str:
    """An answer in words; "" if it has no label."""
    if not answer or not answer.label:
        return ""
    return f"neither, rather {answer.label}" if answer.neither else answer.label


def shown(name: str | None) -> str:
    """A mark or a filter as people read it; "" for None."""
    return (name or "").removeprefix("/")


def filters(rows: Sequence[Row], labels: Sequence[str]) -> dict[str, list[Row]]:
    """The rows by filter, without empty ones except ALL. Those that look like neither class are not among their labels."""
    found = {
        ALL: list(rows),
        **{label: [row for row in rows if row.is_answered and not row.is_strange and row.answer.label == label] for label in labels},
        UNSURE: [row for row in rows if row.is_unsure],
        STRANGE: [row for row in rows if row.is_strange],
        WRONG: [row for row in rows if row.is_wrong],
        DISAGREE: [row for row in rows if row.is_disputed],
        UNREADABLE: [row for row in rows if row.error],
    }
    return {name: chosen for name, chosen in found.items() if chosen or name == ALL}


def ordered(rows: Sequence[Row], order: str) -> list[Row]:
    """The rows in one of the four orders; those without an answer come last, and equal ones as they came."""
    if order == AS_THEY_CAME:
        return list(rows)
    keys = {
        LEAST: lambda row: row.answer.probability,
        MOST: lambda row: -row.answer.probability,
        DIFFERENCE: lambda row: (not row.is_disputed, -row.difference),
    }
    answered = sorted((row for row in rows if row.is_answered), key=keys[order])
    return answered + [row for row in rows if not row.is_answered]


def by_class(rows: Iterable[Row], is_marked_only: bool = False) -> dict[str, list[Row]]:
    """The rows that can be learned from, by their class: the mark if there is one, else the answer.

    Those marked as NEITHER have no class, nor have unmarked ones that look like it.
    """
    found = {}
    for row in rows:
        label = row.mark or (row.answer.label if row.is_answered and not row.is_strange and not is_marked_only else None)
        if label and label != NEITHER and not row.error:
            found.setdefault(label, []).append(row)
    return found


def as_csv(rows: Sequence[Row], left_out: Iterable[tuple[str, str]], network: str, other: str | None = None) -> str:
    """All that is known of each row, with the names of the networks in the header; at the end what was left out, as (name, reason)."""
    with io.StringIO(newline="") as text:
        writer = csv.writer(text)
        compared = [f"answer of {other}", f"probability by {other}", f"looks like neither to {other}", "networks disagree"] if other else []
        first = ["picture", f"answer of {network}", "probability", "unsure", "looks like neither"]
        last = ["marked as", "marked wrong", "problem"]
        lines = [[*first, *compared, *last], *(_cells(row, bool(other)) for row in rows)]
        lines += [[name, "", "", "", "", *([""] * len(compared)), "", "", reason] for name, reason in left_out]
        writer.writerows(map(cells.safe, line) for line in lines)
        return text.getvalue()


def _cells(row: Row, is_compared: bool) -> list[str]:
    compared = [*_answer(row.other), _yes(says(row.other) == NEITHER), _yes(row.is_disputed)] if is_compared else []
    found = [row.name, *_answer(row.answer), _yes(row.is_unsure), _yes(row.is_strange)]
    return [*found, *compared, shown(row.mark), _yes(row.is_wrong), row.error or ""]


def _answer(answer: Answer | None) -> tuple[str, str]:
    return (answer.label, f"{answer.probability:.6f}") if answer and answer.label else ("", "")


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""
