"""The Keras callback of a run: epochs into its history, its resume point and its model, progress into its status.

Keras' own `ModelCheckpoint` overwrites in place, so a worker that is killed there would lose the best model so far.
"""

import math
import time

import keras
import numpy as np

from catsdogs.data import pruning
from catsdogs.data.batches import Batches
from catsdogs.runs import Run, history
from catsdogs.settings import Config, costs
from catsdogs.settings.stages import Stage
from catsdogs.training import early_stopping, resume_point
from catsdogs.training.balancing import TRUE_LOSS
from catsdogs.training.best_model import BestModel
from catsdogs.training.progress import Progress
from catsdogs.training.resume_point import ResumePoint

_FEW = 20  # batches, too few to estimate the remaining time from


class Recorder(keras.callbacks.Callback):
    """For the epochs of one stage. What `kept` averages has to come before it among the callbacks."""

    def __init__(self, run: Run, progress: Progress, kept: BestModel, batches: Batches, stage: Stage):
        super().__init__()
        self._run = run
        self._progress = progress
        self._kept = kept
        self._batches = batches
        self._stage = stage
        self._costs = costs.per_epoch(run.config)
        self._epochs = history.load(run)
        self._durations = [epoch["seconds"] for epoch in self._epochs]

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
        self._progress.report(activity="validating")

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
        is_finite = math.isfinite(logs["loss"]) and math.isfinite(logs["val_loss"])  # relu may turn NaN into 0, so both are asked
        self._epochs.append(entry)
        self._keep(is_finite)
        history.append(self._run, entry)
        measured = "  ".join(f"{name} {logs[name]:.4f}" for name in ("loss", "accuracy", "val_loss", "val_accuracy"))
        self._progress.log(f"epoch {self._epoch}/{self._run.config.epochs}  {measured}  {seconds:.1f} s")
        if not is_finite:
            self._progress.facts.update(note=diverged(self._run.config, self._epoch))
        elif self.model.stop_training:
            self._progress.log(f"stopped early: no lower validation loss for {self._run.config.early_stopping} epochs")

    def _keep(self, is_finite: bool) -> None:
        """Store all that resuming needs, then the model: where a kill comes in between, it is made of the resume point."""
        config, epochs = self._run.config, tuple(self._epochs)
        self.model.stop_training = not is_finite or early_stopping.is_due(config, epochs)
        has_ended = self.model.stop_training or self._epoch == config.epochs
        losses = self._batches.losses if config.data_pruning else None
        # where the loss is not a number, there is neither a model to keep nor one to go on from
        resume_point.save(self._run, ResumePoint(epochs, has_ended, self.model if is_finite else None, losses))
        if is_finite and history.best_epoch(config, epochs, self._stage)["epoch"] == self._epoch:
            self._kept.store()

    def _seconds_left(self, rest_of_epoch: float, whole_epoch: float) -> float:
        """From the seconds per unit of cost that the last three epochs took, all arguments in seconds."""
        done = len(self._durations)
        last = slice(max(0, done - 3), done)
        rate = sum(self._durations[last]) / sum(self._costs[last]) if done else whole_epoch * 1.1 / self._costs[0]  # with the validation
        return rest_of_epoch + rate * sum(self._costs[self._epoch :])


def diverged(config: Config, epoch: int) -> str:
    """That the loss was not a number in that epoch, counted from 1, and what to lower."""
    rate = "fine-tuning rate" if 0 < config.frozen_epochs < epoch else "learning rate"
    return f"The loss was not a number in epoch {epoch}, so training ended there. Try a lower {rate}."


def _reported(logs: dict) -> dict:
    """The numbers of an epoch with the true losses instead of those of smoothed labels or weighted classes, if there are any."""
    logs = {name: value for name, value in logs.items() if not name.endswith(pruning.METRIC)}
    true = {name.replace(TRUE_LOSS, "loss"): value for name, value in logs.items() if TRUE_LOSS in name}
    return {name: value for name, value in (logs | true).items() if TRUE_LOSS not in name}
