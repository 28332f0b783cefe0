"""The weights of the run that another one starts from, put into its network. Which run that can be is up to `runs.origin`."""

import keras

from catsdogs.data import arrays, naming
from catsdogs.errors import InputError
from catsdogs.runs import origin as which
from catsdogs.runs import store
from catsdogs.settings import Config
from catsdogs.system import words

KEPT, TURNED, NEW = "kept", "turned", "new"  # what becomes of the head, as environments of runs and their scripts have it


def head_of(config: Config, class_names: tuple[str, ...]) -> str:
    """What becomes of the last layer, the head, of the run that it starts from: KEPT where that tells the same classes apart, however
    spelled; TURNED where they are in the other order, as `Hunde` and `Katzen` are; NEW where they are others.
    """
    before = store.environment(store.load(config.start_from)).get("class_names", [])
    for called in (naming.singulars_of, naming.labels_of):
        if called(before) == called(class_names):
            return KEPT
        if called(before) == called(class_names[::-1]):
            return TURNED
    return NEW


def load(network: keras.Model, config: Config, class_names: tuple[str, ...]) -> None:
    """Give the network the weights of that run; with other classes, all but those of the head, which are zero.

    The head's one output is the probability of the second class, so it is turned by its sign. Zeros learn two classes from few images in a
    few steps, where random weights would have to be unlearned first.
    Raises InputError where the run is gone, its weights don't fit, or its model can't be read.
    """
    which.require(config)
    path = store.load(config.start_from).model_path
    try:
        stored = keras.saving.load_model(path)
    except arrays.RAISED as error:
        reason = words.first_line(error)
        raise InputError(f"start_from = {config.start_from!r}: {path} can't be read ({reason}). Start from another run.") from error
    network.set_weights(stored.get_weights())
    factor = {KEPT: 1, TURNED: -1, NEW: 0}[head_of(config, class_names)]
    head = network.layers[-1]
    head.set_weights([factor * weight for weight in head.get_weights()])
