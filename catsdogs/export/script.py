"""A configuration -> a stand-alone Keras script that trains the same network on the same images, to be read and run elsewhere.

templates/photographs.py reads the images; `source` writes network and optimizer from the objects themselves. Only what the
configuration uses is included; what such a script can't express is listed in its first lines.
"""

import dataclasses
import inspect
import math
from pathlib import Path

import keras

from catsdogs.export import source
from catsdogs.networks import augmentation, backbones, patch_whitening, registry
from catsdogs.runs import Run, store
from catsdogs.settings import stages
from catsdogs.settings.config import NO_WEIGHTS, Config, change
from catsdogs.training import muon, optimizers, schedules

_TEMPLATES = Path(__file__).parent / "templates"
_TYPICAL = 14_000  # images to train on, where a run has not counted them yet: 70% of 20,000
_EXPRESSED = frozenset(
    (
        *("preset", "data", "seed", "validation_split", "test_split", "target_size", "interpolation", "rescale", "class_mode"),
        *("batch_size", "shuffle", "rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range"),
        *("horizontal_flip", "vertical_flip", "brightness_range", "contrast_range", "saturation_range", "random_erasing", "fill_mode"),
        *("model", "dense_units", "patch_whitening", "optimizer", "learning_rate", "class_weight"),
        *("momentum", "schedule", "weight_decay", "label_smoothing", "ema_momentum", "epochs", "early_stopping", "precision"),
        *("weights", "frozen_epochs", "fine_tuning_rate"),
    )
)


def of(run: Run) -> str:
    """The script of a stored run, with its dtype policy and its number of training images."""
    requested, known = run.config.precision, store.environment(run)
    count = known["photographs"]["training"] if known else _TYPICAL
    return write(run.config, known.get("precision", "float32" if requested == "auto" else requested), count)


def write(config: Config, dtype: str = "float32", count: int = _TYPICAL) -> str:
    """The script: `python train.py DIR`. `dtype` is the name of a Keras dtype policy; `count` is the number of training images."""
    network = registry.build(config, dtype)
    backbone = backbones.of(network)
    model = _model(config, network, backbone, dtype)
    sections = [
        f'"""{_introduction(config)}"""{_reading(config, uses_ops=" ops." in model)}',
        "\n" + _data(config),
        model,
        _whitening(config),
        _augmentation(config),
        _optimizer_class(config),
        _training(config, backbone, math.ceil(count / config.batch_size)),
        _evaluation(config),
    ]
    return "".join(sections)


def _introduction(config: Config) -> str:
    text = f"""Train a network to tell cats from dogs, with Keras {keras.version()}.

    python train.py DIR

DIR holds two folders of photographs, such as cats/ and dogs/; or train/, validation/ and test/ with two such folders in each; or
files named cat.0.jpg, dog.0.jpg. Needs keras, tensorflow, numpy and pillow.

This is a run of Cats & Dogs Studio as a script. Unless some are exact copies, the same photographs are trained on and held out. Initial
weights, the order of photographs and the augmentation are drawn anew, so accuracies differ from the run's as those of another seed do.
"""
    return text + "".join(f"\nNot as in the run: {sentence}\n" for sentence in _differences(config))


def _differences(config: Config) -> list[str]:
    """What the script does differently from the run, in sentences."""
    sentences = [
        f"{field.name} = {getattr(config, field.name)!r} is left out."
        for field in dataclasses.fields(config)
        if field.name not in _EXPRESSED and getattr(config, field.name) != field.default
    ]
    if augmentation.is_on(config):
        sentences.append("each augmentation is a Keras layer, which resamples on its own; the run applied them all at once.")
    if config.frozen_epochs and config.early_stopping:
        sentences.append("patience is counted anew when the backbone is unfrozen.")
    if config.brightness_range != (1.0, 1.0):
        sentences.append(
            f"brightness is shifted; the run multiplied it by {config.brightness_range[0]:g} to {config.brightness_range[1]:g}."
        )
    return sentences


def _reading(config: Config, uses_ops: bool) -> str:
    _, _, code = (_TEMPLATES / "photographs.py").read_text(encoding="utf-8").split('"""', 2)
    if config.optimizer == "muon":
        code = code.replace("import hashlib\n", "import hashlib\nimport math\n", 1)
    keras_parts = "layers, ops" if uses_ops or config.optimizer == "muon" else "layers"
    return code.replace("import numpy as np\n", f"import keras\nimport numpy as np\nfrom keras import {keras_parts}\n", 1)


def _data(config: Config) -> str:
    return f"""
# One seed for everything that is random.
keras.utils.set_random_seed({config.seed})

# Every photograph is decoded once, at {config.target_size} x {config.target_size} px, and kept in memory. The network learns from the
# training subset, the validation subset chooses the best epoch, and the test subset is held out until the end.
photographs = find(folder_given(), {config.target_size}, Image.Resampling.{config.interpolation.upper()})
class_names = sorted({{photograph.label for photograph in photographs}})
subsets = divide(photographs, class_names, seed={config.seed}, validation_split={config.validation_split}, test_split={config.test_split})
data = {{subset: arrays(members, class_names) for subset, members in subsets.items()}}
"""


