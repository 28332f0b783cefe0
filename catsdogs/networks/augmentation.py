"""Augmentation as a Keras layer: an affine transform, a change of colours and a rectangle, drawn anew for each training image.

Settings have the names and meaning of Keras' `ImageDataGenerator`, as far as it has them. The layer changes a whole batch on the device,
from uint8 to uint8, so that a preview shows what the network gets. The arithmetic is in `warp`.
"""

import math
from typing import Any, NamedTuple

import keras
from keras import ops

from catsdogs.networks import warp
from catsdogs.settings.config import AUGMENTATION, Config

_ERASED = (0.02, 0.25)  # area of the smallest and the largest rectangle, relative to the image's
_ASPECT = 2  # highest ratio of a rectangle's sides
_LUMA = (0.299, 0.587, 0.114)  # weights of red, green and blue in grey; source: ITU-R BT.601


def layer(config: Config) -> "Augmentation":
    return Augmentation(seed=config.seed, **{name: getattr(config, name) for name in AUGMENTATION})


def core(config: Config, model: keras.Model) -> keras.Model:
    """The network within a model in training, without the augmentation that may be in front of it."""
    return model.layers[-1] if config.is_augmented else model


class Changes(NamedTuple):
    """What is drawn for the images of a batch, as `warp` describes it."""

    transforms: Any
    colours: Any
    offsets: Any
    boxes: Any
    paint: Any


@keras.saving.register_keras_serializable(package="catsdogs")
class Augmentation(keras.layers.Layer):
    """(batch, height, width, 3) uint8 -> the same shape and dtype; changed at random in training, unchanged otherwise."""

    def __init__(self, seed: int, name=None, trainable=True, dtype=None, **settings):
        """`settings` are those of AUGMENTATION that differ from the defaults of `Config`; a stored layer has its ranges as lists."""
        super().__init__(name=name, trainable=trainable, dtype=dtype)
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
        self.settings = {"seed": seed, **{name: getattr(Config, name) for name in AUGMENTATION}, **given}
        self.random = keras.random.SeedGenerator(seed)
        self._resample, self._repaint = map(warp.compiled, (warp.resample, warp.repaint))

    def call(self, images, training=False):
        if not training:
            return images
        drawn = self.draw(images)
        moved = self._resample(images, drawn.transforms, self.settings["fill_mode"])
        return self._repaint(moved, drawn.colours, drawn.offsets, drawn.boxes, drawn.paint)

    def draw(self, images) -> Changes:
        count, height, width, _ = ops.shape(images)  # height and width may be unknown until a batch comes
        height, width = ops.cast(height, "float32"), ops.cast(width, "float32")
        transforms = self._transforms(count, height, width)
        return Changes(transforms, *self._colours(images, count), *self._erased(count, height, width))

    def compute_output_spec(self, images, training=False):
        return keras.KerasTensor(images.shape, images.dtype)

    def get_config(self):
        return {**super().get_config(), **self.settings}

    def save_own_variables(self, store):  # Keras doesn't store a generator's state
        store["random"] = ops.convert_to_numpy(self.random.state)

    def load_own_variables(self, store):
        self.random.state.assign(store["random"])

    def _transforms(self, count, height, width):
        settings = self.settings
        radians = math.pi / 180
        return matrices(
            height,
            width,
            theta=self._symmetric(count, settings["rotation_range"] * radians),
            tx=self._symmetric(count, settings["width_shift_range"] * width),
            ty=self._symmetric(count, settings["height_shift_range"] * height),
            shear=self._symmetric(count, settings["shear_range"] * radians),
            zx=self._uniform(count, 1 - settings["zoom_range"], 1 + settings["zoom_range"]),
            zy=self._uniform(count, 1 - settings["zoom_range"], 1 + settings["zoom_range"]),
            flip=self._uniform(count, 0, 1) < (0.5 if settings["horizontal_flip"] else 0.0),
            upside_down=self._uniform(count, 0, 1) < 0.5 if settings["vertical_flip"] else None,
        )

    def _colours(self, images, count):
        """The factors of each image's colours, (batch, 3, 3), and the offsets, (batch,), for pixels from 0 to 255.

        Saturation moves a pixel away from its grey, contrast from the image's mean grey, as in Pillow's `ImageEnhance`.
        """
        brightness, contrast, saturation = (
            self._uniform(count, *self.settings[name])[:, None, None] for name in ("brightness_range", "contrast_range", "saturation_range")
        )
        luma = ops.convert_to_tensor(_LUMA, "float32")
        colours = brightness * contrast * (saturation * ops.eye(3) + (1 - saturation) * luma)
        if self.settings["contrast_range"] == (1.0, 1.0):
            return colours, ops.zeros((count,))
        grey = ops.sum(ops.mean(ops.cast(images, "float32"), axis=(1, 2)) * luma, axis=-1)
        return colours, (brightness * (1 - contrast))[:, 0, 0] * grey

    def _erased(self, count, height, width):
        """The rectangle to paint over in each image, (batch, 4) as top, bottom, left, right in px, and its colour, (batch, 3).

        Source: Z. Zhong et al., Random Erasing Data Augmentation (2020).
        """
        if not self.settings["random_erasing"]:
            return ops.zeros((count, 4)), ops.zeros((count, 3))
        area = self._uniform(count, *_ERASED) * height * width
        aspect = ops.exp(self._symmetric(count, math.log(_ASPECT)))
        tall, wide = ops.minimum(ops.sqrt(area * aspect), height), ops.minimum(ops.sqrt(area / aspect), width)
        tall = ops.where(self._uniform(count, 0, 1) < self.settings["random_erasing"], tall, 0.0)
        top, left = self._uniform(count, 0, 1) * (height - tall), self._uniform(count, 0, 1) * (width - wide)
        paint = keras.random.uniform((count, 3), 0, 255, dtype="float32", seed=self.random)
        return ops.stack([top, top + tall, left, left + wide], axis=-1), paint

    def _symmetric(self, count, most):
        return self._uniform(count, -most, most)

    def _uniform(self, count, low, high):
        return keras.random.uniform((count,), low, high, dtype="float32", seed=self.random)


