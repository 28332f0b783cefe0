"""Our own network: its layers, its size, how it starts, and that it learns."""

import keras
import numpy as np
import pytest

from catsdogs.networks import registry
from catsdogs.settings.config import Config


@pytest.fixture(scope="module")
def network():
    return registry.build(Config(model="resnet", target_size=64))


def test_all_layers_are_built_in_so_it_loads_anywhere(network):
    assert {type(layer).__module__.split(".")[0] for layer in network.layers} == {"keras"}


def test_stored_it_takes_at_most_ten_megabytes(network, tmp_path):
    network.save(tmp_path / "model.keras")
    assert (tmp_path / "model.keras").stat().st_size <= 10e6


def test_every_convolution_is_normalised_and_has_no_bias(network):
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    normalisations = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(convolutions) == len(normalisations) > 8
    assert not any(layer.use_bias for layer in convolutions)


def test_it_is_globally_pooled(network):
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds[-2:] == ["GlobalAveragePooling2D", "Dense"]
    assert "Flatten" not in kinds


def test_blocks_start_as_the_identity(network):
    """The last normalisation of each has gamma 0, so only the input passes."""
    additions = [layer for layer in network.layers if isinstance(layer, keras.layers.Add)]
    silent = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization) and not np.any(layer.gamma)]
    assert len(silent) == len(additions) >= 4


def test_it_learns_which_images_are_brighter():
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, (64, 1))
    images = (random.integers(0, 160, (64, 32, 32, 3)) + 90 * labels[:, :, None, None]).astype(np.uint8)
    keras.utils.set_random_seed(0)
    network = registry.build(Config(model="resnet", target_size=32))
    network.compile(keras.optimizers.AdamW(0.002), "binary_crossentropy", metrics=["accuracy"], jit_compile=False)  # as in a run
    network.optimizer.build(network.trainable_variables)  # else TensorFlow traces the step twice
    network.fit(images, labels, batch_size=16, epochs=9, verbose=0)
    assert network.evaluate(images, labels, verbose=0)[1] > 0.9
