"""Averaged weights, with which a network is validated and kept, and the batch normalisation that goes with them."""

import math

import keras
import numpy as np

from catsdogs.data.batches import Batches
from catsdogs.networks import freezing, generators

_FEWEST, _MOST = 512, 2048  # images to measure on; the layers' own statistics remember about as many
_SHARE = 1 / 8  # of the training images, so that measuring takes little of an epoch's time


class AveragedWeights(keras.callbacks.SwapEMAWeights):
    """While the averages are in the model, so are the statistics that batch normalisation finds with them.

    Its layers keep those of the weights that were trained, which can be far off: P. Izmailov et al., *Averaging Weights Leads to Wider
    Optima and Better Generalization*, 2018. `batches` are the training images, at the size of the current stage.
    """

    def __init__(self, batches: Batches, swap_on_epoch: bool = False):
        super().__init__(swap_on_epoch)
        self.batches = batches
        self._trained: list[np.ndarray] = []  # statistics, while those of the averages are in the model
        self._averaged: tuple[int, list[np.ndarray]] = (-1, [])  # the latter, and after which update they were measured

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        self._restore()

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        if self.swap_on_epoch:
            self._measure()

    def on_test_begin(self, logs=None):
        super().on_test_begin(logs)
        self._measure()

    def on_test_end(self, logs=None):
        super().on_test_end(logs)
        self._restore()

    def _measure(self) -> None:
        layers = self._layers()
        if not layers:
            return
        update = int(self.model.optimizer.iterations)
        self._trained = _values(_statistics(layers))
        if self._averaged[0] == update:
            _assign(_statistics(layers), self._averaged[1])
        else:
            count = max(_FEWEST, min(_MOST, round(_SHARE * self.batches.samples)))
            normalise(self.model, layers, self.batches.sample(count), self.batches.batch_size)
            self._averaged = update, _values(_statistics(layers))

    def _restore(self) -> None:
        if self._trained:
            _assign(_statistics(self._layers()), self._trained)
            self._trained = []

    def _layers(self) -> list[keras.layers.BatchNormalization]:
        return [layer for layer in freezing.normalisations(self.model) if layer.trainable]


def normalise(model: keras.Model, layers: list[keras.layers.BatchNormalization], images: np.ndarray, batch_size: int) -> None:
    """Give the layers the mean statistics of the images, (n, height, width, 3), in batches as in training, augmentation included.

    Random generators are left as they were.
    """
    states = generators.states(model)
    before, momenta = _values(states), [layer.momentum for layer in layers]
    count = math.ceil(len(images) / batch_size)
    for index in range(count):
        for layer in layers:
            layer.momentum = index / (index + 1)  # every batch counts the same in the end
        model(images[index::count], training=True)  # the images are in order of their classes
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    _assign(states, before)


def _statistics(layers: list[keras.layers.BatchNormalization]) -> list[keras.Variable]:
    return [variable for layer in layers for variable in (layer.moving_mean, layer.moving_variance)]


def _values(variables: list[keras.Variable]) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def _assign(variables: list[keras.Variable], values: list[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