def _model(config: Config, network: keras.Model, backbone: keras.Model | None, dtype: str) -> str:
    known = {backbone.name: backbones.expression(config)} if backbone else {}
    policy = ""
    if dtype != "float32":
        policy = f"""
# Most computation is in 16 bits, which is faster on many devices; weights and the output stay in 32 bits.
keras.config.set_dtype_policy("{dtype}")
"""
    return f"""{policy}
# The network, with {network.count_params():,} weights. Its output is the probability of the second class.
{source.model(network, policy=dtype, known=known)}
model.summary()
"""


def _whitening(config: Config) -> str:
    """The initialisation of the first convolution, where it is requested, as it is in this project."""
    if not config.patch_whitening:
        return ""
    return f"""

{inspect.getsource(patch_whitening.filters)}

{inspect.getsource(patch_whitening.set_first_filters)}

# The first convolution starts with filters that whiten small patches; random ones would have to find edges and colours first.
images, _ = data["training"]
set_first_filters(model, images[np.linspace(0, len(images) - 1, min({patch_whitening.SAMPLE_SIZE}, len(images)), dtype=int)])
"""


def _augmentation(config: Config) -> str:
    if not augmentation.is_on(config):
        return ""
    side = config.target_size
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
        f'layers.RandomErasing(({config.random_erasing:g}, {config.random_erasing:g}), dtype="float32")': config.random_erasing > 0,
    }


def _optimizer_class(config: Config) -> str:
    """The one that is not Keras' own, where it is requested, as it is in this project."""
    return f"\n\n{inspect.getsource(muon.Muon)}\n" if config.optimizer == "muon" else ""


def _training(config: Config, backbone: keras.Model | None, steps: int) -> str:
    """`steps` in an epoch."""
    stopping, callbacks = "", "best"
    if config.ema_momentum:
        stopping = """
# What is validated and kept is the moving average of the weights.
averaging = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
"""
        callbacks = "averaging, best"
    if config.early_stopping:
        stopping += f"""
# After {config.early_stopping} epochs without a lower validation loss, more epochs would only overfit.
patience = keras.callbacks.EarlyStopping(monitor="val_loss", patience={config.early_stopping})
"""
        callbacks += ", patience"
    if config.class_weight == "balanced":
        stopping += """
# Both classes weigh the same, however many photographs they have. Validation counts every photograph once.
counts = np.bincount(data["training"][1][:, 0].astype(int))
class_weight = {label: counts.sum() / (2 * count) for label, count in enumerate(counts)}
"""
    phases = "".join(_phase(config, backbone, epochs, steps, callbacks) for epochs in stages.phases(config))
    return f"""
# The result is the epoch with the lowest validation loss, not the last one.
best = keras.callbacks.ModelCheckpoint("best.weights.h5", monitor="val_loss", save_best_only=True, save_weights_only=True)
{stopping}{phases}{_trained(config)}.load_weights("best.weights.h5")
model.save("trained.keras")
"""


def _phase(config: Config, backbone: keras.Model | None, epochs: range, steps: int, callbacks: str) -> str:
    """The epochs that share one optimizer."""
    trained = _trained(config)
    freezing, since = "", ""
    if epochs.stop <= config.frozen_epochs:
        freezing = f"""
# At first only the head is trained: its large errors would undo what the backbone has learned.
{source.identifier(backbone.name)}.trainable = False
"""
    elif epochs.start:
        config = change(config, learning_rate=config.fine_tuning_rate)
        freezing = f"""
# Then everything is trained, at another learning rate.
{source.identifier(backbone.name)}.trainable = True
"""
        since = f"    initial_epoch={epochs.start},\n"
    if backbone and epochs.stop > config.frozen_epochs and config.weights != NO_WEIGHTS and backbones.normalisations(backbone):
        freezing += f"""
# Batch normalisation keeps its pretrained statistics.
for layer in {source.identifier(backbone.name)}.layers:
    layer.trainable = not isinstance(layer, layers.BatchNormalization)
"""
    rate, optimizer = _optimizer(config, len(epochs), steps)
    weighted = "    class_weight=class_weight,\n" if config.class_weight == "balanced" else ""
    smoothed = f"keras.losses.BinaryCrossentropy(label_smoothing={config.label_smoothing:g})"
    return f"""{freezing}{rate}
{trained}.compile(
    optimizer={optimizer},
    loss={smoothed if config.label_smoothing else '"binary_crossentropy"'},
    metrics=["accuracy"],
)
{trained}.fit(
    *data["training"],
    batch_size={config.batch_size},
{since}    epochs={epochs.stop},
    shuffle={config.shuffle},
    validation_data=data["validation"],
{weighted}    callbacks=[{callbacks}],
    verbose=2,
)
"""


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


def _evaluation(config: Config) -> str:
    return f"""
# How good it is. Only the test subset says what to expect on photographs that the network has never seen.
for subset, (pixels, labels) in data.items():
    loss, accuracy = {_trained(config)}.evaluate(pixels, labels, batch_size=64, verbose=0)
    print(f"{{subset:10}}  accuracy {{accuracy:.4f}}  loss {{loss:.4f}}  photographs {{len(labels)}}")
"""


def _trained(config: Config) -> str:
    return "augmented" if augmentation.is_on(config) else "model"
