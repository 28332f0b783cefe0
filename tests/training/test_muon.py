"""The optimizer for convolutions: what it does to a kernel, to the rest, and over a stored model."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from catsdogs.training.muon import Muon


def network():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(16, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(6),
            layers.Dense(1),
        ]
    )


def stepped(optimizer, gradients, model):
    before = [weight.numpy() for weight in model.trainable_weights]
    optimizer.apply(gradients, model.trainable_weights)
    return [weight.numpy() - old for weight, old in zip(model.trainable_weights, before, strict=True)]


def drawn(model):
    random = np.random.default_rng(0)
    return [keras.ops.convert_to_tensor(random.normal(size=weight.shape).astype(np.float32)) for weight in model.trainable_weights]


def test_an_update_is_orthogonal_and_of_the_size_of_adamws():
    model = network()
    kernel, *_ = stepped(Muon(0.01, weight_decay=None), drawn(model), model)
    values = np.linalg.svd(kernel.reshape(-1, 16), compute_uv=False)
    assert values.max() / values.min() < 2  # of the gradient itself it is about 3.5; the iteration stops short of 1
    assert np.sqrt(np.mean(kernel**2)) == pytest.approx(0.2 * 0.01, rel=0.25)


@pytest.mark.parametrize("exact_steps", [2, 5])
@pytest.mark.parametrize("shape", [(3, 3, 4, 20), (30, 8), (8, 30), (16, 16)])
def test_for_a_matrix_it_is_keras_own_update(shape, exact_steps):
    columns = shape[-1]
    random = np.random.default_rng(2)
    gradient = (random.normal(size=(np.prod(shape[:-1]), columns)) * np.logspace(0, -4, columns)).astype(np.float32)
    ours, theirs = (keras.Variable(np.zeros(size, np.float32)) for size in (shape, gradient.shape))
    Muon(0.01, exact_steps=exact_steps, weight_decay=None).apply([ops.convert_to_tensor(gradient.reshape(shape))], [ours])
    keras.optimizers.Muon(0.01, weight_decay=None).apply([ops.convert_to_tensor(gradient)], [theirs])
    np.testing.assert_allclose(ours.numpy().reshape(gradient.shape), theirs.numpy(), atol=1e-5 * np.abs(theirs.numpy()).max() + 2e-6)


def test_adamw_updates_all_but_kernels_and_the_output():
    model, same = network(), network()
    same.set_weights(model.get_weights())
    gradients = drawn(model)
    ours = stepped(Muon(0.01, weight_decay=0.05, adam_weight_decay=0.05), gradients, model)
    theirs = stepped(keras.optimizers.AdamW(0.01, weight_decay=0.05), gradients, same)
    for weight, update, reference in zip(model.trainable_weights, ours, theirs, strict=True):
        is_kernel = len(weight.shape) > 1 and weight.shape[-1] > 1
        assert np.allclose(update, reference, atol=1e-6) != is_kernel, weight.path


def test_it_learns_and_a_stored_model_goes_on_as_it_would_have(tmp_path):
    random = np.random.default_rng(1)
    pictures = random.normal(size=(64, 8, 8, 3)).astype(np.float32)
    labels = (pictures[:, :4].mean(axis=(1, 2, 3)) > 0).astype(np.float32)[:, None]
    model = network()
    model.compile(Muon(0.01), keras.losses.BinaryCrossentropy(from_logits=True))
    losses = [model.train_on_batch(pictures, labels) for _ in range(30)]
    assert losses[-1] < losses[0] / 1.5
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    assert loaded.train_on_batch(pictures, labels) == pytest.approx(model.train_on_batch(pictures, labels), abs=1e-5)
    assert loaded.evaluate(pictures, labels, verbose=0) == pytest.approx(model.evaluate(pictures, labels, verbose=0), abs=1e-4)
