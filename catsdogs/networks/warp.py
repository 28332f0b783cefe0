"""The arithmetic of augmentation: where each pixel comes from, and its colour. `augmentation` draws the random numbers.

Each of these two steps compiles to one loop over the pixels; Keras' own `affine_transform` does only the first.
"""

from functools import lru_cache

import keras
from keras import ops


@lru_cache
def compiled(function):
    """The function compiled by XLA into one loop, on TensorFlow; JAX compiles the whole training step anyway.

    Outside a training step, as in a preview, it is only traced, once for images of any size: XLA takes half a second for each size.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    fused, traced = tf.function(function, jit_compile=True), tf.function(function, reduce_retracing=True)

    def call(*arguments):
        return (traced if tf.executing_eagerly() else fused)(*arguments)

    return call


def resample(images, transforms, fill_mode: str):
    """(batch, height, width, 3) uint8 -> the same shape in float32, still 0 to 255, interpolated bilinearly.

    `transforms`, (batch, 8), map output positions to input positions, as in `keras.ops.image.affine_transform`.
    """
    count, height, width, _ = ops.shape(images)
    rows, columns = ops.arange(height, dtype="float32")[None, :, None], ops.arange(width, dtype="float32")[None, None, :]
    xx, xy, x0, yx, yy, y0, *_ = (transforms[:, index, None, None] for index in range(8))
    left, right, across, shown = _neighbours(xx * columns + xy * rows + x0, width, fill_mode)
    above, below, down, shown_too = _neighbours(yx * columns + yy * rows + y0, height, fill_mode)
    flat = ops.reshape(images, (-1, 3))
    first = ops.arange(count, dtype="int32")[:, None, None] * height * width
    corners = [
        ops.cast(ops.take(flat, first + row * width + column, axis=0), "float32") for row in (above, below) for column in (left, right)
    ]
    upper, lower = (before + (after - before) * across[..., None] for before, after in (corners[:2], corners[2:]))
    found = upper + (lower - upper) * down[..., None]
    return found * ops.cast(shown & shown_too, "float32")[..., None] if fill_mode == "constant" else found


def repaint(images, colours, offsets, boxes, paint):
    """(batch, height, width, 3) float32 -> the same shape in uint8.

    Pixels are multiplied by `colours`, (batch, 3, 3) from the last axis, and `offsets`, (batch,), are added. Those in `boxes`,
    (batch, 4) as top, bottom, left, right in px, get the colour `paint`, (batch, 3).
    """
    _, height, width, _ = ops.shape(images)
    rows, columns = ops.arange(height, dtype="float32")[None, :, None], ops.arange(width, dtype="float32")[None, None, :]
    # channel by channel, as XLA would not fuse a matrix product with the rest
    channels = [
        sum(images[..., source] * colours[:, None, None, goal, source] for source in range(3)) + offsets[:, None, None] for goal in range(3)
    ]
    top, bottom, left, right = (boxes[:, index, None, None] for index in range(4))
    inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    painted = ops.where(inside[..., None], paint[:, None, None], ops.stack(channels, axis=-1))
    return ops.cast(ops.clip(ops.round(painted), 0, 255), "uint8")


def _neighbours(position, side, fill_mode: str):
    """The two pixels around each position, the weight of the second, and whether the position is inside the image."""
    length = ops.cast(side, "float32")
    inside = (position > -0.5) & (position < length - 0.5)
    if fill_mode == "reflect":  # the edge twice: dcba|abcd|dcba
        folded = _remainder(position + 0.5, 2 * length)
        position = ops.minimum(folded, 2 * length - folded) - 0.5
    position = _remainder(position, length) if fill_mode == "wrap" else ops.clip(position, 0, length - 1)
    before = ops.minimum(ops.floor(position), length - 1)  # a remainder may be rounded up to the length
    share = position - before
    before = ops.cast(before, "int32")
    after = ops.where(before + 1 < side, before + 1, 0) if fill_mode == "wrap" else ops.minimum(before + 1, side - 1)
    return before, after, share, inside


def _remainder(value, divisor):
    """`ops.mod` for floats, of operations that XLA fuses with the rest."""
    return value - divisor * ops.floor(value / divisor)
