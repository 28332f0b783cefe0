"""A stored run in one row: what it is, how far it got, how good it is. Which run is the best is up to `ranking`."""

from functools import lru_cache

from catsdogs.analysis import evaluation, learned
from catsdogs.runs import Run, history, store
from catsdogs.settings import stages


def make(run: Run) -> dict:
    """One row of a list of runs: id, state, preset, epochs_done, the three accuracies (None where unknown), and more.

    Accuracies are those of the evaluation; before it, training and validation are those of the best epoch so far. `caution` is to be shown
    beside the held-out accuracy; `balanced_accuracy` and `larger_class_share` are of the held-out images, too.
    """
    (count, seconds, best), evaluated = _gist(run.id, history.version(run)), evaluation.load(run)
    return {
        "id": run.id,
        "state": run.state,
        "reason": run.ending if run.ending != run.state else None,  # why a search stopped it
        "preset": run.config.preset,
        "epochs": run.config.epochs,
        "epochs_done": count,
        "best_epoch": best.get("epoch"),
        "train_accuracy": evaluated.training.accuracy if evaluated else best.get("accuracy"),
        "val_accuracy": evaluated.validation.accuracy if evaluated else best.get("val_accuracy"),
        "test_accuracy": evaluated.test.accuracy if evaluated else None,
        "balanced_accuracy": evaluated.test.by_class.balanced_accuracy if evaluated else None,
        "larger_class_share": evaluated.test.by_class.larger_share if evaluated else None,
        "caution": "; ".join(filter(None, [evaluated.caution, learned.caution(run)])) if evaluated else "",
        "minutes": round(seconds / 60, 2),
        "created": run.created.isoformat(),
        "started": run.status.get("started"),
        "resumed": run.status.get("resumed"),
        "data": run.config.data,
        "error": run.status.get("error"),
    }


@lru_cache(maxsize=10_000)
def _gist(id: str, version: tuple | None) -> tuple[int, float, dict]:
    """Of a history: the number of epochs, their seconds, and the epoch whose model is kept."""
    run = store.load(id)
    epochs = history.load(run)
    best = history.best_epoch(run.config, epochs, stages.at(run.config, len(epochs)))
    return len(epochs), sum(epoch["seconds"] for epoch in epochs), best
