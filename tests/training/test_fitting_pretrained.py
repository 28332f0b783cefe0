"""The epochs of a pretrained network: first its head learns alone, then all but its batch normalisation.

The backbone is a small one. A real one is trained to its end in networks/test_download.py.
"""

import keras
import numpy as np
import pytest

from catsdogs.data import images
from catsdogs.networks import backbones, freezing, registry
from catsdogs.runs import history, predictions, store
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.training import callbacks
from tests.backbones import save_weights, small
from tests.running import AUGMENTED, assert_same, create, finish, stop_after, train

TRANSFER = {
    "model": "mobilenetv2",
    "frozen_epochs": 2,
    "learning_rate": 0.01,
    "fine_tuning_rate": 0.0005,
    "epochs": 4,
    "schedule": "cosine",
    "ema_momentum": 0.5,
}

pytestmark = pytest.mark.usefixtures("small_backbones")


@pytest.fixture
def weights(tmp_path):
    return save_weights(small, tmp_path / "mine.weights.h5")


def test_a_run_ends_the_same_wherever_it_was_killed(folder, weights):
    """While frozen, where the frozen epochs end, and after them; without augmentation, which each would compile anew."""
    run = create(folder, weights=str(weights), **TRANSFER)
    for killed in train(run, 1, 2, 3):
        assert_same(finish(killed), run, 2e-3)
    assert np.ptp([epoch["loss"] for epoch in history.load(run)]) > 0.05, "it learned nothing: this shows nothing"


def test_the_stored_network_predicts_what_was_evaluated(folder, weights):
    run = finish(create(folder, weights=str(weights), **{**TRANSFER, **AUGMENTED, "epochs": 3}))
    assert store.environment(run)["pretrained"] == str(weights)
    predicted = predictions.load(run)
    loaded = np.stack([images.load(folder / path, 32) for path, *_ in predicted])
    network = keras.saving.load_model(run.model_path)
    np.testing.assert_allclose(network.predict_on_batch(loaded)[:, 0], [probability for *_, probability in predicted], atol=1e-5)


def test_the_head_learns_first_and_then_the_backbone(folder, weights):
    """Each at its rate, and batch normalisation never."""
    settings = {**TRANSFER, **AUGMENTED, "schedule": "constant", "ema_momentum": 0, "epochs": 3, "precision": "mixed_bfloat16"}
    run = stop_after(create(folder, weights=str(weights), **settings), 2)
    frozen = keras.saving.load_model(run.resume_path)
    assert float(frozen.optimizer.learning_rate) == pytest.approx(0.01) and int(frozen.optimizer.iterations) == 2 * 6
    assert learned(frozen.layers[-1], weights) == (False, False)
    assert learned(keras.saving.load_model(run.model_path), weights) == (False, False)
    stop_after(run, 3)  # before the evaluation, where the resume point is still there
    tuned = keras.saving.load_model(run.resume_path)
    assert float(tuned.optimizer.learning_rate) == pytest.approx(0.0005) and int(tuned.optimizer.iterations) == 6
    assert learned(tuned.layers[-1], weights) == (True, False)


def learned(network, weights):
    """Whether the backbone's layers but normalisation, and its normalisation, are no longer what they were in the file."""
    before = registry.build(Config(model="mobilenetv2", target_size=32))
    backbones.load(before, weights)
    changed = {True: set(), False: set()}
    for one, other in zip(backbones.of(before).layers, backbones.of(network).layers, strict=True):
        same = all(np.array_equal(*both) for both in zip(one.get_weights(), other.get_weights(), strict=True))
        changed[isinstance(one, keras.layers.BatchNormalization)].add(same or not one.weights)
    return False in changed[False], False in changed[True]


def test_without_weights_everything_learns_from_the_start(folder):
    run = stop_after(create(folder, weights="none", model="mobilenetv2", epochs=1), 1)
    assert store.environment(run)["pretrained"] == "" and history.epochs_done(run) == 1
    network = keras.saving.load_model(run.resume_path)
    assert not freezing.is_frozen(network)
    statistics = [layer.moving_mean for layer in freezing.normalisations(backbones.of(network))]
    assert statistics and all(np.any(mean) for mean in statistics), "batch normalisation has learned nothing"


@pytest.mark.parametrize(("preset", "epoch", "rate"), [("few", 10, "learning"), ("few", 11, "fine-tuning"), ("quick", 5, "learning")])
def test_the_rate_to_lower_is_that_of_the_epoch_in_which_the_loss_was_not_a_number(preset, epoch, rate):
    assert callbacks.diverged(presets.config(preset), epoch).endswith(f"Try a lower {rate} rate.")
