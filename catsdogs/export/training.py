"""The part of a script that trains: augmentation, optimizer, and the stages of the run, each a call of `fit`.

`script` writes what comes before and after it.
"""

import math

import keras

from catsdogs.export import source
from catsdogs.networks import freezing
from catsdogs.settings import stages
from catsdogs.settings.choices import NO_WEIGHTS
from catsdogs.settings.config import Config, change
from catsdogs.settings.stages import Stage
from catsdogs.training import muon, optimizers, schedules
from catsdogs.training.balancing import TRUE_LOSS


def augmented(config: Config) -> str:
    """The network with the augmentation in front, where there is any."""
    if not config.is_augmented:
        return ""
    side = None if stages.grows(config) else config.target_size
    inside = "\n".join(f"        {line}," for line in _changes(config))
    return f"""
# In training, the network sees every photograph randomly augmented, differently each time; when it predicts, unchanged.
augmented = keras.Sequential(
    [
        keras.Input(({side}, {side}, 3), dtype="uint8"),
{inside}
        model,
    ]
)
"""


def _changes(config: Config) -> list[str]:
    fill = f'fill_mode="{config.fill_mode}", dtype="float32"'
    zoom, (darkest, brightest) = config.zoom_range, config.brightness_range
    changes = {
        f"layers.RandomRotation({config.rotation_range:g} / 360, {fill})": config.rotation_range,
        f"layers.RandomTranslation({config.height_shift_range:g}, {config.width_shift_range:g}, {fill})": (
            config.height_shift_range or config.width_shift_range
        ),
        f"layers.RandomShear(float(np.tan(np.radians({config.shear_range:g}))), {fill})": config.shear_range,
        f"layers.RandomZoom(({-zoom:g}, {zoom:g}), ({-zoom:g}, {zoom:g}), {fill})": zoom,
        'layers.RandomFlip("horizontal", dtype="float32")': config.horizontal_flip,
        'layers.RandomFlip("vertical", dtype="float32")': config.vertical_flip,
        # relative to mid-grey, 1/2: what multiplying would add there
        f'layers.RandomBrightness(({(darkest - 1) / 2:g}, {(brightest - 1) / 2:g}), dtype="float32")': (darkest, brightest) != (1.0, 1.0),
        **_colour_changes(config),
    }
    return [line for line, is_on in changes.items() if is_on]


def _colour_changes(config: Config) -> dict[str, bool]:
    """Lines, and whether each is requested. Keras writes a saturation s as s / (1 + s), and a contrast as the difference from 1."""
    (flattest, strongest), (greyest, brightest) = config.contrast_range, config.saturation_range
    saturations = f"({greyest / (1 + greyest):.3g}, {brightest / (1 + brightest):.3g})"
    return {
        f'layers.RandomContrast(({max(0, 1 - flattest):g}, {max(0, strongest - 1):g}), dtype="float32")': (flattest, strongest)
        != (1.0, 1.0),
        f'layers.RandomSaturation({saturations}, dtype="float32")': (greyest, brightest) != (1.0, 1.0),
        f'layers.RandomErasing(({config.random_erasing:g}, {config.random_erasing:g}), dtype="float32")': (
            config.random_erasing > 0 and not stages.grows(config)
        ),
    }


def fitted(config: Config, backbone: keras.Model | None, count: int) -> str:
    """The stages of the run on `count` images, and the best epoch as a file."""
    steps = math.ceil((count - round(count * config.data_pruning)) / config.batch_size)
    patience = ""
    if config.early_stopping:
        patience = f"""
# After {config.early_stopping} epochs without a lower validation loss, more epochs would only overfit.
patience = keras.callbacks.EarlyStopping(monitor="val_{loss_name(config)}", patience={config.early_stopping})
"""
    fits = "".join(_stage(config, backbone, stage, steps) for stage in stages.plan(config))
    return f"""{_recorder(config)}
# The result is the epoch with the lowest validation loss, not the last one.
best = keras.callbacks.ModelCheckpoint("best.weights.h5", monitor="val_{loss_name(config)}", save_best_only=True, save_weights_only=True)
{patience}{fits}{trained(config)}.load_weights("best.weights.h5")
accept_any(model, config.target_size).save("trained.keras")
"""


def _recorder(config: Config) -> str:
    """The callback that data pruning needs."""
    if not config.data_pruning:
        return ""
    return f'''

class LossRecorder(keras.callbacks.Callback):
    """Keeps the loss of each photograph, by which an epoch leaves out {config.data_pruning:.0%}: half of those with the lowest ones."""

    def on_train_batch_end(self, batch, logs=None):
        data["training"].record_losses(batch, np.reshape(logs.pop(pruning.METRIC), -1))

    def on_epoch_end(self, epoch, logs=None):
        for name in (pruning.METRIC, f"val_{{pruning.METRIC}}"):
            logs.pop(name)

'''


