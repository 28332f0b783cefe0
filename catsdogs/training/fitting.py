"""The epochs of one run: a fresh model or a resumed one, stage by stage through `keras.Model.fit`.

The model to fit and its core, whose weights are stored, differ by the augmentation in front.
"""

import keras
import numpy as np

from catsdogs.data import pruning
from catsdogs.data.batches import Batches
from catsdogs.errors import InputError
from catsdogs.networks import augmentation, backbones, batch_normalization, freezing, patch_whitening, pretrained, registry
from catsdogs.runs import Run, history
from catsdogs.settings import stages
from catsdogs.settings.config import Config, change
from catsdogs.system import devices
from catsdogs.system.devices import Device
from catsdogs.training import balancing, optimizers, origin, resume_point
from catsdogs.training.averaged_weights import AveragedWeights
from catsdogs.training.best_model import BestModel
from catsdogs.training.callbacks import Recorder, diverged
from catsdogs.training.progress import Progress
from catsdogs.training.resume_point import ResumePoint


def fit(run: Run, data: list[dict[str, Batches]], progress: Progress, dtype: str, device: Device) -> None:
    """Train the epochs that are missing. `data` holds the subsets for each stage; `dtype` is a Keras dtype policy.

    Raises InputError where the loss was not a number in the first epoch, progress.Stopped on request.
    """
    point = resume_point.load(run, len(data[0]["training"]))
    history.replace(run, point.epochs)
    if point.model or not point.has_ended:
        _fit(run, point, data, progress, dtype, device)
    else:
        progress.facts.update(note=diverged(run.config, len(point.epochs)))
    if not run.model_path.exists():
        raise InputError(f"The loss became infinite or not a number in the first epoch: learning_rate = {run.config.rate:g} is too high.")


def _fit(run: Run, point: ResumePoint, data: list[dict[str, Batches]], progress: Progress, dtype: str, device: Device) -> None:
    config, first, done = run.config, data[0]["training"], len(point.epochs)
    keras.utils.set_random_seed(config.seed)
    model = point.model or fresh(config, first, dtype, device)
    core = augmentation.core(config, model)
    _build(model)
    plan, reached = stages.plan(config), stages.at(config, done)
    averaging = AveragedWeights(data[plan.index(reached)]["training"]) if config.ema_momentum else None
    kept = BestModel(run, model, core, averaging)
    if done and history.best_epoch(config, point.epochs, reached)["epoch"] == done:
        kept.store()  # a kill may have come before it was
    losses = first.losses if point.losses is None else point.losses
    for stage, subsets in zip(plan, data, strict=True):
        subsets["training"].losses = losses  # one for all sizes
        subsets["training"].image_weights = balancing.image_weights(config, first.classes)
        if stage.end <= done or point.has_ended or model.stop_training:
            continue
        if stage.first == done > 0:  # as `fit` did at the end of the stage before, unless this process is another one
            model.optimizer.finalize_variable_values(model.trainable_weights)
        if freezing.is_frozen(core) and not stage.is_frozen:
            freezing.unfreeze(core)
            steps = len(stages.phases(config)[-1]) * len(first)
            _compile(model, change(config, learning_rate=config.fine_tuning_rate), first, steps, dtype, device)
            _build(model)
        _separate(model.optimizer)
        if averaging:
            averaging.batches = subsets["training"]
        recorder = Recorder(run, progress, kept, subsets["training"], stage)
        model.fit(
            subsets["training"],
            validation_data=subsets["validation"],
            initial_epoch=max(done, stage.first),
            epochs=stage.end,
            callbacks=[*filter(None, [averaging]), recorder, keras.callbacks.TerminateOnNaN()],
            shuffle=False,  # `Batches` does it, by the run's seed
            verbose=0,
        )


def _separate(optimizer: keras.Optimizer) -> None:
    """Give each of its variables memory of its own: averages share theirs with the weights after a stage, which JAX refuses to train on."""
    if keras.backend.backend() == "jax":
        for variable in optimizer.variables:
            variable.assign(keras.ops.convert_to_numpy(variable))


def fresh(config: Config, first: Batches, dtype: str, device: Device) -> keras.Model:
    """A compiled model. `first` are the training images at the size of the first epoch."""
    plan = stages.plan(config)
    core = batch_normalization.fuse(registry.build(config, dtype, any_size=stages.grows(config)))
    if weights := pretrained.file(config):
        backbones.load(core, weights)
    if config.start_from:
        origin.load(core, config, tuple(first.class_indices))
    if config.patch_whitening:
        patch_whitening.set_first_filters(core, first.sample(patch_whitening.SAMPLE_SIZE))
    if plan[0].is_frozen:
        freezing.freeze(core)
    model = core
    if config.is_augmented:
        model = keras.Sequential([keras.Input(core.input_shape[1:], dtype="uint8"), augmentation.layer(config), core])
    _compile(model, config, first, len(stages.phases(config)[0]) * len(first), dtype, device)
    return model


def _compile(model: keras.Model, config: Config, first: Batches, steps: int, dtype: str, device: Device) -> None:
    """Give the model a new optimizer for that many steps on what is trainable in it now."""
    optimizer = optimizers.build(config, steps, is_exact=device.kind == "CPU")
    if dtype == "mixed_float16":  # Keras does this by itself only where the policy is the model's own
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    loss, metrics = "binary_crossentropy", ["accuracy"]
    if config.label_smoothing:
        loss = keras.losses.BinaryCrossentropy(label_smoothing=config.label_smoothing)
    class_weights = balancing.class_weights(config, first.classes)
    if config.label_smoothing or class_weights:  # what is reported is the cross-entropy with the labels as they are, of each image once
        metrics = balancing.metrics(class_weights)
    each = [pruning.Losses(config.batch_size)] if config.data_pruning else None
    # weighted, they are as if all images of an epoch had been trained on
    model.compile(optimizer, loss, metrics=each, weighted_metrics=metrics, jit_compile=devices.compiles(device))


def _build(model: keras.Model) -> None:
    """Make the variables of optimizer and metrics: TensorFlow traces a step that makes any twice, which takes seconds."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
        _start_averages(model)
    one = np.ones((1, 1), np.float32)
    model.compute_metrics(None, one, one, one)
    model.reset_metrics()


def _start_averages(model: keras.Model) -> None:
    """Have averages begin as the weights. Keras' are 0 until the first update, and in float16 a whole epoch may have none."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if optimizer.use_ema:
        for average, weight in zip(optimizer._model_variables_moving_average, model.trainable_variables, strict=True):
            average.assign(weight)
