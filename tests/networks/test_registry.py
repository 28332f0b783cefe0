"""The networks, with rescaling inside, so that a stored model is enough to predict."""

import keras
import numpy as np
import pytest

from catsdogs.networks import registry
from catsdogs.settings.choices import ANY_SIZE_MODELS, MODELS, PRETRAINED_MODELS
from catsdogs.settings.config import Config

SMALL = {"target_size": 32, "dense_units": 8}


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)


def answers(model, images):
    """At once: `predict_on_batch` would compile the network before, which takes seconds."""
    return np.asarray(model(images, training=False))


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_the_registry_has_every_model_of_the_settings():
    assert sorted(registry.REGISTRY) == sorted(MODELS)


def test_conv2d_is_the_studys_network_layer_by_layer():
    model = registry.build(Config(model="conv2d", dense_units=512, target_size=150))
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
    model = registry.build(Config(model="dense", dense_units=24, target_size=64))
    assert kinds(model) == ["Rescaling", "Flatten", "Dense", "Dense"]
    assert model.count_params() == (64 * 64 * 3 * 24 + 24) + (24 + 1)


def test_rescale_is_what_the_pixels_are_multiplied_by(images):
    model = registry.build(Config(rescale=1 / 127, **SMALL))
    np.testing.assert_allclose(model.layers[0](images), images / np.float32(127), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        *((name, precision) for name in ("conv2d", "dense", "resnet") for precision in ("float32", "mixed_bfloat16", "mixed_float16")),
        *((name, "mixed_bfloat16") for name in PRETRAINED_MODELS),  # which take seconds to build
    ],
)
def test_the_output_is_a_float32_probability_in_every_dtype(name, precision, images, built):
    model = built(name, precision)
    probabilities = answers(model, images)
    assert probabilities.shape == (10, 1) and probabilities.dtype == np.float32
    assert probabilities.min() >= 0 and probabilities.max() <= 1
    assert {weight.dtype for weight in model.weights} == {"float32"}
    hidden = {layer.compute_dtype for layer in model.layers[:-1] if not isinstance(layer, keras.layers.InputLayer)}
    assert hidden == {precision.removeprefix("mixed_")}


@pytest.mark.parametrize("name", sorted(set(MODELS) - set(PRETRAINED_MODELS)))  # those are in test_backbones.py
def test_a_stored_model_predicts_the_same(name, images, tmp_path, built):
    model = built(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(answers(loaded, images), answers(model, images))


@pytest.fixture(scope="module", params=ANY_SIZE_MODELS)
def trained(request):
    """A network for images of any size."""
    return registry.build(Config(model=request.param, target_size=64), any_size=True)


@pytest.mark.parametrize("size", [32, 75, 200])
def test_weights_of_any_size_fit_every_target_size(trained, size):
    shipped = registry.build(Config(model=trained.name, target_size=size))
    shipped.set_weights(trained.get_weights())
    assert shipped.input_shape == (None, size, size, 3) and trained.input_shape == (None, None, None, 3)
    images = np.random.default_rng(0).integers(0, 256, (3, size, size, 3), dtype=np.uint8)
    np.testing.assert_allclose(answers(shipped, images), answers(trained, images), atol=1e-6)


@pytest.mark.parametrize("name", ["conv2d", "dense"])
def test_the_studys_networks_need_their_size(name):
    with pytest.raises(ValueError):
        registry.build(Config(model=name), any_size=True)
