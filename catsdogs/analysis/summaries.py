"""A stored run in one line: what it is, how far it came, how good it is; and which run is the best. Keeps what it has read of histories."""

from functools import lru_cache

from catsdogs.runs import store
from catsdogs.runs.store import Run
from catsdogs.settings import stages


def make(run: Run) -> dict:
    """One line of a list of runs: id, state, preset, epochs_done, the three accuracies (None where unknown), and more.

    Accuracies are those of the evaluation; before it, training and validation are those of the best epoch so far.
    """
    (count, seconds, best), evaluated = _gist(run.id, store.history_version(run)), store.evaluation(run)
    found = {part: evaluated[part]["accuracy"] for part in ("training", "validation", "test")} if evaluated else {}
    return {
        "id": run.id,
        "state": run.state,
        "preset": run.config.preset,
        "epochs": run.config.epochs,
        "epochs_done": count,
        "best_epoch": best.get("epoch"),
        "train_accuracy": found.get("training", best.get("accuracy")),
        "val_accuracy": found.get("validation", best.get("val_accuracy")),
        "test_accuracy": found.get("test"),
        "minutes": round(seconds / 60, 2),
        "created": run.created.isoformat(),
        "data": run.config.data,
        "error": run.status.get("error"),
    }


@lru_cache(maxsize=10_000)
def _gist(id: str, version: tuple | None) -> tuple[int, float, dict]:
    """Of a history: how many epochs, how many seconds, and the epoch whose model is kept."""
    run = store.load(id)
    past = store.history(run)
    best = stages.best_epoch(run.config, past, stages.at(run.config, len(past)))
    return len(past), sum(epoch["seconds"] for epoch in past), best


def best() -> Run:
    """The finished run with the highest held-out accuracy; the one that comes with the application where none is finished, or where
    none is better than guessing: the interval of its accuracy reaches down to one half."""
    tested = [(run, store.evaluation(run)["test"]) for run in store.list_all() if run.state == "finished"]
    better = [(score["accuracy"], run) for run, score in tested if score["low"] > 0.5]
    return max(better, key=lambda pair: pair[0])[1] if better else store.load(store.SHIPPED)
