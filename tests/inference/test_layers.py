"""A network layer by layer, and what its convolutions make of an image."""

import keras
import numpy as np
import pytest

from catsdogs.errors import InputError
from catsdogs.inference import layers
from tests.images import encoded, noise
from tests.inference import networks

pytestmark = pytest.mark.usefixtures("small_backbones")
PICTURE = encoded(noise(1, (networks.SIDE, networks.SIDE)), "PNG")


def pixels():
    return np.asarray(noise(1, (networks.SIDE, networks.SIDE)))[None]


@pytest.mark.parametrize("name", networks.NAMES)
def test_every_layer_is_described_and_their_weights_add_up(name):
    model = networks.build(name).model
    described = layers.describe(model)
    assert sum(layer.weights for layer in described) == model.count_params()
    assert described[0].shape == (networks.SIDE, networks.SIDE, 3) and described[-1].shape == (1,)
    assert any(layer.is_convolution for layer in described) == (name != "dense")


@pytest.mark.parametrize("name", ["resnet", "conv2d", "mobilenetv2"])
def test_every_convolution_shows_what_it_makes_of_an_image_strongest_first(name):
    classifier = networks.build(name)
    for layer in filter(lambda layer: layer.is_convolution, layers.describe(classifier.model)):
        found = layers.activate(classifier, layer.name, PICTURE, most=6)
        assert found.count == layer.shape[-1] and found.maps.shape == (6, *layer.shape[:2])
        assert list(found.strengths) == sorted(found.strengths, reverse=True) and found.strengths[0] > 0
        np.testing.assert_allclose(found.strengths, abs(found.maps).mean(axis=(1, 2)), rtol=1e-5)


def test_activations_are_those_of_the_network_behind_its_normalisation_and_relu():
    classifier = networks.build("resnet")
    first, normalisation, relu = classifier.model.layers[2:5]
    found = layers.activate(classifier, first.name, PICTURE, most=100)
    expected = np.asarray(keras.Model(classifier.model.inputs[0], relu.output)(pixels()))[0]
    assert found.after == relu.name and (found.maps >= 0).all()
    np.testing.assert_allclose(found.maps, expected.transpose(2, 0, 1)[list(found.channels)], atol=1e-5)
    added = [layer for layer in classifier.model.layers if isinstance(layer, keras.layers.Conv2D)][3]  # goes into an addition
    assert layers.activate(classifier, added.name, PICTURE, most=1).after.startswith(type(normalisation).__name__.lower()[:5])


def test_filters_are_pictures_where_they_look_at_colours():
    classifier = networks.build("conv2d")
    first, second, *_ = [layer for layer in classifier.model.layers if isinstance(layer, keras.layers.Conv2D)]
    found = layers.activate(classifier, first.name, PICTURE, most=4)
    kernel = np.asarray(first.kernel)
    np.testing.assert_array_equal(found.filters, kernel.transpose(3, 0, 1, 2)[list(found.channels)])
    assert layers.activate(classifier, second.name, PICTURE, most=4).filters is None


def test_a_filter_of_a_depthwise_convolution_is_a_picture_of_its_channel():
    images = keras.Input((8, 8, 3), dtype="uint8")
    depthwise = keras.layers.DepthwiseConv2D(3, padding="same", name="depthwise")
    hidden = keras.layers.GlobalAveragePooling2D()(depthwise(keras.layers.Rescaling(1 / 255)(images)))
    classifier = networks.wrap(keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(hidden)))
    found = layers.activate(classifier, "depthwise", PICTURE, most=9)
    assert found.count == 3 and found.filters.shape == (3, 3, 3, 1)
    np.testing.assert_array_equal(found.filters[0, ..., 0], np.asarray(depthwise.kernel)[:, :, found.channels[0], 0])


def test_maps_of_large_images_are_reduced():
    images = keras.Input((200, 200, 3), dtype="uint8")
    hidden = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 1, name="one")(keras.layers.Rescaling(1 / 255)(images)))
    classifier = networks.wrap(keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(hidden)))
    assert layers.activate(classifier, "one", PICTURE, most=2).maps.shape == (2, 96, 96)


def test_an_unknown_layer_is_refused_with_what_there_is():
    with pytest.raises(InputError, match="no convolution 'dense' in this network; there are: conv2d"):
        layers.activate(networks.build("conv2d"), "dense", PICTURE, most=1)
    with pytest.raises(InputError, match="there are: none"):
        layers.activate(networks.build("dense"), "dense", PICTURE, most=1)
