"""The batch normalisation that a run trains with, compared with Keras' own."""

import keras
import numpy as np
import pytest

from catsdogs.networks import batch_normalization, registry
from catsdogs.settings.config import Config

RESNET = Config(model="resnet", target_size=32)


@pytest.fixture
def batch():
    random = np.random.default_rng(0)
    return random.integers(0, 256, (16, 32, 32, 3), dtype=np.uint8), random.integers(0, 2, (16, 1)).astype(np.float32)


def trained(model, batch, steps=3):
    """Its weights after some updates."""
    model.compile(keras.optimizers.SGD(0.01), "binary_crossentropy", jit_compile=False)
    for _ in range(steps):
        model.train_on_batch(*batch)
    return model.get_weights()


def test_it_learns_the_same_weights_and_statistics(batch):
    keras.utils.set_random_seed(0)
    plain = registry.build(RESNET)
    fused = batch_normalization.fuse(plain)
    before = plain.get_weights()
    for expected, found, start in zip(trained(plain, batch), trained(fused, batch), before, strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5, rtol=1e-4)
        assert not np.array_equal(expected, start)  # all were updated


def test_it_predicts_the_same_from_learned_statistics(batch, small_resnet):
    plain = registry.build(RESNET)
    fused = batch_normalization.fuse(plain)
    plain.set_weights(trained(fused, batch))
    np.testing.assert_allclose(fused.predict_on_batch(batch[0]), plain.predict_on_batch(batch[0]), atol=1e-5)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_in_16_bits_its_statistics_stay_in_float32(precision):
    plain = keras.layers.BatchNormalization(dtype=precision)
    fused = batch_normalization.BatchNormalization(dtype=precision)
    images = keras.ops.cast(np.random.default_rng(0).normal(5, 3, (8, 16, 16, 4)), plain.compute_dtype)
    assert fused(images, training=True).dtype == plain(images, training=True).dtype == plain.compute_dtype
    for found, expected in zip(fused.weights, plain.weights, strict=True):
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, expected, rtol=0.01)


def test_only_normalisation_is_replaced_trainable_or_not():
    plain = registry.build(Config(model="mobilenetv2", target_size=32))  # whose normalisation is untrainable
    fused = batch_normalization.fuse(plain)
    for before, after in zip(plain._flatten_layers(), fused._flatten_layers(), strict=True):
        is_normalisation = isinstance(before, keras.layers.BatchNormalization)
        assert type(after) is (batch_normalization.BatchNormalization if is_normalisation else type(before))
    assert len(fused.trainable_weights) == len(plain.trainable_weights) < len(plain.weights)
    for before, after in zip(plain.get_weights(), fused.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


def test_untrainable_statistics_stay(batch):
    layer = batch_normalization.BatchNormalization()
    layer.build((None, 32, 32, 3))
    layer.trainable = False
    before = layer.get_weights()
    layer(batch[0].astype(np.float32), training=True)
    for found, expected in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_other_backends_train_with_keras_own(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    model = registry.build(RESNET)
    assert batch_normalization.fuse(model) is model
