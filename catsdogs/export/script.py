"""A configuration -> a stand-alone Keras script that trains the same network on the same images, to be read and run elsewhere.

It is written as if it could import this project; `embedding` then puts the project's own code in place of the imports, so that images
are found, read, divided and ordered as in the run. `source` writes network and optimizer from the objects themselves, `training` how
they are trained. Only what the configuration uses is included; what such a script can't express is listed in its first lines.
"""

import dataclasses

import keras

from catsdogs.export import embedding, source, training
from catsdogs.networks import backbones, registry
from catsdogs.runs import Run, store
from catsdogs.settings import stages
from catsdogs.settings.config import Config
from catsdogs.training import origin

START = "start.keras"  # the model that the run started from, beside the script
_TYPICAL = 14_000  # images to train on, where a run has not counted them yet: 70% of 20,000
_OFTEN_OFF = ("data_pruning", "class_weight")
_IN_WORDS = ("crop_to_aspect_ratio", "pad_to_aspect_ratio")  # the script says "crop" or "pad" where it reads images
_READ = (  # settings that the embedded code, or the script itself, takes from its configuration
    *("seed", "validation_split", "test_split", "target_size", "interpolation", "batch_size", "shuffle", "near_copies_together"),
    *_OFTEN_OFF,
)
_EXPRESSED = frozenset(
    (
        *_READ,
        *_IN_WORDS,
        *("preset", "data", "rescale", "class_mode", "first_size", "rotation_range", "width_shift_range", "height_shift_range"),
        *("shear_range", "zoom_range", "horizontal_flip", "vertical_flip", "brightness_range", "contrast_range", "saturation_range"),
        *("random_erasing", "fill_mode", "model", "dense_units", "patch_whitening", "optimizer", "learning_rate"),
        *("momentum", "schedule", "weight_decay", "label_smoothing", "ema_momentum", "epochs", "early_stopping", "precision"),
        *("weights", "start_from", "frozen_epochs", "fine_tuning_rate"),
    )
)


def of(run: Run) -> str:
    """The script of a stored run, with its dtype policy and its number of training images."""
    known = store.environment(run)
    count = known["photographs"]["training"] if "photographs" in known else _TYPICAL
    return write(run.config, precision(run), count, known.get("corrections"), known.get("start_from", {}).get("head", "kept"))


def precision(run: Run) -> str:
    """The name of the dtype policy of a stored run's network; what its settings ask for, where the run hasn't said."""
    requested = run.config.precision
    return store.environment(run).get("precision", "float32" if requested == "auto" else requested)


def write(config: Config, dtype: str = "float32", count: int = _TYPICAL, corrections: dict | None = None, head: str = "kept") -> str:
    """The script: `python train.py DIR`. `dtype` is the name of a Keras dtype policy; `count` is the number of training images.

    `corrections` are those that the data set had, as a run's environment has them, and `head` is what it says of the one to start with.
    """
    network = registry.build(config, dtype, any_size=stages.grows(config))
    backbone = backbones.of(network)
    model = _model(config, network, backbone, dtype)
    sections = [
        f'"""{_introduction(config)}"""\n',
        _imports(config, uses_ops=" ops." in model),
        _data(config, corrections or {}),
        model,
        _started(config, head),
        _whitening(config),
        training.augmented(config),
        training.fitted(config, backbone, count),
        _evaluation(config),
    ]
    return embedding.embed("".join(sections))


def _introduction(config: Config) -> str:
    text = f"""Train a network to tell cats from dogs, with Keras {keras.version()}.

    python train.py DIR

DIR holds two folders of photographs, such as cats/ and dogs/; or train/, validation/ and test/ with two such folders in each; or
files named cat.0.jpg, dog.0.jpg. Needs keras, tensorflow, numpy and pillow, and pillow-heif where there are
HEIC photographs.

This is a run of Cats & Dogs Studio as a script, with its code for reading photographs, unchanged: the same ones are set aside, trained
on and held out, and the same seed shuffles them. Initial weights and augmentation are drawn anew, so accuracies differ as those of
another seed do. No temperature is fitted: the probabilities of trained.keras are the network's raw outputs.
"""
    return text + "".join(f"\nNot as in the run: {sentence}\n" for sentence in _differences(config))


def _differences(config: Config) -> list[str]:
    """What the script does differently from the run, in sentences."""
    sentences = [
        f"{field.name} = {getattr(config, field.name)!r} is left out."
        for field in dataclasses.fields(config)
        if field.name not in _EXPRESSED and getattr(config, field.name) != field.default
    ]
    if config.is_augmented:
        sentences.append("each augmentation is a Keras layer, which resamples on its own; the run applied them all at once.")
    if config.random_erasing and stages.grows(config):
        sentences.append(f"random_erasing = {config.random_erasing:g} is left out, as Keras' layer takes photographs of one size only.")
    if config.brightness_range != (1.0, 1.0):
        sentences.append(
            f"brightness is shifted; the run multiplied it by {config.brightness_range[0]:g} to {config.brightness_range[1]:g}."
        )
    return sentences


