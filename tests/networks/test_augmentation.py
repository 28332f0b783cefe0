"""Augmentation, compared with Keras' own transforms, and with what each setting promises."""

import keras
import numpy as np
import pytest
from keras.src.legacy.preprocessing.image import apply_affine_transform

from catsdogs.networks import augmentation, warp
from catsdogs.settings.choices import FILL_MODES
from catsdogs.settings.config import AUGMENTATION, Config

EVERYTHING = {
    "rotation_range": 40,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 20,
    "zoom_range": 0.2,
    "horizontal_flip": True,
    "vertical_flip": True,
    "brightness_range": (0.7, 1.3),
    "contrast_range": (0.6, 1.4),
    "saturation_range": (0.2, 1.8),
    "random_erasing": 0.5,
}
LUMA = (0.299, 0.587, 0.114)  # the weights of red, green and blue in grey
DOT = 200  # the brightness of the dot, which interpolation spreads over its neighbours


def smooth(count, height, width):
    """Images without edges, on which two ways of interpolating agree."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    waves = [np.sin(5 * x * (1 + n / 7) + n) + np.cos(4 * y - n / 3) + np.sin(3 * x * y + n / 2) for n in range(3 * count)]
    images = np.stack(waves).reshape(count, 3, height, width).transpose(0, 2, 3, 1)
    return (127 + 40 * images).astype(np.float32)


def transformed(images, **parameters):
    """Through `matrices`; parameters left out change nothing."""
    count, height, width = images.shape[:3]
    still = {"theta": 0.0, "tx": 0.0, "ty": 0.0, "shear": 0.0, "zx": 1.0, "zy": 1.0}
    values = {name: np.broadcast_to(np.float32(parameters.get(name, value)), count) for name, value in still.items()}
    flips = {name: np.broadcast_to(parameters.get(name, False), count) for name in ("flip", "upside_down")}
    matrices = augmentation.matrices(height, width, **values, **flips)
    return np.asarray(warp.resample(keras.ops.convert_to_tensor(images), matrices, "nearest"))


def augmented(images, seed=0, **settings):
    """Through the layer, in training."""
    return np.asarray(augmentation.layer(Config(seed=seed, **settings))(images, training=True))


def dots(count, height, width):
    """Black images with one bright dot in the middle."""
    images = np.zeros((count, height, width, 3), np.uint8)
    images[:, height // 2, width // 2] = DOT
    return images


def centres(images):
    """(rows, columns) of the centre of brightness of each image, relative to the dot in `dots`."""
    weights = images[..., 0].astype(float)
    weights /= weights.sum(axis=(1, 2), keepdims=True)
    height, width = weights.shape[1:]
    rows, columns = weights.sum(axis=2) @ np.arange(height), weights.sum(axis=1) @ np.arange(width)
    return rows - height // 2, columns - width // 2


@pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")  # Keras' own import of SciPy
@pytest.mark.parametrize("flipped", [False, True])
def test_the_transform_is_that_of_keras_generator(flipped):
    random, images = np.random.default_rng(1), smooth(12, 40, 40)
    degrees, slant = random.uniform(-40, 40, 12), random.uniform(-20, 20, 12)
    sideways, upright = random.uniform(-8, 8, (2, 12))
    zx, zy = random.uniform(0.8, 1.2, (2, 12))
    ours = transformed(images, theta=np.deg2rad(degrees), tx=sideways, ty=upright, shear=np.deg2rad(slant), zx=zx, zy=zy, flip=flipped)
    for index, image in enumerate(images):
        theirs = apply_affine_transform(
            image,
            degrees[index],
            sideways[index],
            upright[index],
            slant[index],
            zx[index],
            zy[index],
            row_axis=0,
            col_axis=1,
            channel_axis=2,
        )
        np.testing.assert_allclose(ours[index], theirs[:, ::-1] if flipped else theirs, atol=0.6)
        assert np.abs(theirs - image).max() > 10


def test_shift_and_flip_of_an_image_that_is_not_square():
    images = smooth(1, 24, 40)
    moved = transformed(images, tx=3, ty=-2)
    np.testing.assert_allclose(moved[0, 2:, :-3], images[0, :-2, 3:], atol=1e-3)
    np.testing.assert_allclose(transformed(images, flip=True), images[:, :, ::-1], atol=1e-3)
    np.testing.assert_allclose(transformed(images, upside_down=True), images[:, ::-1], atol=1e-3)
    np.testing.assert_allclose(transformed(images, tx=3, ty=-2, flip=True), moved[:, :, ::-1], atol=1e-3)
    turned = {"theta": 0.4, "tx": 3, "shear": 0.2, "zx": 1.1}
    np.testing.assert_allclose(transformed(images, **turned, flip=True), transformed(images, **turned)[:, :, ::-1], atol=1e-2)
    both = transformed(images, **turned, flip=True, upside_down=True)
    np.testing.assert_allclose(both, transformed(images, **turned)[:, ::-1, ::-1], atol=1e-2)


@pytest.mark.parametrize(("name", "across"), [("width_shift_range", 1), ("height_shift_range", 0)])
def test_a_shift_moves_within_its_range_in_its_direction_only(name, across):
    """Keras' own generator swaps the two directions; ours goes by the name."""
    moved = centres(augmented(dots(300, 40, 60), **{name: 0.2}))
    most = 0.2 * (40, 60)[across]
    assert np.abs(moved[1 - across]).max() < 0.02
    assert 0.9 * most < moved[across].max() <= most + 0.1
    assert -most - 0.1 <= moved[across].min() < -0.9 * most


