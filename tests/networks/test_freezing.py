"""Which layers of a network learn, of one with a backbone and of one without."""

import keras
import numpy as np
import pytest

from catsdogs.networks import batch_normalization, freezing, registry
from catsdogs.settings.config import Config

NETWORKS = [
    Config(model="resnet", target_size=32),
    Config(model="conv2d", target_size=32, dense_units=8),
    Config(model="mobilenetv2", target_size=32),
]


@pytest.fixture(params=NETWORKS, ids=lambda config: config.model)
def network(request, small_backbones, small_resnet):
    return batch_normalization.fuse(registry.build(request.param))


def test_a_fresh_network_is_not_frozen(network):
    assert not freezing.is_frozen(network)


def test_frozen_only_the_weights_of_the_head_change(network):
    freezing.freeze(network)
    assert freezing.is_frozen(network)
    changed = changes(network)
    assert changed[-2:] == [True, True] and not any(changed[:-2])


def test_unfrozen_everything_but_the_normalisation_changes(network):
    freezing.freeze(network)
    freezing.unfreeze(network)
    assert not freezing.is_frozen(network)
    kept = {id(weight) for layer in freezing.normalisations(network) for weight in layer.weights}
    assert {id(weight) for weight in network.trainable_weights} == {id(weight) for weight in network.weights} - kept
    changed = changes(network)
    assert changed[0] and not any(is_changed and id(weight) in kept for weight, is_changed in zip(network.weights, changed, strict=True))


def test_weights_keep_their_order(network):
    before = [weight.path for weight in network.weights]
    freezing.freeze(network)
    assert [weight.path for weight in network.weights] == before
    freezing.unfreeze(network)
    assert [weight.path for weight in network.weights] == before


def changes(network) -> list[bool]:
    """Whether each of the network's weights is another one after a step."""
    before = network.get_weights()
    network.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", run_eagerly=True)
    random = np.random.default_rng(0)
    network.train_on_batch(random.integers(0, 256, (8, 32, 32, 3), dtype=np.uint8), random.integers(0, 2, (8, 1)))
    return [not np.array_equal(*both) for both in zip(before, network.get_weights(), strict=True)]
