"""Which places of an image point to an answer: exact sums where there are any, covering patches elsewhere."""

import keras
import numpy as np
import pytest
from PIL import Image

from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.inference import classifier as bundled
from catsdogs.inference import heat_maps
from catsdogs.networks import registry
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import one_sided
from tests.images import encoded, noise
from tests.inference import networks

pytestmark = pytest.mark.usefixtures("small_backbones")


def photographs(count):
    return np.stack([np.asarray(noise(seed, (networks.SIDE, networks.SIDE))) for seed in range(count)])


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("resnet", heat_maps.CAM),
        ("mobilenetv2", heat_maps.CAM),
        ("convnext", heat_maps.CAM),
        ("conv2d", heat_maps.CONTRIBUTIONS),
        ("dense", heat_maps.OCCLUSION),
    ],
)
def test_a_map_and_the_bias_add_up_to_the_answer_of_the_network(name, method):
    classifier, batch = networks.build(name), photographs(3)
    explainer = heat_maps.prepare(classifier)
    maps, logits = heat_maps.of_pixels(explainer, batch)
    assert explainer.method == method and len(maps) == 3 and np.abs(logits).min() > 0.001
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), classifier.model(batch)[:, 0], atol=1e-5)


def red_and_blue():
    """A network that takes red for cats and blue for dogs, pixel by pixel."""
    convolution = keras.layers.Conv2D(2, 1, use_bias=False)
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3), dtype="uint8"),
            keras.layers.Rescaling(1 / 255),
            convolution,
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    convolution.set_weights([np.array([[1, 0], [0, 0], [0, 1]], np.float32)[None, None]])
    model.layers[-1].set_weights([np.array([[-8], [8]], np.float32), np.zeros(1, np.float32)])
    return networks.wrap(model)


@pytest.mark.parametrize(("larger", "label"), [("red", "cat"), ("blue", "dog")])
def test_a_map_is_positive_where_the_picture_speaks_for_the_answer_and_negative_where_against(larger, label):
    other = "blue" if larger == "red" else "red"
    picture = Image.new("RGB", (16, 16), "black")
    picture.paste(larger, (0, 0, 8, 8))
    picture.paste(other, (12, 12, 16, 16))
    found = heat_maps.make(heat_maps.prepare(red_and_blue()), encoded(picture, "PNG"))
    assert (found.label, found.method) == (label, heat_maps.CAM)
    assert found.other == {"cat": "dog", "dog": "cat"}[label]
    assert (found.values[:8, :8] > 0).all() and (found.values[12:, 12:] < 0).all()
    assert not found.values[:8, 12:].any()


def test_covering_finds_what_a_network_without_convolutions_looks_at():
    classifier = networks.build("dense")
    inner, outer = classifier.model.layers[-2:]
    looked_at = np.zeros((networks.SIDE, networks.SIDE, 3, inner.units), np.float32)
    looked_at[4:8, 20:28] = 0.01
    inner.set_weights([looked_at.reshape(-1, inner.units), np.zeros(inner.units, np.float32)])
    outer.set_weights([np.ones((inner.units, 1), np.float32), np.full(1, -1, np.float32)])
    picture = Image.new("RGB", (networks.SIDE, networks.SIDE), "black")
    picture.paste("white", (16, 0, 32, 12))
    found = heat_maps.make(heat_maps.prepare(classifier), encoded(picture, "PNG"))
    assert found.label == "dog" and found.values[4:8, 20:28].min() > 0
    row, column = np.unravel_index(found.values.argmax(), found.values.shape)
    assert row < 4 + 8 and column >= 20 - 8, "further away than a patch is long"
    assert abs(found.values[20:, :12]).max() < 1e-6, "it changes nothing to cover these places"


def test_a_map_is_for_the_answer_that_a_network_of_16_bits_gives_where_its_exact_sum_is_for_the_other():
    network = registry.build(Config(model="conv2d", target_size=networks.SIDE, dense_units=16), "mixed_bfloat16")
    classifier, pixels = networks.wrap(network), photographs(1)
    _, (exact,) = heat_maps.of_pixels(heat_maps.prepare(classifier), pixels)
    output = float(network(pixels)[0, 0])
    rounded = np.log(output / (1 - output))
    network.layers[-1].bias.assign([-(exact + rounded) / 2])  # between the two, whose signs then differ
    _, (after,) = heat_maps.of_pixels(heat_maps.prepare(classifier), pixels)
    source = encoded(Image.fromarray(pixels[0]), "PNG")
    (answer,) = bundled.classify(classifier, [("", source)])
    assert answer.label != classifier.labels[int(after >= 0)]
    assert heat_maps.make(heat_maps.prepare(classifier), source).label == answer.label


def test_what_is_no_image_is_refused():
    with pytest.raises(InputError, match="not an image"):
        heat_maps.make(heat_maps.prepare(red_and_blue()), b"Dear cat,")


def test_a_map_lies_over_the_picture_in_its_own_proportions():
    assert heat_maps.photograph(encoded(noise(0, (400, 100)), "PNG"), 200).size == (200, 50)
    assert heat_maps.photograph(encoded(noise(0, (40, 30)), "PNG"), 200).size == (40, 30)


def test_the_bundled_network_looks_at_the_animal_not_at_the_scenery():
    explainer = heat_maps.prepare(bundled.load(store.load(store.SHIPPED)))
    side = explainer.classifier.target_size
    drawn = [one_sided.draw(demo.LABELS[number % 2], number, 320, 160) for number in range(6)]
    batch = np.stack([np.asarray(picture.resize((side, side))) for picture, _ in drawn])
    maps, logits = heat_maps.of_pixels(explainer, batch)
    speaking = np.maximum(maps * np.sign(logits)[:, None, None], 0)
    shares = speaking[:, :, :2].sum(axis=(1, 2)) / np.delete(speaking, 2, axis=2).sum(axis=(1, 2))  # of the left, without the middle
    assert sum((share > 0.5) == is_left for share, (_, is_left) in zip(shares, drawn, strict=True)) >= 5
