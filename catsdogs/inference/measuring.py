"""A stored run and a data set -> how good its model is on the photographs that it did not learn from.

`analysis.learned` knows what it learned from, and `analysis.measurements` stores the results. Who loads the model, and where, is up to the
caller.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from catsdogs.analysis import evaluation, learned, measurements, summaries
from catsdogs.analysis.measurements import Measurement
from catsdogs.data import naming, pixels
from catsdogs.data.dataset import Listing
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.inference.classifier import Answer
from catsdogs.runs import Run, store
from catsdogs.runs.predictions import Prediction
from catsdogs.system import access, files, home
from catsdogs.system.reports import Report, silent

_BATCH = 128  # images, which are in memory at once
_DIGITS = 9  # as many as an answer has
Answering = Callable[[list[tuple[str, Path]]], list[Answer]]  # `classifier.classify` by the run's model


@dataclass(frozen=True)
class Plan:
    """The photographs of the listing that the run will be measured on: their positions and their classes, 0 or 1 in the run's order.

    `left_out` and `is_overlap_known` are as in `Measurement`.
    """

    run: Run
    listing: Listing
    class_names: tuple[str, str]
    members: tuple[int, ...]
    labels: tuple[int, ...]
    left_out: dict[str, int]
    is_overlap_known: bool


def plan(run: Run, listing: Listing) -> Plan:
    """Plan a measurement.

    Raises InputError if the run waits, trains or has no model, tells other classes apart, or has learned from all photographs of a class.
    """
    require_model(run)
    class_names = tuple(store.environment(run)["class_names"])
    places = match(run, class_names, listing)
    known = learned.photographs(run, listing)
    reasons = [known.get(photo.digest) for photo in listing.photos] if known else [None] * len(listing.photos)
    members = tuple(index for index, reason in enumerate(reasons) if reason is None)
    labels = tuple(places[listing.photos[index].label] for index in members)
    left_out = dict(Counter(filter(None, reasons)))
    made = Plan(run, listing, class_names, members, labels, left_out, known is not None)
    _require_both_classes(made, labels)
    return made


def measure(planned: Plan, answer: Answering, report: Report = silent, is_kept: bool = True) -> Measurement:
    """Classify the photographs, batch by batch; with `is_kept`, store the measurement with the run.

    `answer` returns the network's own probabilities, without a temperature. `report(done, total)` may raise to stop.
    Raises InputError if no photograph of a class can be read any more, or if the data set is deleted, moved or replaced meanwhile, or
    something is added to its folder: what was found would be that of its first photographs, or of others.
    """
    access.require_training()
    folder = Path(planned.listing.folder)
    before = files.version(folder)

    def watch(done: int, total: int) -> None:
        if files.version(folder) != before:
            raise InputError(f"{folder} was changed, deleted or replaced while it was measured, so nothing of the measurement is kept.")
        report(done, total)

    answers = _ask(planned.listing, planned.members, answer, watch)
    found = tuple(
        Prediction(one.picture, label, round(second_probability(planned.class_names, one), _DIGITS))
        for one, label in zip(answers, planned.labels, strict=True)
        if one.error is None
    )
    measurement = _evaluate(planned, found)
    if is_kept:
        measurements.save(planned.run, measurement)
    return measurement


def probabilities(
    class_names: Sequence[str], listing: Listing, members: Sequence[int], answer: Answering, report: Report = silent
) -> np.ndarray:
    """The probabilities of the second class for these photographs of the listing, (n,). `report(done, total)` may raise to stop.

    Raises InputError if one can no longer be read.
    """
    found = []
    for one in _ask(listing, members, answer, report):
        if one.error:
            raise pixels.no_longer_readable(listing.path(members[len(found)]), one.error)
        found.append(second_probability(class_names, one))
    return np.array(found)


def second_probability(class_names: Sequence[str], answer: Answer) -> float:
    """The probability of the second class."""
    return answer.probability if answer.label == naming.labels_of(class_names)[1] else 1 - answer.probability


def require_model(run: Run) -> None:
    """Raises InputError if the run waits, trains or has no model."""
    if run.state in store.WAITING:
        raise InputError(f"Run {run.id} is {run.state}; measure it when it has ended.")
    if not run.model_path.exists():
        raise InputError(f"Run {run.id} ({run.state}) has no model to measure.")


def _ask(listing: Listing, members: Sequence[int], answer: Answering, report: Report) -> Iterator[Answer]:
    """The answers to these photographs, asked for batch by batch."""
    for start in range(0, len(members), _BATCH):
        batch = members[start : start + _BATCH]
        yield from answer([(listing.photos[index].path, listing.path(index)) for index in batch])
        report(start + len(batch), len(members))


def _evaluate(planned: Plan, photographs: tuple[Prediction, ...]) -> Measurement:
    unreadable = len(planned.members) - len(photographs)
    left_out = {**planned.left_out, **({measurements.UNREADABLE: unreadable} if unreadable else {})}
    _require_both_classes(planned, [photograph.label for photograph in photographs])
    labels, probabilities = (np.array([getattr(one, name) for one in photographs]) for name in ("label", "probability"))
    score = evaluation.score(labels, probabilities)
    return Measurement(
        data=planned.listing.folder,
        fingerprint=planned.listing.fingerprint,
        is_drawn=_is_drawn(Path(planned.listing.folder), photographs[0].path),
        measured=datetime.now(UTC).isoformat(),
        epoch=summaries.make(planned.run)["best_epoch"],
        class_names=planned.class_names,
        accuracy=score.accuracy,
        low=score.low,
        high=score.high,
        confusion=score.by_class.confusion,
        auc=evaluation.auc(labels, probabilities),
        left_out=left_out,
        is_overlap_known=planned.is_overlap_known,
        photographs=photographs,
    )


def _is_drawn(folder: Path, photograph: str) -> bool:
    """By the mark in a file or, as earlier versions left none, by the folder."""
    return demo.is_drawn(folder / photograph) or (folder.parent == home.subfolder("data") and folder.name.startswith("drawn-"))


def match(run: Run, class_names: tuple[str, str], listing: Listing) -> dict[str, int]:
    """The place of each of the listing's classes among the run's: by the same name, or one that differs in case, number or language.

    Raises InputError if they are other classes.
    """
    for spelled in (tuple, naming.singulars_of, naming.labels_of):
        places = {spelling: place for place, spelling in enumerate(spelled(class_names))}
        others = spelled(listing.class_names)
        if len(places) == 2 and set(others) == set(places):
            return {name: places[spelling] for name, spelling in zip(listing.class_names, others, strict=True)}
    raise InputError(
        f"{listing.folder} holds {' and '.join(listing.class_names)}; run {run.id} tells {' from '.join(class_names)}, "
        "so it can only be measured on folders of these names, in singular or plural."
    )


def _require_both_classes(planned: Plan, labels) -> None:
    present = set(labels)
    for place, name in enumerate(planned.class_names):
        if place not in present:
            what = "photograph" if not present else f"photograph of class {name}"
            raise InputError(
                f"No {what} in {planned.listing.folder} is left to measure run {planned.run.id} on: "
                f"it learned from all of them, or they can't be read. Choose another data set."
            )
