"""Which layers of a network learn: its head, the layer of the output, alone at first, and everything else later.

What is frozen, and what no longer is, holds from the next `compile` on.
"""

import keras
from keras import layers


def freeze(network: keras.Model) -> None:
    """Train only the head."""
    for layer in _body(network):
        layer.trainable = False


def unfreeze(network: keras.Model) -> None:
    """Train everything except batch normalisation.

    New statistics would undo what was learned with the old ones. Untrainable, it runs in inference mode. Calling a backbone with
    training=False, as Keras' guide does, is not enough: `fit` overrides it (Keras 3.15, keras-team/keras issue 20285).
    """
    for layer in _body(network):
        layer.trainable = True
    for layer in normalisations(network):
        layer.trainable = False


def is_frozen(network: keras.Model) -> bool:
    """Whether only the head is trained."""
    return not any(layer.trainable_weights for layer in _body(network))


def normalisations(network: keras.Model) -> list[keras.Layer]:
    """The batch normalisation layers of a network and of those within it; some have none."""
    parts = [layer for part in network.layers for layer in (normalisations(part) if isinstance(part, keras.Model) else [part])]
    return [layer for layer in parts if isinstance(layer, layers.BatchNormalization)]


def _body(network: keras.Model) -> list[keras.Layer]:
    """All but the head, which comes last; a backbone is one of them."""
    return network.layers[:-1]
