"""One run, from its configuration to its evaluation. Who starts it, stops it and turns its end into a state is `worker`'s.

Nothing but Keras' own interface is used here, so that the same code trains on every backend of Keras.
"""

import sys
from datetime import UTC, datetime
from functools import partial
from importlib import import_module

import keras
import numpy as np

from catsdogs.analysis import evaluation
from catsdogs.data import batches, dataset, pruning
from catsdogs.data.batches import Batches
from catsdogs.errors import InputError
from catsdogs.networks import augmentation, backbones, batch_normalization, download, patch_whitening, pretrained, registry
from catsdogs.runs import store
from catsdogs.settings import stages
from catsdogs.settings.config import Config, change
from catsdogs.settings.stages import Stage
from catsdogs.system import devices
from catsdogs.training import optimizers, precision
from catsdogs.training.callbacks import TRUE_LOSS, Recorder
from catsdogs.training.progress import Progress

_EVALUATION_BATCH = 64  # photographs; independent of the batch size that was trained with


def train(progress: Progress) -> evaluation.Evaluation:
    """Train the run of `progress`, after its last whole epoch if there is one, and evaluate the best epoch.

    Raises InputError where data or settings can't be used, progress.Stopped on request.
    """
    run, config = progress.run, progress.run.config
    progress.enter("checking", "checking the photographs", started=datetime.now(UTC).isoformat())
    listing = dataset.check(config.data, progress.count)
    _require_same_photographs(run, listing)
    if config.is_pretrained and not run.resume_path.exists():
        progress.enter("fetching", f"looking for the weights that {config.model} starts from")
        download.fetch(config, partial(progress.count, text=f"downloading the weights of {config.model}, in MB"))
    plan = stages.plan(config)
    sizes = ", ".join(map(str, dict.fromkeys(stage.size for stage in plan)))
    progress.enter("decoding", f"decoding {len(listing.photos):,} photographs at {sizes} px")
    steps = [(stage, batches.make(listing, config, progress.count, stage.size)) for stage in plan]
    parts = steps[-1][1]
    device = devices.in_use()
    progress.enter("preparing", f"preparing the {config.model} model on {device}", device=str(device))
    policy, speeds = precision.choose(config.precision, device)
    store.write_environment(run, _environment(config, listing, parts, device, policy, speeds))
    progress.enter("training", f"training in {policy}", precision=policy, epochs=config.epochs)
    _fit(progress, steps, policy, device)
    return _evaluate(progress, listing, parts)


def _require_same_photographs(run: store.Run, listing: dataset.Listing) -> None:
    if run.resume_path.exists() and store.environment(run)["data_fingerprint"] != listing.fingerprint:
        raise InputError(
            f"The photographs in {listing.folder} have changed since the run began, so some that it was trained on would now be "
            f"held out. Start a new run."
        )


def _fit(progress: Progress, steps: list[tuple[Stage, dict[str, Batches]]], policy: str, device: devices.Device) -> None:
    run, config = progress.run, progress.run.config
    keras.utils.set_random_seed(config.seed)
    updates = len(steps[0][1]["training"])  # of an epoch, whatever its size
    model, core = _resumed(run) if run.resume_path.exists() else _fresh(config, steps[0][1]["training"], policy, device)
    phase = stages.phases(config)[0 if not config.frozen_epochs or backbones.is_frozen(core) else -1]
    done = phase.start + int(model.optimizer.iterations) // updates  # a kill may have come between history and model
    store.cut_history(run, done)
    if done >= config.epochs:
        return
    shipped = registry.build(config)
    losses = np.load(run.losses_path) if done and config.data_pruning else steps[0][1]["training"].losses
    for stage, parts in steps:
        parts["training"].losses = losses  # one for all sizes
        if stage.end <= done or model.stop_training:
            continue
        if stage.first == done > 0:  # as `fit` did at the end of the stage before, unless this process is another one
            model.optimizer.finalize_variable_values(model.trainable_weights)
        if backbones.is_frozen(core) and not stage.is_frozen:
            backbones.unfreeze(core)
            _compile(model, change(config, learning_rate=config.fine_tuning_rate), len(stages.phases(config)[-1]) * updates, policy, device)
        averaging = keras.callbacks.SwapEMAWeights() if config.ema_momentum else None
        recorder = Recorder(progress, shipped, core, parts["training"], stage, averaging)
        model.fit(
            parts["training"],
            validation_data=parts["validation"],
            initial_epoch=max(done, stage.first),
            epochs=stage.end,
            callbacks=[*([averaging] if averaging else []), recorder, keras.callbacks.TerminateOnNaN()],
            shuffle=False,  # `Batches` does it, by the run's seed
            verbose=0,
        )
    if not run.model_path.exists():
        raise InputError(
            f"The loss became infinite or no number from the first epoch on; learning_rate = {config.rate:g} is too high for it."
        )


