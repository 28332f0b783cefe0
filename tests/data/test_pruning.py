"""Which photographs an epoch leaves out, and where it knows from how well they are learned."""

import keras
import numpy as np
import pytest

from catsdogs.data import batches, dataset, pruning
from catsdogs.settings.config import Config
from tests.images import photographs


def chosen(losses, share, seed=0):
    return pruning.choose(np.array(losses, np.float32), share, np.random.default_rng(seed))


@pytest.fixture
def training(tmp_path):
    """The training part of 50 photographs, a quarter left out."""
    folder = photographs(tmp_path / "photos", {"cats": 25, "dogs": 25})
    return batches.make(dataset.check(folder), Config(target_size=32, batch_size=8, data_pruning=0.25))["training"]


def test_half_of_the_lowest_losses_is_left_out():
    losses = np.random.default_rng(1).permutation(100) / 100
    rows, weights = chosen(losses, 0.3)
    assert len(set(rows)) == len(rows) == 70
    easy = losses[rows] < 0.6
    assert easy.sum() == 30 and (~easy).sum() == 40
    assert weights[rows].mean() == pytest.approx(1)
    assert set(weights[rows][easy] / weights[rows][~easy][0]) == {2}
    assert np.abs(np.diff(easy.astype(int))).sum() > 10, "they are not in a random order"


def test_epochs_differ_and_on_average_images_weigh_the_same():
    losses = np.random.default_rng(1).permutation(40) / 40
    counts = np.zeros(40)
    for seed in range(2000):
        rows, weights = chosen(losses, 0.25, seed)
        counts[rows] += weights[rows]
    np.testing.assert_allclose(counts / counts.mean(), 1, atol=0.15)


def test_a_photograph_that_was_not_trained_on_yet_is_not_left_out():
    rows, weights = chosen([0.1, np.nan, 0.2, 0.3, 0.4, np.nan, 5, 6, 7, 8], 0.2)
    assert {1, 5, 6, 7, 8, 9} < set(rows) and len(rows) == 8
    assert len(set(weights[[1, 5, 6, 7, 8, 9]])) == 1


def test_without_losses_any_are_left_out_and_weigh_the_same():
    rows, weights = chosen([np.nan] * 50, 0.4)
    assert len(set(rows)) == 30 and set(weights) == {1}
    assert set(rows) != set(chosen([np.nan] * 50, 0.4, seed=1)[0])


def test_the_epoch_after_one_whose_losses_were_noted_goes_by_them(training):
    assert training.samples > 30 and len(training) == -(-round(0.75 * training.samples) // 8)
    low = np.arange(training.samples) < training.samples // 2
    for epoch in (1, 2):  # in the second one those that the first one left out
        for index in range(len(training)):
            _, labels, weights = training[index]
            assert labels.shape == (len(weights), 1) and weights.dtype == np.float32
            rows = [training.filenames.index(name) for name in names(training, index)]
            training.record_losses(index, np.where(low[rows], 0.1, 2.0))
        training.start_epoch(epoch)
    trained_on = [training.filenames.index(name) for index in range(len(training)) for name in names(training, index)]
    assert set(np.flatnonzero(~low)) <= set(trained_on), "a photograph with a high loss was left out"


def names(training, index):
    """The names of the photographs of a batch, found by their pixels."""
    known = {picture.tobytes(): name for picture, name in zip(training.images(0, training.samples), training.filenames, strict=True)}
    return [known[picture.tobytes()] for picture in training[index][0]]


def test_keras_tells_callbacks_the_loss_of_each_picture_of_a_batch(training):
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=[pruning.Losses(8)])
    losses_of = {}

    class Listener(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            pictures, labels, _ = training[batch]
            losses_of[batch] = [np.asarray(keras.losses.binary_crossentropy(labels, self.model(pictures / np.float32(1))))]

        def on_train_batch_end(self, batch, logs=None):
            losses_of[batch].append(np.asarray(logs[pruning.METRIC]))

    model.fit(training, epochs=1, shuffle=False, verbose=0, callbacks=[Listener()])
    assert len(losses_of) == len(training)
    for expected, losses in losses_of.values():
        np.testing.assert_allclose(losses[: len(expected)], expected, rtol=1e-3, atol=1e-5)
        assert losses.shape == (8,) and not losses[len(expected) :].any()