def _imports(config: Config, uses_ops: bool) -> str:
    """What the script imports, of others and of this project, around the settings that the latter reads."""
    read = {name: getattr(config, name) for name in _READ if name not in _OFTEN_OFF or getattr(config, name) != getattr(Config, name)}
    settings = "\n".join(f"    {name}: {type(value).__name__} = {source.literal(value)}" for name, value in read.items())
    others = "".join(
        line
        for line, is_used in {
            "from catsdogs.data import pruning\n": config.data_pruning > 0,
            "from catsdogs.networks.patch_whitening import SAMPLE_SIZE, set_first_filters\n": config.patch_whitening,
            "from catsdogs.training import balancing\n": config.class_weight != "none",
            "from catsdogs.training.averaged_weights import AveragedWeights\n": config.ema_momentum > 0,
            "from catsdogs.training.muon import Muon\n": config.optimizer == "muon",
        }.items()
        if is_used
    )
    path = "\nfrom pathlib import Path" if config.start_from else ""
    return f"""import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass{path}

import keras
import numpy as np
from keras import {"layers, ops" if uses_ops else "layers"}


@dataclass(frozen=True)
class Config:
    \"\"\"The settings of the run that the code below reads.\"\"\"

{settings}


from catsdogs.data import dataset, images, split
from catsdogs.data.batches import Batches
from catsdogs.data.corrections import Corrections
from catsdogs.errors import InputError
from catsdogs.export.input_range import accept_any
from catsdogs.system import paths
{others}"""


def _data(config: Config, corrections: dict) -> str:
    corrected = ", ".join(f"{name}={corrections[name]!r}" for name in ("folders", "images") if corrections.get(name))
    plan = stages.plan(config)
    first = "config.target_size" if plan[0].size == config.target_size else plan[0].size
    pruned = ", data_pruning=config.data_pruning" if config.data_pruning else ""
    proportions = "" if config.proportions == "stretch" else f', "{config.proportions}"'
    weighted = ""
    if config.class_weight != "none":
        weighted = """
    training.image_weights = balancing.image_weights(config, training.classes)  # both classes weigh the same, however many they are"""
    return f'''
def batches_at(size):
    """The subsets, with photographs of size x size px, each decoded once and kept in memory."""
    with ThreadPoolExecutor() as pool:
        decoded = pool.map(lambda photo: images.load(folder / photo.path, size, config.interpolation{proportions}), listing.photos)
        stored = np.stack(list(decoded))
    training = Batches(stored, listing, subsets.training, config.batch_size, config.shuffle, config.seed{pruned}){weighted}
    return {{
        "training": training,
        "validation": Batches(stored, listing, subsets.validation, config.batch_size),
        "test": Batches(stored, listing, subsets.test, config.batch_size),
    }}


config = Config()
keras.utils.set_random_seed(config.seed)
if len(sys.argv) != 2:
    sys.exit("Say which folder of photographs to train on: python train.py DIR")

# What can be used, and which of it the network learns from; the validation subset chooses the best epoch, and the test subset is held
# out until the end.
try:
    folder = paths.resolve(sys.argv[1])
    listing = dataset.read(folder, Corrections({corrected}))
    subsets = split.make(listing, config)
    data = batches_at({first})
except (InputError, OSError) as error:
    sys.exit(str(error))
for entry in listing.set_aside:
    print(f"left out: {{entry.path}}: {{entry.reason}}")
'''


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


def _started(config: Config, head: str) -> str:
    if not config.start_from:
        return ""
    change = {
        origin.NEW: "weights[-2:] = [np.zeros_like(weight) for weight in weights[-2:]]  # a new head, for other classes\n",
        origin.TURNED: "weights[-2:] = [-weight for weight in weights[-2:]]  # the head turned, for the same classes in the other order\n",
    }.get(head, "")
    return f"""
# It starts from the weights of another run, whose model is to lie beside this script.
before = {source.literal(config.start_from)}
start = Path(__file__).with_name("{START}")
if not start.exists():
    sys.exit(f"{{start}} is missing: put the model.keras of run {{before}} there, or of another one of this network.")
weights = keras.saving.load_model(start).get_weights()
{change}model.set_weights(weights)
"""


def _whitening(config: Config) -> str:
    if not config.patch_whitening:
        return ""
    return """
# The first convolution starts with filters that whiten small patches; random ones would have to find edges and colours first.
set_first_filters(model, data["training"].sample(SAMPLE_SIZE))
"""


def _evaluation(config: Config) -> str:
    loss = training.loss_name(config)
    return f"""
# How good it is. Only the test subset says what to expect on photographs that the network has never seen.
for subset, batches in data.items():
    photographs, labels = batches.images(0, batches.samples), batches.classes[:, None].astype("float32")
    measured = {training.trained(config)}.evaluate(photographs, labels, config.batch_size, verbose=0, return_dict=True)
    accuracy, loss = measured["accuracy"], measured["{loss}"]
    print(f"{{subset:10}}  accuracy {{accuracy:.4f}}  loss {{loss:.4f}}  photographs {{batches.samples}}")
"""