def test_a_rotation_turns_within_its_range_about_the_centre():
    images = np.zeros((300, 41, 41, 3), np.uint8)
    images[:, 20, 32:35] = DOT
    rows, columns = centres(augmented(images, rotation_range=30))
    angles = np.rad2deg(np.arctan2(rows, columns))
    assert 27 < angles.max() <= 30.3 and -30.3 <= angles.min() < -27
    np.testing.assert_allclose(np.hypot(rows, columns), 13, atol=0.3)


def test_a_zoom_scales_height_and_width_independently():
    images = np.zeros((300, 41, 41, 3), np.uint8)
    images[:, 10, 20] = images[:, 20, 30] = DOT  # one above the centre, one right of it
    zoomed = augmented(images, zoom_range=0.25)
    rows, _ = centres(zoomed * (np.arange(41) < 25)[:, None].astype(np.uint8))
    _, columns = centres(zoomed * (np.arange(41) > 22)[:, None].astype(np.uint8))
    heights, widths = -rows / 10, columns / 10
    for factors in (heights, widths):
        assert 1 / 1.26 < factors.min() < 0.85 and 1.2 < factors.max() < 1 / 0.74
    assert np.corrcoef(heights, widths)[0, 1] < 0.3


def test_a_shear_slants_within_its_range_and_does_no_more():
    images = np.zeros((300, 41, 41, 3), np.uint8)
    images[:, 8, 20] = DOT
    rows, columns = centres(augmented(images, shear_range=30))
    assert np.abs(columns).max() <= 12 * np.tan(np.deg2rad(30)) + 0.2
    assert np.abs(columns).max() > 12 * np.sin(np.deg2rad(27))
    assert np.abs(rows + 12).max() < 12 * (1 / np.cos(np.deg2rad(30)) - 1) + 0.2


def test_brightness_multiplies_by_a_factor_in_its_range():
    images = np.full((300, 8, 8, 3), 100, np.uint8)
    bright = augmented(images, brightness_range=(0.5, 1.5))
    assert (bright == bright[:, :1, :1, :1]).all()
    factors = bright[:, 0, 0, 0] / 100
    assert 0.5 <= factors.min() < 0.53 and 1.47 < factors.max() <= 1.5
    assert abs(factors.mean() - 1) < 0.06
    assert augmented(np.full_like(images, 200), brightness_range=(1.5, 1.6)).min() == 255


def colourful(count):
    """Images of two colours, one in each half."""
    images = np.empty((count, 8, 8, 3), np.uint8)
    images[:, :, :4], images[:, :, 4:] = (150, 100, 50), (90, 110, 130)
    return images


def test_contrast_scales_about_the_mean_grey():
    images = colourful(300)
    mean = (images @ LUMA).mean()
    changed = augmented(images, contrast_range=(0.5, 1.5)).astype(float)
    factors = (changed[:, 0, 0, 0] - mean) / (150 - mean)
    np.testing.assert_allclose(changed, mean + factors[:, None, None, None] * (images - mean), atol=1.6)  # rounded twice
    assert 0.49 < factors.min() < 0.53 and 1.47 < factors.max() < 1.51


