"""Class weights, with which unequal classes count the same in training: the setting `class_weight`.

Keras' `fit` takes no `class_weight` for data that has sample weights, which `data_pruning` needs. So the weights of the classes become
sample weights, too, and `data.batches` multiplies both: a gradient is the one that Keras' `class_weight` gives. As there, they apply to
the training loss alone: the validation loss, which chooses the epoch, counts every photograph once.
"""

import keras
import numpy as np
from keras import ops

from catsdogs.settings.config import Config

TRUE_LOSS = "cross_entropy"  # the metric that is reported as the loss where the loss itself is of smoothed labels or weighted classes


def class_weights(config: Config, classes: np.ndarray) -> tuple[float, float] | None:
    """What a photograph of either class weighs, 1 on average, so that both classes weigh the same: n / (2 × those of its class).

    `classes`, 0 or 1, shape (n,), are those of the photographs to train on. None where all weigh the same.
    """
    if config.class_weight == "none":
        return None
    first, second = np.bincount(classes, minlength=2)
    return len(classes) / (2 * float(first)), len(classes) / (2 * float(second))


def image_weights(config: Config, classes: np.ndarray) -> np.ndarray | None:
    """The weight of each of these photographs, (n,) float32. None where all weigh the same."""
    weights = class_weights(config, classes)
    return None if weights is None else np.array(weights, np.float32)[classes]


def metrics(weights: tuple[float, float] | None) -> list[keras.metrics.Metric]:
    """Accuracy and cross-entropy that count every photograph once, whatever its class weighs, as those of validation do."""
    return [Accuracy(weights or (1.0, 1.0), name="accuracy"), CrossEntropy(weights or (1.0, 1.0), name=TRUE_LOSS)]


class _WithoutClassWeights:
    """A metric that takes the class weights out of the sample weights again; what `data_pruning` has put there stays."""

    def __init__(self, class_weights: tuple[float, float], **kwargs):
        super().__init__(**kwargs)
        self.class_weights = tuple(class_weights)

    def update_state(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None:  # as it is in validation
            first, second = self.class_weights
            sample_weight = sample_weight / ops.where(ops.reshape(y_true, ops.shape(sample_weight)) < 0.5, first, second)
        return super().update_state(y_true, y_pred, sample_weight)

    def get_config(self):
        return {**super().get_config(), "class_weights": self.class_weights}


@keras.saving.register_keras_serializable(package="catsdogs")
class Accuracy(_WithoutClassWeights, keras.metrics.BinaryAccuracy):
    """Keras' own, but for the class weights."""


@keras.saving.register_keras_serializable(package="catsdogs")
class CrossEntropy(_WithoutClassWeights, keras.metrics.BinaryCrossentropy):
    """Keras' own, but for the class weights."""
