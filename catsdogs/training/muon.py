"""Keras' optimizer Muon, extended to convolutional networks. `optimizers` chooses the optimizer of a run."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="catsdogs")
class Muon(keras.optimizers.Muon):
    """Muon for the kernels of convolutions and Dense layers; AdamW for biases, normalisation and the output unit.

    Keras leaves convolutions to AdamW. Here a kernel is taken as a matrix, a column for each filter: every update makes its
    columns orthogonal and is scaled to the size that AdamW's updates have. Sources: K. Jordan et al., Muon (2024); J. Liu et al.,
    Muon is Scalable for LLM Training (2025), for the scale.

    The Newton-Schulz iteration that does it is Keras', but on the products of the columns with each other: the matrix itself, many
    times larger, is multiplied only before and after. Each iteration magnifies small errors 12-fold; so where products are rounded,
    as float32 is by default on a GPU, they are computed anew after `exact_steps` iterations.
    """

    def __init__(self, learning_rate=0.02, exact_steps=2, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.exact_steps = exact_steps

    def get_config(self):
        return {**super().get_config(), "exact_steps": self.exact_steps}

    def _should_use_adamw(self, variable):
        return len(variable.shape) < 2 or variable.shape[-1] == 1

    def _muon_update_step(self, gradient, variable, lr, m):
        self.assign(m, gradient + self.momentum * m)
        ahead = gradient + self.momentum * m if self.nesterov else m
        rows, columns = math.prod(variable.shape[:-1]), variable.shape[-1]
        matrix = ops.reshape(ahead, (rows, columns))
        if rows < columns:
            matrix = ops.transpose(matrix)
        scale = lr * self.rms_rate * math.sqrt(max(rows, columns))
        for start in range(0, self.ns_steps, self.exact_steps):
            iterations = min(self.exact_steps, self.ns_steps - start)
            factor = self._orthogonalizer(matrix, iterations, is_first=start == 0)
            matrix = matrix @ (factor * (scale if start + iterations == self.ns_steps else 1))
        if rows < columns:
            matrix = ops.transpose(matrix)
        self.assign_sub(variable, ops.reshape(matrix, variable.shape))

    def _orthogonalizer(self, matrix, iterations: int, is_first: bool):
        """The factor that takes the columns of a matrix that many iterations nearer to orthogonality."""
        products = ops.transpose(matrix) @ matrix
        square = ops.trace(products) + 1e-14 if is_first else 1.0  # of the norm: no singular value is above 1 then
        products = products / square
        whole = ops.eye(products.shape[0]) / ops.sqrt(square)
        for _ in range(iterations):
            step = self.muon_a * ops.eye(products.shape[0]) + self.muon_b * products + self.muon_c * (products @ products)
            whole = step @ whole
            products = step @ products @ step
        return whole
