"""Keras' optimizer Muon for convolutional networks. Which optimizer a run has is said in `optimizers`."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="catsdogs")
class Muon(keras.optimizers.Muon):
    """Muon for the kernels of convolutions and Dense layers; AdamW for biases, normalisation and the one unit that answers.

    Keras leaves convolutions to AdamW. Here a kernel is taken as a matrix, a column for each filter: every update makes its
    columns orthogonal and is scaled to the size that AdamW's updates have. `compute_dtype` is the number format of that
    calculation. Sources: K. Jordan et al., Muon (2024); J. Liu et al., Muon is Scalable for LLM Training (2025), for the scale.
    """

    def __init__(self, learning_rate=0.02, compute_dtype="float32", **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.compute_dtype = compute_dtype

    def get_config(self):
        return {**super().get_config(), "compute_dtype": self.compute_dtype}

    def _should_use_adamw(self, variable):
        return len(variable.shape) < 2 or variable.shape[-1] == 1

    def zeropower_via_newtonschulz5(self, x, steps: int):
        matrix = ops.reshape(x, (-1, x.shape[-1]))
        matrix = matrix / (ops.norm(matrix) + 1e-7)  # before the format changes: bfloat16 loses small ones in a long sum
        orthogonal = super().zeropower_via_newtonschulz5(ops.cast(matrix, self.compute_dtype), steps)
        return ops.reshape(ops.cast(orthogonal, x.dtype), x.shape)

    def lr_adjust(self, x):
        rows = math.prod(x.shape[:-1])
        return x * (self.rms_rate * math.sqrt(max(rows, x.shape[-1])))
