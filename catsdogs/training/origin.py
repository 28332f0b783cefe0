"""The weights of the run that another one starts from, put into its network. Which run that can be is up to `runs.origin`."""

import keras
import numpy as np

from catsdogs.data import arrays, naming
from catsdogs.errors import InputError
from catsdogs.runs import origin as which
from catsdogs.runs import store
from catsdogs.settings import Config
from catsdogs.system import words


def keeps_head(config: Config, class_names: tuple[str, ...]) -> bool:
    """Whether the run that it starts from tells the same classes apart, however spelled: its last layer is of use then."""
    before = store.environment(store.load(config.start_from)).get("class_names", [])
    is_same = [naming.singular(name) for name in before] == [naming.singular(name) for name in class_names]
    return is_same or naming.labels_of(before) == naming.labels_of(class_names)


def load(network: keras.Model, config: Config, class_names: tuple[str, ...]) -> None:
    """Give the network the weights of that run; with other classes, all but those of the last layer, the head, which are zero.

    Zeros learn two classes from few images in a few steps, where random weights would have to be unlearned first.
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
    if not keeps_head(config, class_names):
        head = network.layers[-1]
        head.set_weights([np.zeros_like(weight) for weight in head.get_weights()])
