"""Averaged weights: the batch normalisation that goes with them, and that training doesn't notice any of it."""

import keras
import numpy as np
import pytest

from catsdogs.data import batches, dataset
from catsdogs.networks import freezing
from catsdogs.runs import history
from tests.running import AUGMENTED, create, stop_after

NORMALISED = {"model": "resnet", "target_size": 32, "learning_rate": 0.02, "batch_size": 11, "epochs": 1}  # four batches of 11


def test_batch_normalisation_has_the_statistics_that_images_have_with_the_averaged_weights(folder, tiny_resnet):
    """Not those of the weights before averaging, which a momentum this high keeps near the first ones."""
    run = stop_after(create(folder, ema_momentum=0.99, **NORMALISED), 1)
    images = batches.make(dataset.check(str(folder)), run.config)["training"].images(0, 44)
    model = keras.saving.load_model(run.model_path)
    first = freezing.normalisations(model)[0]
    seen = keras.Model(model.inputs, first.input).predict_on_batch(images)
    np.testing.assert_allclose(first.moving_mean, seen.mean((0, 1, 2)), rtol=0.02, atol=1e-3)
    assert np.array(first.moving_variance) == pytest.approx(seen.var((0, 1, 2)), rel=0.2), "as the mean of four batches' variances"


def test_training_goes_on_as_without_averages(folder, tiny_resnet):
    """With the statistics of the weights that are trained, and the same random numbers."""
    settings = NORMALISED | AUGMENTED | {"epochs": 2}
    averaged, plain = (stop_after(create(folder, **settings, ema_momentum=momentum), 2) for momentum in (0.5, 0))
    for name in ("loss", "accuracy"):
        of_each = [[epoch[name] for epoch in history.load(run)] for run in (averaged, plain)]
        np.testing.assert_allclose(*of_each, atol=2e-5)
    statistics = [_statistics(keras.saving.load_model(run.resume_path)) for run in (averaged, plain)]
    np.testing.assert_allclose(*statistics, atol=1e-3)


def _statistics(model: keras.Model) -> np.ndarray:
    return np.concatenate([np.ravel(layer.moving_mean) for layer in freezing.normalisations(model)])