def _fresh(config: Config, first: Batches, policy: str, device: devices.Device) -> tuple[keras.Model, keras.Model]:
    """The model to fit, and the part of it whose weights are shipped: the two differ by the augmentation in front.

    `first` are the training photographs at the size of the first epoch.
    """
    plan = stages.plan(config)
    core = batch_normalization.fuse(registry.build(config, policy, any_size=len({stage.size for stage in plan}) > 1))
    if weights := pretrained.file(config):
        backbones.load(core, weights)
    if config.patch_whitening:
        patch_whitening.set_first_filters(core, first.some(patch_whitening.SAMPLE_SIZE))
    if plan[0].is_frozen:
        backbones.freeze(core)
    model = core
    if augmentation.is_on(config):
        model = keras.Sequential([keras.Input(core.input_shape[1:], dtype="uint8"), augmentation.layer(config), core])
    _compile(model, config, len(stages.phases(config)[0]) * len(first), policy, device)
    return model, core


def _compile(model: keras.Model, config: Config, updates: int, policy: str, device: devices.Device) -> None:
    """Give the model a new optimizer for that many updates of what is trainable in it now."""
    optimizer = optimizers.build(config, updates, is_exact=device.kind == "CPU")
    if policy == "mixed_float16":  # Keras does this by itself only where the policy is the model's own
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    loss, metrics = "binary_crossentropy", ["accuracy"]
    if config.label_smoothing:  # what is told is the cross-entropy with the labels as they are
        loss = keras.losses.BinaryCrossentropy(label_smoothing=config.label_smoothing)
        metrics.append(keras.metrics.BinaryCrossentropy(name=TRUE_LOSS))
    each = [pruning.Losses(config.batch_size)] if config.data_pruning else None
    # weighted, they are as if all photographs of an epoch had been trained on
    model.compile(optimizer, loss, metrics=each, weighted_metrics=metrics, jit_compile=devices.compiles(device))


def _resumed(run: store.Run) -> tuple[keras.Model, keras.Model]:
    model = keras.saving.load_model(run.resume_path)
    return model, (model.layers[-1] if augmentation.is_on(run.config) else model)


def _evaluate(progress: Progress, listing: dataset.Listing, parts: dict[str, Batches]) -> evaluation.Evaluation:
    run = progress.run
    total = sum(part.samples for part in parts.values())
    progress.enter("evaluating", f"evaluating the best epoch on {total:,} photographs")
    model = keras.saving.load_model(run.model_path)
    predictions, done = {}, 0
    for name, part in parts.items():
        probabilities = []
        for start in range(0, part.samples, _EVALUATION_BATCH):
            probabilities.append(predict(model, part.pictures(start, start + _EVALUATION_BATCH)))
            progress.count(done + min(start + _EVALUATION_BATCH, part.samples), total)
        predictions[name] = (part.classes, np.concatenate(probabilities))
        done += part.samples
    result = evaluation.make(listing.class_names, predictions)
    store.write_predictions(run, parts["test"].filenames, *predictions["test"])
    store.write_evaluation(run, evaluation.to_json(result))
    return result


def predict(model: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Probabilities of the second class, shape (n,), for (n, size, size, 3) uint8 pixels."""
    return model.predict_on_batch(pictures)[:, 0]


def _environment(config: Config, listing, parts: dict[str, Batches], device: devices.Device, policy: str, speeds: dict[str, float]) -> dict:
    backend = keras.backend.backend()
    return {
        "python": sys.version.split()[0],
        "keras": keras.version(),
        backend: import_module(backend).__version__,
        "device": str(device),
        "precision": policy,
        "precision_measured": speeds,
        "data": listing.folder,
        "data_fingerprint": listing.fingerprint,
        "class_names": listing.class_names,
        "photographs": {name: part.samples for name, part in parts.items()},
        "set_aside": len(listing.set_aside),
        "pretrained": str(pretrained.file(config) or ""),
        "weights": registry.build(config).count_params(),
    }