def _stage(config: Config, backbone: keras.Model | None, stage: Stage, steps: int) -> str:
    """The epochs that have photographs of one size, and one optimizer, which may be that of the stage before."""
    begun = f'data["training"].start_epoch({stage.first})\n' if stage.first else ""
    if stage.first and not config.frozen_epochs:
        kept = ('losses = data["training"].losses\n', 'data["training"].losses = losses\n') if config.data_pruning else ("", "")
        averaged = 'averaging.batches = data["training"]\n' if config.ema_momentum else ""
        size = "config.target_size" if stage.end == config.epochs else stage.size
        begun = f"""
# Photographs of {stage.size} x {stage.size} px from here on.
{kept[0]}data = batches_at({size})
{kept[1]}{averaged}{begun}"""
    else:
        begun = _compiled(config, backbone, stage, steps) + begun
    callbacks = ["LossRecorder()"] * (config.data_pruning > 0) + ["averaging"] * (config.ema_momentum > 0)
    if stage.size == config.target_size:  # losses at another size can't be compared
        callbacks += ["best"] + ["patience"] * (config.early_stopping > 0 and stage.end == config.epochs)  # never before the last stage
    since = f"    initial_epoch={stage.first},\n" if stage.first else ""
    return f"""{begun}{trained(config)}.fit(
    data["training"],
    validation_data=data["validation"],
{since}    epochs={stage.end},
    shuffle=False,  # the batches are, by the run's seed
    callbacks=[{", ".join(callbacks)}],
    verbose=2,
)
"""


def _compiled(config: Config, backbone: keras.Model | None, stage: Stage, steps: int) -> str:
    """A new optimizer for what is trained from this stage on; `steps` are per epoch."""
    if stage.first and not stage.is_frozen:
        config = change(config, learning_rate=config.fine_tuning_rate)
    epochs = next(phase for phase in stages.phases(config) if stage.first in phase)
    rate, optimizer = _optimizer(config, len(epochs), steps)
    loss, metrics = '"binary_crossentropy"', ['"accuracy"']
    if config.label_smoothing:
        loss = f"keras.losses.BinaryCrossentropy(label_smoothing={config.label_smoothing:g})"
        metrics.append(f'keras.metrics.BinaryCrossentropy(name="{TRUE_LOSS}")')
    written = f"[{', '.join(metrics)}]"
    if config.class_weight != "none":  # they count every photograph once
        written = 'balancing.metrics(balancing.class_weights(config, data["training"].classes))'
    measured = f"    metrics={written},\n"
    if config.data_pruning or config.class_weight != "none":  # with the weights of pruning, as if all photographs had been trained on
        pruned = "    metrics=[pruning.Losses(config.batch_size)],\n" if config.data_pruning else ""
        measured = f"{pruned}    weighted_metrics={written},\n"
    return f"""{_frozen(config, backbone, stage)}{rate}
{trained(config)}.compile(
    optimizer={optimizer},
    loss={loss},
{measured})
{_averaging(config)}"""


def _averaging(config: Config) -> str:
    """The callback that validates and keeps the averages; one for each optimizer, as it holds on to whose weights are in the model."""
    if not config.ema_momentum:
        return ""
    return """
# What is validated and kept is the moving average of the weights.
averaging = AveragedWeights(data["training"], swap_on_epoch=True)
"""


def _frozen(config: Config, backbone: keras.Model | None, stage: Stage) -> str:
    """Lines that decide which layers learn from this stage on."""
    if stage.is_frozen:
        first = f"{source.identifier(backbone.name)}" if backbone else "for layer in model.layers[:-1]:\n    layer"
        return f"""
# At first only the head is trained: its large errors would undo what the other layers have learned.
{first}.trainable = False
"""
    lines = ""
    if stage.first and backbone:
        lines = f"""
# Then everything is trained, at another learning rate.
{source.identifier(backbone.name)}.trainable = True
"""
    is_settled = config.weights != NO_WEIGHTS or stage.first
    keeps_statistics = is_settled and freezing.normalisations(backbone) if backbone else stage.first
    if keeps_statistics:
        then = "Batch normalisation" if backbone else "Then everything is trained, at another learning rate. Batch normalisation"
        lines += f"""
# {then} keeps the statistics that it started with.
for layer in {source.identifier(backbone.name) if backbone else "model"}.layers:
    layer.trainable = not isinstance(layer, layers.BatchNormalization)
"""
    return lines


def _optimizer(config: Config, epochs: int, steps: int) -> tuple[str, str]:
    """Lines that make the learning-rate schedule, if there is one, and the call that makes the optimizer. `steps` are per epoch."""
    optimizer = source.expression(optimizers.build(config, epochs * steps), always=("learning_rate",)).removeprefix(f"{muon.__name__}.")
    if config.schedule == "constant":
        return "", optimizer
    schedule = source.expression(schedules.build(config, epochs * steps))
    way = "warms up, then decays" if config.schedule == "one_cycle" else "decays"
    lines = f"""
# The learning rate {way} to zero, over the {epochs * steps:,} steps of {epochs} epochs.
schedule = {schedule}
"""
    return lines, optimizer.replace(schedule, "schedule")


def loss_name(config: Config) -> str:
    """The metric that is the loss with the labels as they are, which chooses the best epoch."""
    return TRUE_LOSS if config.label_smoothing or config.class_weight != "none" else "loss"


def trained(config: Config) -> str:
    """The variable of the model that is trained."""
    return "augmented" if config.is_augmented else "model"
