"""Data pruning: each epoch leaves out half of the training images with the lowest losses, so that it takes less time.

Each image of the other half counts twice, so that the gradients stay the same on average. The loss of an image is that of the last time
it was trained on. Source: Z. Qin et al., InfoBatch (2024), whose threshold is the mean loss; here it is a rank, so that every epoch has
the same number of steps. `training.callbacks` records the losses.
"""

import keras
import numpy as np
from keras import ops

METRIC = "losses"


def choose(losses: np.ndarray, share: float, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The rows that an epoch trains on, in random order, and the weights of all rows, (n,) float32, 1 on average over the chosen ones.

    `losses`, (n,), are NaN for images that have not been trained on, which counts as a high loss. A `share` of the n is left out, drawn
    from the twice as many with the lowest losses; at random as long as no loss is known.
    """
    count = round(len(losses) * share)
    ranked = np.lexsort((random.random(len(losses)), losses))  # NaN comes last
    easy, hard = random.permutation(ranked[: 2 * count]), ranked[2 * count :]
    kept = easy[:count]
    weights = np.ones(len(losses), np.float32)
    weights[kept[np.isfinite(losses[kept])]] = 2
    rows = random.permutation(np.concatenate([kept, hard]))
    return rows, weights / weights[rows].mean()


@keras.saving.register_keras_serializable(package="catsdogs")
class Losses(keras.metrics.Metric):
    """The cross-entropy of each image of the last batch, shape (batch size,), padded with zeros.

    Keras passes a result that is not a scalar to callbacks as it is.
    """

    def __init__(self, batch_size: int, name=METRIC, **kwargs):
        super().__init__(name=name, **kwargs)
        self.batch_size = batch_size
        self.last = self.add_variable((batch_size,), initializer="zeros", name="last")

    def update_state(self, y_true, y_pred, sample_weight=None):
        losses = ops.cast(keras.losses.binary_crossentropy(y_true, y_pred), self.dtype)
        self.last.assign(ops.pad(losses, [(0, self.batch_size - ops.shape(losses)[0])]))

    def result(self):
        return ops.copy(self.last)

    def get_config(self):
        return {**super().get_config(), "batch_size": self.batch_size}
