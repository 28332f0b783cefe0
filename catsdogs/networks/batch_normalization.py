"""Batch normalisation in one pass over memory, for training. Stored models have Keras' own layer, with the same weights.

Keras composes it of sums and products in float32, most of which take a pass each. TensorFlow has a single kernel for it, forward and
backward, also for bfloat16; benchmarks/normalisation.py measures what that saves in a training step.
"""

import keras


@keras.saving.register_keras_serializable(package="catsdogs")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer for (batch, height, width, channels) on TensorFlow; the same numbers except for rounding."""

    def call(self, inputs, training=None, mask=None):
        import tensorflow as tf  # only this backend has the kernel

        fused = tf.compat.v1.nn.fused_batch_norm
        scale, offset = self.gamma.value, self.beta.value
        if not (training and self.trainable):
            return fused(inputs, scale, offset, self.moving_mean.value, self.moving_variance.value, self.epsilon, is_training=False)[0]
        outputs, mean, variance = fused(inputs, scale, offset, epsilon=self.epsilon)
        count = tf.cast(tf.size(inputs) / inputs.shape[-1], variance.dtype)
        variance *= (count - 1) / count  # the kernel divides by count - 1, Keras by count
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
        self.moving_variance.assign(self.moving_variance * self.momentum + variance * (1 - self.momentum))
        return outputs


def fuse(model: keras.Model) -> keras.Model:
    """The model with this batch normalisation instead of Keras' and the same weights; the model itself on other backends."""
    if keras.backend.backend() != "tensorflow":
        return model
    fused = keras.models.clone_model(model, clone_function=_fused, recursive=True)
    fused.set_weights(model.get_weights())
    return fused


def _fused(layer: keras.Layer) -> keras.Layer:
    kind = BatchNormalization if type(layer) is keras.layers.BatchNormalization else type(layer)
    return kind.from_config(layer.get_config())