def test_saturation_scales_about_the_grey_of_each_pixel():
    images = colourful(300)
    grey = images @ LUMA
    changed = augmented(images, saturation_range=(0.0, 2.0)).astype(float)
    np.testing.assert_allclose(changed @ LUMA, grey, atol=1)
    factors = (changed[:, 0, 0, 0] - grey[0, 0, 0]) / (150 - grey[0, 0, 0])
    assert -0.01 < factors.min() < 0.04 and 1.96 < factors.max() < 2.02
    assert np.ptp(changed[factors.argmin()], axis=-1).max() <= 3  # all but grey


def test_random_erasing_paints_one_rectangle_of_one_colour():
    images = np.random.default_rng(0).integers(0, 256, (400, 40, 60, 3), dtype=np.uint8)
    different = (augmented(images, random_erasing=0.25) != images).any(axis=-1)
    erased = different.any(axis=(1, 2))
    assert 75 < erased.sum() < 125
    for image, changed in zip(augmented(images, random_erasing=1.0), images, strict=True):
        rows, columns = np.nonzero((image != changed).any(axis=-1))
        inside = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert (inside == inside[0, 0]).all()
        assert 0.01 < inside.size / image.size < 0.28


@pytest.mark.parametrize(("name", "axis"), [("horizontal_flip", 2), ("vertical_flip", 1)])
def test_half_of_the_images_are_flipped(name, axis):
    images = np.random.default_rng(0).integers(0, 256, (400, 8, 8, 3), dtype=np.uint8)
    changed = augmented(images, **{name: True})
    mirrored = (changed == np.flip(images, axis)).all(axis=(1, 2, 3))
    same = (changed == images).all(axis=(1, 2, 3))
    assert (mirrored ^ same).all()
    assert 160 < mirrored.sum() < 240


def test_all_switched_off_changes_nothing():
    images = np.random.default_rng(0).integers(0, 256, (20, 33, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(augmented(images), images)


def test_open_height_and_width_give_the_same_images():
    images = smooth(6, 32, 48).astype(np.uint8)
    layer = augmentation.layer(Config(seed=4, **EVERYTHING))
    open_sides = keras.Sequential([keras.Input((None, None, 3), dtype="uint8"), layer])
    changed = np.asarray(open_sides(images, training=True))
    np.testing.assert_array_equal(changed, augmented(images, seed=4, **EVERYTHING))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="is compiled by XLA on TensorFlow only")
def test_a_training_step_changes_images_as_a_preview_does():
    import tensorflow as tf

    images = smooth(9, 48, 40).astype(np.uint8)
    layer = augmentation.layer(Config(seed=4, fill_mode="reflect", **EVERYTHING))
    step = tf.function(lambda batch: layer(batch, training=True))  # as within `fit`, where XLA compiles
    shown = augmented(images, seed=4, fill_mode="reflect", **EVERYTHING)
    np.testing.assert_allclose(np.asarray(step(images), int), np.asarray(shown, int), atol=1)


def test_layers_share_what_is_compiled():
    """Else every move of a slider would compile anew."""
    one, other = (augmentation.layer(Config(rotation_range=degrees)) for degrees in (10.0, 11.0))
    assert one._resample is other._resample and one._repaint is other._repaint


def test_outside_training_nothing_changes():
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
    layer = augmentation.layer(Config(**EVERYTHING))
    np.testing.assert_array_equal(layer(images), images)
    np.testing.assert_array_equal(layer(images, training=False), images)
    assert not np.array_equal(layer(images, training=True), images)


def test_rounding_does_not_darken_images():
    images = np.full((400, 32, 32, 3), 100, np.uint8) + np.arange(32, dtype=np.uint8)[:, None]
    changed = augmented(images, rotation_range=180, zoom_range=0.2)
    assert changed.dtype == np.uint8 and changed.shape == images.shape
    assert abs(changed.mean() - images.mean()) < 0.15  # truncating instead of rounding loses 0.5


def test_a_seed_repeats_its_images_but_each_batch_differs():
    images = smooth(6, 32, 32).astype(np.uint8)
    layer, again = augmentation.layer(Config(seed=4, **EVERYTHING)), augmentation.layer(Config(seed=4, **EVERYTHING))
    first, second = (np.asarray(layer(images, training=True)) for _ in range(2))
    np.testing.assert_array_equal(np.asarray(again(images, training=True)), first)
    np.testing.assert_array_equal(np.asarray(again(images, training=True)), second)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, augmented(images, seed=5, **EVERYTHING))


