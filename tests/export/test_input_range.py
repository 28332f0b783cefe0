"""Pixels in the ranges that people use, given to a stored model: without this project, in a process of its own."""

import io
import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from catsdogs.analysis import calibration
from catsdogs.export import bundle, input_range
from catsdogs.networks import registry
from catsdogs.runs import store, temperature
from catsdogs.settings.config import Config

ASK = """
import json, sys
import keras, numpy as np
model = keras.models.load_model("model.keras")
print(json.dumps({name: model.predict(pixels, verbose=0)[:, 0].tolist() for name, pixels in np.load("pixels.npz").items()}))
"""


def pixels(side, count=6):
    """uint8 noise of several brightnesses, the last two almost black: of 0 and 1 only, and of 1 only."""
    made = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    made //= np.arange(1, count + 1, dtype=np.uint8)[:, None, None, None]
    made[-2], made[-1] = made[0] % 2, 1
    return made


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The bundled run's model as it is in the ZIP file, and what is answered to pixels of each range, by name."""
    run = store.load(store.SHIPPED)
    folder, images = tmp_path_factory.mktemp("elsewhere"), pixels(run.config.target_size)
    with zipfile.ZipFile(io.BytesIO(bundle.make(run))) as archive:
        (folder / "model.keras").write_bytes(archive.read("shipped/model.keras"))
    ranges = {"uint8": images, "int64": images.astype(np.int64), "float": images.astype(np.float32), "0 to 1": images / 255}
    ranges |= {"study": images * np.float32(1 / 255), "overshot": images[:1] / 250, "-1 to 1": images / 127.5 - 1}
    ranges |= {"16 bits": images.astype(np.uint16) * 257, "fractions": images + np.float32(0.3)}
    np.savez(folder / "pixels.npz", **ranges)
    ended = subprocess.run([sys.executable, "-I", "-c", ASK], cwd=folder, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return {name: np.array(answers) for name, answers in json.loads(ended.stdout.splitlines()[-1]).items()}


@pytest.fixture(scope="module")
def before():
    """What the stored model answers to uint8 pixels, at the run's temperature."""
    run = store.load(store.SHIPPED)
    answers = keras.saving.load_model(run.model_path, compile=False).predict(pixels(run.config.target_size), verbose=0)[:, 0]
    return calibration.temper(answers, temperature.load(run).value)


@pytest.mark.parametrize("name", ["uint8", "int64", "float"])
def test_pixels_from_0_to_255_are_answered_as_here(elsewhere, before, name):
    assert len(set(before.round(2))) > 3
    np.testing.assert_allclose(elsewhere[name], before, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["0 to 1", "study"])
def test_pixels_from_0_to_1_are_answered_as_those_from_0_to_255(elsewhere, name):
    np.testing.assert_array_equal(elsewhere[name][:4], elsewhere["uint8"][:4])


def test_pixels_between_two_whole_numbers_are_rounded(elsewhere):
    np.testing.assert_array_equal(elsewhere["fractions"][:4], elsewhere["uint8"][:4])


def test_an_image_that_is_a_little_brighter_than_1_is_still_one_from_0_to_1(elsewhere, before):
    assert elsewhere["overshot"][0] == pytest.approx(before[0], abs=0.05)


@pytest.mark.parametrize("name", ["-1 to 1", "16 bits"])
def test_any_other_range_is_answered_by_no_number(elsewhere, name):
    assert np.isnan(elsewhere[name][:4]).all()


def test_pixels_that_are_no_numbers_are_answered_by_none():
    keras.utils.set_random_seed(1)
    model = input_range.accept_any(registry.build(Config(model="dense", dense_units=8, target_size=32)), 32)
    images = pixels(32).astype(np.float32)
    images[0, 3, 4, 1] = np.nan
    assert np.isnan(model.predict_on_batch(images)[:, 0]).tolist() == [True, *[False] * 5]


@pytest.mark.parametrize("name", ["conv2d", "mobilenetv2"])
def test_every_network_answers_as_before(small_backbones, name):
    keras.utils.set_random_seed(2)
    network = registry.build(Config(model=name, target_size=32, **({"weights": "none"} if name == "mobilenetv2" else {})), "mixed_bfloat16")
    images, model = pixels(32), input_range.accept_any(network, 32)
    np.testing.assert_array_equal(model.predict_on_batch(images), network.predict_on_batch(images))
    np.testing.assert_array_equal(model.predict_on_batch(images[:4] / 255), network.predict_on_batch(images)[:4])
