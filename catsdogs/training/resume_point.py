"""Where an interrupted run goes on: all that this takes after its last whole epoch, in one file that one rename puts in place.

    last.keras               the model with its optimizer, as Keras stores them, and beside these, unseen by Keras:
      resume_point.json      the history so far, and whether training has ended with it
      random.npy             the state of each random generator in the model, such as those of the dropout in EfficientNetV2
      losses.npy             the last loss of each training image, where data pruning needs it

How training goes on from there belongs to `fitting`.
"""

import json
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from catsdogs.data import arrays
from catsdogs.errors import InputError
from catsdogs.networks import augmentation, freezing, generators
from catsdogs.runs import Run, history
from catsdogs.settings import stages
from catsdogs.system import shortage, words
from catsdogs.system.shortage import DiskFull
from catsdogs.training import checkpoint, early_stopping

_FACTS, _RANDOM, _LOSSES = "resume_point.json", "random.npy", "losses.npy"


@dataclass(frozen=True)
class ResumePoint:
    """The state of a training after `epochs`, each an entry of the history.

    `model` is None before the first epoch, and where the loss was not a number in the last one. `losses` is None without data pruning.
    """

    epochs: tuple[dict, ...] = ()
    has_ended: bool = False
    model: keras.Model | None = None
    losses: np.ndarray | None = None


def save(run: Run, point: ResumePoint) -> None:
    def write(path: Path) -> None:
        if point.model:
            point.model.save(path)
        with zipfile.ZipFile(path, "a") as archive:  # which makes one where no model was stored
            archive.writestr(_FACTS, json.dumps({"has_ended": point.has_ended, "epochs": point.epochs}))
            if point.model:
                with archive.open(_RANDOM, "w") as file:
                    np.save(file, np.array([keras.ops.convert_to_numpy(state) for state in generators.states(point.model)]))
            if point.losses is not None:
                with archive.open(_LOSSES, "w") as file:
                    np.save(file, point.losses)

    checkpoint.replace(run.resume_path, point.model, write)


def load(run: Run, steps: int) -> ResumePoint:
    """The run's resume point; one without epochs where it has none. Raises InputError where it can't be read,
    DiskFull where there is no room to unpack it.

    An epoch takes that many `steps`, by which a resume point of an earlier version is told its epoch.
    """
    path = run.resume_path
    if not path.exists():
        return ResumePoint()
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            facts = json.loads(archive.read(_FACTS)) if _FACTS in names else None
            random, losses = (np.lib.format.read_array(archive.open(name)) if name in names else None for name in (_RANDOM, _LOSSES))
        with shortage.explained(path, "a copy of the checkpoint", path.stat().st_size):  # which Keras unpacks to read it
            model = keras.saving.load_model(path) if "config.json" in names else None
        if random is not None:  # None is of an earlier version
            for state, stored in zip(generators.states(model), random, strict=True):
                state.assign(stored)
    except (DiskFull, MemoryError):
        raise
    except arrays.RAISED as error:
        reason = words.first_line(error)
        raise InputError(f"{path} can't be read ({reason}), so the run can't be resumed. Repeat it as a new run.") from error
    if facts is None:
        return _of_earlier_version(run, model, steps)
    return ResumePoint(tuple(facts["epochs"]), facts["has_ended"], model, losses)


def _of_earlier_version(run: Run, model: keras.Model, steps: int) -> ResumePoint:
    """By the optimizer, as a kill may have come between history and model: it has done `steps` in each epoch of its phase."""
    config, optimizer, epochs = run.config, model.optimizer, history.load(run)
    is_frozen = freezing.is_frozen(augmentation.core(config, model))
    phase = stages.phases(config)[0 if not config.frozen_epochs or is_frozen else -1]
    skipped = 0
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):  # its scale is halved at every step that it skips
        skipped = max(0, round(math.log2(optimizer.initial_scale / float(optimizer.dynamic_scale))))
    done = phase.start + math.ceil((int(optimizer.iterations) + skipped) / steps)
    if done < len(epochs) - 1:  # more were skipped than the scale tells, as it also grows: a kill costs one epoch at most
        done = len(epochs)
    losses = arrays.load(run.losses_path) if config.data_pruning else None
    return ResumePoint(tuple(epochs[:done]), early_stopping.is_due(config, epochs[:done]), model, losses)