def test_every_image_of_a_batch_is_changed_differently():
    changed = augmented(np.repeat(smooth(1, 32, 32).astype(np.uint8), 8, axis=0), **EVERYTHING)
    assert len({image.tobytes() for image in changed}) == 8


@pytest.mark.parametrize("fill_mode", FILL_MODES)
def test_resampling_and_fill_modes_are_those_of_keras(fill_mode):
    images, random = smooth(12, 40, 56), np.random.default_rng(2)
    between = {"theta": 0.7, "tx": 11, "ty": 8, "shear": 0.3, "zx": 0.3, "zy": 0.3}
    values = {name: random.uniform(-most, most, 12).astype(np.float32) + name.startswith("z") for name, most in between.items()}
    matrices = augmentation.matrices(40, 56, **values, flip=random.random(12) < 0.5)
    theirs = np.asarray(keras.ops.image.affine_transform(images, matrices, interpolation="bilinear", fill_mode=fill_mode))
    off = np.abs(np.asarray(warp.resample(keras.ops.convert_to_tensor(images), matrices, fill_mode)) - theirs)
    assert (off > 0.5).mean() < {"constant": 0.04, "wrap": 0.05}.get(fill_mode, 0.0005)  # these two have a seam, which is smoothed by one


@pytest.mark.parametrize(("x", "y"), [(-1e-9, 0), (0, -1e-9)])
def test_what_leaves_by_less_than_is_counted_comes_in_on_the_other_side_of_the_same_image(x, y):
    """The position was rounded to the length, and the pixel taken from the next row, or the next image."""
    images = np.random.default_rng(0).uniform(0, 255, (3, 8, 8, 3)).astype(np.float32)
    moves = np.tile(np.float32([1, 0, x, 0, 1, y, 0, 0]), (3, 1))
    moved = warp.resample(keras.ops.convert_to_tensor(images), keras.ops.convert_to_tensor(moves), "wrap")
    np.testing.assert_allclose(moved, images, atol=1e-3)


FILLED = {
    "nearest": lambda corner: (corner == 20).all(),
    "constant": lambda corner: (corner == 0).all(),
    "reflect": lambda corner: (np.diff(corner) < 0).all(),
    "wrap": lambda corner: corner.min() > 100 and (np.diff(corner) > 0).all(),
}


@pytest.mark.parametrize("fill_mode", FILL_MODES)
def test_every_fill_mode_fills_in_its_own_way(fill_mode):
    brighter_to_the_right = np.linspace(20, 240, 40).astype(np.uint8)[:, None].repeat(3, axis=1)
    moved = augmented(np.broadcast_to(brighter_to_the_right, (50, 40, 40, 3)), width_shift_range=0.5, fill_mode=fill_mode)
    moved_right_most = moved[moved[:, 0, 19, 0].argmin(), 0, :, 0].astype(int)
    assert FILLED[fill_mode](moved_right_most[:15])


@pytest.mark.parametrize("name", [name for name in AUGMENTATION if name != "fill_mode"])
def test_each_setting_alone_switches_augmentation_on(name):
    assert not Config(fill_mode="wrap").is_augmented
    assert Config(**{name: EVERYTHING[name]}).is_augmented
    images = smooth(6, 32, 32).astype(np.uint8)
    assert not np.array_equal(augmented(images, **{name: EVERYTHING[name]}), images)


def test_a_stored_layer_continues_where_it_was(tmp_path):
    images = smooth(6, 32, 32).astype(np.uint8)
    model = keras.Sequential(
        [keras.Input((32, 32, 3), dtype="uint8"), augmentation.layer(Config(seed=3, fill_mode="reflect", **EVERYTHING))]
    )
    model(images, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].settings == model.layers[0].settings
    np.testing.assert_array_equal(loaded(images, training=True), model(images, training=True))
