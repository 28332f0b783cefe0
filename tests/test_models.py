"""The networks: those of the study, with rescaling inside, so that a stored model is all that it takes to predict."""

import keras
import numpy as np
import pytest

from catsdogs import config, models
from catsdogs.config import Config

SMALL = {"target_size": 32, "dense_units": 8}
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "adamw": keras.optimizers.AdamW,
}


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_the_models_and_optimizers_that_can_be_asked_for_are_those_that_there_are():
    assert sorted(models.REGISTRY) == sorted(config.MODELS)
    assert sorted(OPTIMIZERS) == sorted(config.OPTIMIZERS)


def test_conv2d_is_the_studys_network_layer_by_layer():
    model = models.build(Config(model="conv2d", dense_units=512, target_size=150))
    assert model.input_shape == (None, 150, 150, 3) and model.inputs[0].dtype == "uint8"
    assert kinds(model) == ["Rescaling", *["Conv2D", "MaxPooling2D"] * 4, "Flatten", "Dense", "Dense"]
    assert model.layers[0].scale == 1 / 255 and model.layers[0].offset == 0
    for layer, filters in zip(model.layers[1:9:2], (32, 64, 128, 256), strict=True):
        settings = (layer.filters, layer.kernel_size, layer.padding, layer.strides, layer.activation)
        assert settings == (filters, (3, 3), "same", (1, 1), keras.activations.relu)
    assert [layer.output.shape[1:3] for layer in model.layers[2:9:2]] == [(75, 75), (37, 37), (18, 18), (9, 9)]
    hidden, output = model.layers[-2:]
    assert (hidden.units, hidden.activation) == (512, keras.activations.relu)
    assert (output.units, output.activation) == (1, keras.activations.sigmoid)
    convolutions = sum(3 * 3 * before * after + after for before, after in ((3, 32), (32, 64), (64, 128), (128, 256)))
    assert model.count_params() == convolutions + (9 * 9 * 256 * 512 + 512) + (512 + 1)


def test_dense_is_two_dense_layers_on_the_pixels():
    model = models.build(Config(model="dense", dense_units=24, target_size=64))
    assert kinds(model) == ["Rescaling", "Flatten", "Dense", "Dense"]
    assert model.count_params() == (64 * 64 * 3 * 24 + 24) + (24 + 1)


def test_rescale_is_what_the_pixels_are_multiplied_by(pictures):
    model = models.build(Config(rescale=1 / 127, **SMALL))
    np.testing.assert_allclose(model.layers[0](pictures), pictures / np.float32(127), rtol=1e-6)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", config.MODELS)
def test_the_output_is_a_float32_probability_in_every_number_format(name, precision, pictures):
    model = models.build(Config(model=name, rescale=1, **SMALL), precision)
    probabilities = model.predict_on_batch(pictures)
    assert probabilities.shape == (10, 1) and probabilities.dtype == np.float32
    assert probabilities.min() >= 0 and probabilities.max() <= 1
    assert {weight.dtype for weight in model.weights} == {"float32"}
    hidden = {layer.compute_dtype for layer in model.layers[:-1]}
    assert hidden == {precision.removeprefix("mixed_")}


@pytest.mark.parametrize("name", config.MODELS)
def test_a_stored_model_predicts_the_same(name, pictures, tmp_path):
    model = models.build(Config(model=name, **SMALL))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(pictures), model.predict_on_batch(pictures))


@pytest.mark.parametrize(("name", "kind"), OPTIMIZERS.items())
def test_the_optimizer_is_the_one_of_that_name_at_that_learning_rate(name, kind):
    optimizer = models.optimizer(Config(optimizer=name, learning_rate=0.0125))
    assert type(optimizer) is kind
    assert float(optimizer.learning_rate) == pytest.approx(0.0125)


@pytest.mark.parametrize(("name", "kind"), OPTIMIZERS.items())
def test_a_learning_rate_that_is_left_open_is_that_of_keras(name, kind):
    assert float(models.optimizer(Config(optimizer=name)).learning_rate) == float(kind().learning_rate)


@pytest.mark.parametrize("name", ["sgd", "rmsprop"])
def test_momentum_reaches_the_optimizers_that_have_one(name):
    assert models.optimizer(Config(optimizer=name, momentum=0.9)).momentum == 0.9
