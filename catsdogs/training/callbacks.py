"""The Keras callback of a run: epochs into its history, progress into its status, the best epoch into its model.

Keras' own `ModelCheckpoint` overwrites in place, so a worker that is killed there would lose the best model so far.
"""

import math
import time

import keras
import numpy as np

from catsdogs.data import pruning
from catsdogs.data.batches import Batches
from catsdogs.runs import Run, history
from catsdogs.settings import costs
from catsdogs.settings.stages import Stage
from catsdogs.system import files
from catsdogs.training.balancing import TRUE_LOSS
from catsdogs.training.progress import Progress

_FEW = 20  # batches, too few to estimate the remaining time from
_DIVERGED = "The loss was not a number in epoch {epoch}, so training ended there. Try a lower learning rate."


class Recorder(keras.callbacks.Callback):
    """`stored` is the float32 model that is saved with the weights that `core`, which is being trained, has in the best epoch.

    With `averaging`, which has to come before it among the callbacks, these are the averaged weights, and so is what was validated.
    """

    def __init__(self, run: Run, progress: Progress, stored: keras.Model, core: keras.Model, batches: Batches, stage: Stage,
                 averaging: keras.callbacks.SwapEMAWeights | None = None):  # fmt: skip
        super().__init__()
        self._run = run
        self._progress = progress
        self._stored = stored
        self._core = core
        self._batches = batches
        self._stage = stage
        self._averaging = averaging
        self._costs = costs.per_epoch(run.config)
        epochs = history.load(run)
        self._best = history.best_epoch(run.config, epochs, stage) or {"epoch": stage.first, "val_loss": math.inf}
        self._durations = [epoch["seconds"] for epoch in epochs]

    def on_epoch_begin(self, epoch, logs=None):
        self._batches.start_epoch(epoch)
        self._started = time.monotonic()
        self._epoch = epoch + 1
        self._progress.facts.update(epoch=self._epoch)

    def on_train_batch_end(self, batch, logs=None):
        if pruning.METRIC in logs:
            self._batches.record_losses(batch, np.reshape(logs[pruning.METRIC], -1))
        done, total = batch + 1, len(self._batches)
        facts = {"activity": "training"}
        if done == 1:
            self._first_batch = time.monotonic()  # the very first one includes the compilation
        else:
            seconds = (time.monotonic() - self._first_batch) / (done - 1)
            facts["pictures_per_second"] = round(self._batches.batch_size / seconds, 1)
            if self._durations or done > _FEW:
                facts["seconds_left"] = round(self._seconds_left(seconds * (total - done), seconds * total))
        self._progress.count(done, total, **facts)

    def on_test_batch_end(self, batch, logs=None):
        self._progress.facts.update(activity="validating")
        self._progress.check()

    def on_epoch_end(self, epoch, logs=None):
        logs = _reported(logs)
        seconds = time.monotonic() - self._started
        self._durations.append(seconds)
        entry = {
            "epoch": self._epoch,
            **{name: round(float(value), 6) if math.isfinite(value) else None for name, value in logs.items()},
            "seconds": round(seconds, 2),
            "pictures_per_second": self._progress.facts.get("pictures_per_second"),
        }
        history.append(self._run, entry)
        measured = "  ".join(f"{name} {logs[name]:.4f}" for name in ("loss", "accuracy", "val_loss", "val_accuracy"))
        self._progress.log(f"epoch {self._epoch}/{self._run.config.epochs}  {measured}  {seconds:.1f} s")
        if not (math.isfinite(logs["loss"]) and math.isfinite(logs["val_loss"])):
            self._progress.facts.update(note=_DIVERGED.format(epoch=self._epoch))
            return  # neither a model to store nor one to go on from, whatever the validation loss: relu may turn NaN into 0
        if logs["val_loss"] < self._best["val_loss"]:
            self._best = entry
            self._store()
        if self._run.config.data_pruning:
            files.replace(self._run.losses_path, lambda path: np.save(path, self._batches.losses))
        files.replace(self._run.resume_path, self.model.save)
        self._stop_early()

    def _stop_early(self) -> None:
        patience = self._run.config.early_stopping if self._stage.end == self._run.config.epochs else 0
        if patience and self._epoch - self._best["epoch"] >= patience:
            self.model.stop_training = True
            self._progress.log(f"stopped early: no lower validation loss for {patience} epochs")

    def _store(self) -> None:
        if self._averaging:
            self._averaging.on_test_begin()  # swaps the averages in, as for the validation
        self._stored.set_weights(self._core.get_weights())
        if self._averaging:
            self._averaging.on_test_end()
        files.replace(self._run.model_path, self._stored.save)

    def _seconds_left(self, rest_of_epoch: float, whole_epoch: float) -> float:
        """From what the last epochs took for their cost."""
        durations, spent = self._durations[-3:], self._costs[len(self._durations) - len(self._durations[-3:]) : len(self._durations)]
        rate = sum(durations) / sum(spent) if durations else whole_epoch * 1.1 / self._costs[0]  # with the validation
        return rest_of_epoch + rate * sum(self._costs[self._epoch :])


def _reported(logs: dict) -> dict:
    """The numbers of an epoch with the true losses instead of those of smoothed labels or weighted classes, if there are any."""
    logs = {name: value for name, value in logs.items() if not name.endswith(pruning.METRIC)}
    true = {name.replace(TRUE_LOSS, "loss"): value for name, value in logs.items() if TRUE_LOSS in name}
    return {name: value for name, value in (logs | true).items() if TRUE_LOSS not in name}
