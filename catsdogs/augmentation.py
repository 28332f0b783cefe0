"""The random changes of training pictures: one affine transform and one change of brightness, as a Keras layer.

Names and meaning are those of Keras' `ImageDataGenerator`; the layer works on a whole batch, on the device, and draws new
numbers for every picture. uint8 goes in and comes out, so a preview shows what the network gets.
"""

import keras
from keras import ops

from catsdogs.config import AUGMENTATION, Config


def is_on(config: Config) -> bool:
    """Whether the configuration asks for any change."""
    return config.is_augmented


def layer(config: Config) -> "Augmentation":
    """The layer that makes the configuration's changes."""
    return Augmentation(seed=config.seed, **{name: getattr(config, name) for name in AUGMENTATION})


@keras.saving.register_keras_serializable(package="catsdogs")
class Augmentation(keras.layers.Layer):
    """(batch, height, width, 3) uint8 -> the same shape and type, changed at random in training and untouched otherwise."""

    def __init__(self, seed: int, rotation_range=0.0, width_shift_range=0.0, height_shift_range=0.0, shear_range=0.0,
                 zoom_range=0.0, horizontal_flip=False, vertical_flip=False, brightness_range=(1.0, 1.0), fill_mode="nearest",
                 **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.settings = {
            "seed": seed,
            "rotation_range": rotation_range,
            "width_shift_range": width_shift_range,
            "height_shift_range": height_shift_range,
            "shear_range": shear_range,
            "zoom_range": zoom_range,
            "horizontal_flip": horizontal_flip,
            "vertical_flip": vertical_flip,
            "brightness_range": tuple(brightness_range),
            "fill_mode": fill_mode,
        }
        self.random = keras.random.SeedGenerator(seed)

    def call(self, images, training=False):
        if not training:
            return images
        count, height, width, _ = ops.shape(images)  # the sides may be open until a batch comes
        pictures = ops.image.affine_transform(
            ops.cast(images, "float32"),
            self._transforms(count, ops.cast(height, "float32"), ops.cast(width, "float32")),
            interpolation="bilinear",
            fill_mode=self.settings["fill_mode"],
        )
        pictures = pictures * self._uniform(count, *self.settings["brightness_range"])[:, None, None, None]
        return ops.cast(ops.clip(ops.round(pictures), 0, 255), images.dtype)

    def compute_output_spec(self, images, training=False):
        return keras.KerasTensor(images.shape, images.dtype)

    def get_config(self):
        return {**super().get_config(), **self.settings}

    def save_own_variables(self, store):  # Keras leaves the state of a generator out
        store["random"] = ops.convert_to_numpy(self.random.state)

    def load_own_variables(self, store):
        self.random.state.assign(store["random"])

    def _transforms(self, count, height, width):
        settings = self.settings
        radians = 3.141592653589793 / 180
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

    def _symmetric(self, count, most):
        return self._uniform(count, -most, most)

    def _uniform(self, count, low, high):
        return keras.random.uniform((count,), low, high, dtype="float32", seed=self.random)


def matrices(height, width, theta, tx, ty, shear, zx, zy, flip, upside_down=None):
    """The transforms of a batch as (batch, 8) float32, as `keras.ops.image.affine_transform` takes them.

    All arguments after the sizes have shape (batch,): angles in radians, shifts in px (tx to the left, ty up, as the content
    moves), zoom factors of width and height, flip (sideways) and upside_down (None where there is no such flip) as bool. Output
    positions are mapped to input ones, about the centre, by rotation x shift x shear x zoom, as `apply_affine_transform` behind
    Keras' `ImageDataGenerator` does; the flips are last.
    """
    cos, sin = ops.cos(theta), ops.sin(theta)
    # the linear part, each entry of shape (batch,): input x from output x, input x from output y, and so on
    xx = cos * zx
    xy = -(cos * ops.sin(shear) + sin * ops.cos(shear)) * zy
    yx = sin * zx
    yy = (cos * ops.cos(shear) - sin * ops.sin(shear)) * zy
    middle_x, middle_y = width / 2 - 0.5, height / 2 - 0.5
    x0 = cos * tx - sin * ty + middle_x - xx * middle_x - xy * middle_y
    y0 = sin * tx + cos * ty + middle_y - yx * middle_x - yy * middle_y
    # mirrored: column x of the output is column width - 1 - x of the picture that was not
    x0, y0 = ops.where(flip, x0 + xx * (width - 1), x0), ops.where(flip, y0 + yx * (width - 1), y0)
    xx, yx = ops.where(flip, -xx, xx), ops.where(flip, -yx, yx)
    if upside_down is not None:
        x0, y0 = ops.where(upside_down, x0 + xy * (height - 1), x0), ops.where(upside_down, y0 + yy * (height - 1), y0)
        xy, yy = ops.where(upside_down, -xy, xy), ops.where(upside_down, -yy, yy)
    zero = ops.zeros_like(xx)
    return ops.stack([xx, xy, x0, yx, yy, y0, zero, zero], axis=-1)