def matrices(height, width, theta, tx, ty, shear, zx, zy, flip, upside_down=None):
    """The transforms of a batch as (batch, 8) float32, for `keras.ops.image.affine_transform`.

    All arguments after the sizes have shape (batch,): angles in radians, shifts in px (the content moves left by tx, up by ty), zoom
    factors of width and height, flip (sideways) and upside_down (None for no such flip) as bool. Output positions are mapped to input
    positions, about the centre, by rotation x shift x shear x zoom, as in `apply_affine_transform` of Keras' `ImageDataGenerator`; the
    flips come last.
    """
    cos, sin = ops.cos(theta), ops.sin(theta)
    # the linear part: input x from output x, input x from output y, and so on
    xx = cos * zx
    xy = -(cos * ops.sin(shear) + sin * ops.cos(shear)) * zy
    yx = sin * zx
    yy = (cos * ops.cos(shear) - sin * ops.sin(shear)) * zy
    middle_x, middle_y = width / 2 - 0.5, height / 2 - 0.5
    x0 = cos * tx - sin * ty + middle_x - xx * middle_x - xy * middle_y
    y0 = sin * tx + cos * ty + middle_y - yx * middle_x - yy * middle_y
    # flipped, column x of the output is what column width - 1 - x was
    x0, y0 = ops.where(flip, x0 + xx * (width - 1), x0), ops.where(flip, y0 + yx * (width - 1), y0)
    xx, yx = ops.where(flip, -xx, xx), ops.where(flip, -yx, yx)
    if upside_down is not None:
        x0, y0 = ops.where(upside_down, x0 + xy * (height - 1), x0), ops.where(upside_down, y0 + yy * (height - 1), y0)
        xy, yy = ops.where(upside_down, -xy, xy), ops.where(upside_down, -yy, yy)
    zero = ops.zeros_like(xx)
    return ops.stack([xx, xy, x0, yx, yy, y0, zero, zero], axis=-1)
