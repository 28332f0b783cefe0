"""Networks on a pretrained backbone: what is in them, what is trained, and which files give them weights."""

import zipfile

import keras
import numpy as np
import pytest

from catsdogs.errors import InputError
from catsdogs.networks import backbones, freezing, registry
from catsdogs.settings.choices import PRETRAINED_MODELS
from catsdogs.settings.config import Config, change
from tests.networks.conftest import shallow

SMALL = Config(model="mobilenetv2", target_size=32)


def images(size=32, count=6):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def applied(name, weights=None):
    return getattr(keras.applications, backbones.BUILDERS[name])(include_top=False, weights=weights, input_shape=(32, 32, 3), pooling="avg")


@pytest.mark.parametrize("name", PRETRAINED_MODELS)
def test_a_network_is_preprocessing_backbone_and_one_output(name, built):
    network = built(name)
    assert network.input_shape == (None, 32, 32, 3) and network.inputs[0].dtype == "uint8"
    backbone, head = backbones.of(network), network.layers[-1]
    assert (head.units, head.activation) == (1, keras.activations.sigmoid)
    with shallow():
        own = applied(name)
    own.set_weights(backbone.get_weights())
    module = {"mobilenetv2": "mobilenet_v2", "efficientnetv2b0": "efficientnet_v2", "convnexttiny": "convnext"}[name]
    scaled = getattr(keras.applications, module).preprocess_input(images().astype(np.float32))
    np.testing.assert_allclose(network(images()), head(own(scaled)), atol=1e-5)


def test_statistics_are_learned_only_from_scratch():
    for weights, keeps in (("imagenet", True), ("none", False)):
        network = registry.build(change(SMALL, weights=weights))
        normalisations = freezing.normalisations(backbones.of(network))
        before = [np.array(layer.moving_mean) for layer in normalisations]
        network.compile("sgd", "binary_crossentropy", run_eagerly=True)
        network.train_on_batch(images(), np.zeros((6, 1)))
        after = [np.array(layer.moving_mean) for layer in normalisations]
        assert len(before) > 10 and all(np.array_equal(*both) for both in zip(before, after, strict=True)) == keeps


def test_the_head_is_trained_then_all_but_normalisation():
    network = registry.build(SMALL)
    freezing.freeze(network)
    assert freezing.is_frozen(network) and len(network.trainable_weights) == 2
    freezing.unfreeze(network)
    assert not freezing.is_frozen(network)
    kept = 4 * len(freezing.normalisations(backbones.of(network)))
    assert len(network.trainable_weights) == len(network.weights) - kept > 50


@pytest.mark.parametrize("name", PRETRAINED_MODELS)
def test_weights_trained_in_16_bits_are_stored_in_32_and_predict_the_same(name, tmp_path, built):
    """As in a run: the weights are copied into a float32 network, which has them in the same order, frozen or not."""
    trained, shipped = built(name, "mixed_bfloat16"), built(name)
    freezing.freeze(trained)
    shipped.set_weights(trained.get_weights())
    freezing.unfreeze(trained)
    assert {layer.compute_dtype for layer in backbones.of(trained).layers[1:]} == {"bfloat16"}
    shipped.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert {layer.compute_dtype for layer in backbones.of(loaded).layers[1:]} == {"float32"}
    assert b"catsdogs" not in zipfile.ZipFile(tmp_path / "model.keras").read("config.json")
    answers = np.asarray(loaded(images()))
    np.testing.assert_array_equal(answers, shipped(images()))
    np.testing.assert_allclose(answers, trained(images()), atol=0.02)
    for one, other in zip(trained.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def network():
    """One whose weights do not matter."""
    return registry.build(SMALL)


@pytest.fixture(scope="module")
def backbone(weights_file):
    return applied("mobilenetv2", str(weights_file))


@pytest.mark.parametrize("name", ["mine.weights.h5", "whole.h5", "whole.keras"])
def test_weights_load_from_every_format_of_keras(name, backbone, network, tmp_path):
    path = tmp_path / name
    (backbone.save_weights if name.endswith(".weights.h5") else backbone.save)(path)
    network.set_weights([np.zeros_like(weight) for weight in network.get_weights()])
    backbones.load(network, path)
    for one, other in zip(backbones.of(network).get_weights(), backbone.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def truncated(weights_file, path):
    path.write_bytes(weights_file.read_bytes()[:100_000])


def no_weights(weights_file, path):
    path.write_text("Dear cat,")


def of_another_network(weights_file, path):
    small = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    (small.save_weights if path.name.endswith(".weights.h5") else small.save)(path)


@pytest.mark.parametrize("name", ["it.weights.h5", "it.h5", "it.keras"])
@pytest.mark.parametrize("write", [truncated, no_weights, of_another_network])
def test_a_file_without_such_weights_is_an_error(write, name, network, weights_file, tmp_path, recwarn):
    path = tmp_path / name
    write(weights_file, path)
    with pytest.raises(InputError) as refused:
        backbones.load(network, path)
    message = str(refused.value)
    assert message.startswith(f"{path} holds no weights of MobileNetV2 without its classes (")
    assert message.endswith("): give the path of another file.") and "\n" not in message and len(message) < 400
    assert not [warning for warning in recwarn if "container" in str(warning.message)]
