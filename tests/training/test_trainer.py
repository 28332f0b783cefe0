"""Whole runs, small ones: what they leave behind, which epoch is kept, and how they end when something is wrong."""

import math
import shutil
import signal
import zipfile

import keras
import numpy as np
import pytest

from catsdogs.analysis import evaluation
from catsdogs.data import batches, dataset, images, split
from catsdogs.networks import backbones, patch_whitening, pretrained, registry
from catsdogs.runs import history, predictions, store
from catsdogs.settings import config as configs
from catsdogs.settings import stages
from catsdogs.settings.config import Config
from catsdogs.training import trainer, worker
from catsdogs.training.progress import Progress, Stopped
from tests.images import photographs

SMALL = {
    "model": "dense",
    "dense_units": 64,
    "learning_rate": 0.0003,
    "target_size": 32,
    "batch_size": 8,
    "precision": "float32",
    "epochs": 2,
}
AUGMENTED = {"rotation_range": 20, "zoom_range": 0.2, "horizontal_flip": True}
RECIPE = {
    "model": "resnet",
    "target_size": 48,
    "first_size": 32,
    "optimizer": "adamw",
    "schedule": "one_cycle",
    "learning_rate": 0.002,
    "label_smoothing": 0.1,
    "ema_momentum": 0.8,
    "data_pruning": 0.25,
    "epochs": 4,
    **AUGMENTED,
}
TRANSFER = {
    "model": "mobilenetv2",
    "frozen_epochs": 2,
    "learning_rate": 0.01,
    "fine_tuning_rate": 0.0005,
    "epochs": 4,
    "schedule": "cosine",
    "ema_momentum": 0.5,
    **AUGMENTED,
}
MEASURED = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")


@pytest.fixture(autouse=True)
def signals():
    """A worker takes over the signals of its process, which here is that of the tests."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


def create(folder, **settings):
    return store.create(Config(data=str(folder), **{**SMALL, **settings}))


def work(run):
    return worker.work(run, log=lambda message: None)


def stop_after(run, epochs):
    """Train until the first batch after that many epochs, as if somebody asked for the end there."""
    with pytest.raises(Stopped):
        trainer.train(run, Progress(run, lambda: history.epochs_done(run) >= epochs, lambda message: None, lambda facts: None))
    return run


def curves(run):
    """What was measured of every epoch, as rows of numbers."""
    return np.array([[epoch[name] for name in MEASURED] for epoch in history.load(run)], dtype=float)


def held_out(run):
    listing = dataset.check(run.config.data)
    return {listing.photos[index].path: listing.photos[index].label for index in split.make(listing, run.config).test}


@pytest.mark.parametrize(
    "settings", [{}, {"model": "conv2d", "dense_units": 8, "precision": "mixed_bfloat16", **AUGMENTED}], ids=["dense", "conv2d"]
)
def test_a_run_leaves_history_evaluation_predictions_and_a_model_that_gives_them(folder, settings):
    run = work(create(folder, **settings))
    assert run.state == "finished", run.status
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2]
    assert np.isfinite(curves(run)).all()

    result = evaluation.load(run)
    assert (result.training.count, result.validation.count, result.test.count) == (44, 8, 8)
    assert np.sum(result.confusion) == 8
    assert store.environment(run)["photographs"] == {"training": 44, "validation": 8, "test": 8}

    predicted = predictions.load(run)
    assert {path: ("cats", "dogs")[label] for path, label, _ in predicted} == held_out(run)
    assert len(predicted) == 8
    assert np.mean([(probability >= 0.5) == label for _, label, probability in predicted]) == result.test.accuracy

    model = keras.saving.load_model(run.model_path)
    pictures = np.stack([images.load(folder / path, 32) for path, _, _ in predicted])
    np.testing.assert_allclose(model.predict_on_batch(pictures)[:, 0], [probability for _, _, probability in predicted], atol=1e-5)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert b"catsdogs" not in zipfile.ZipFile(run.model_path).read("config.json")  # loads where the library is not
    assert not run.resume_path.exists()
    assert {"started", "ended", "device", "precision"} <= set(run.status)
    assert not {"phase", "done", "total", "seconds_left"} & set(run.status)


def test_the_stored_model_is_that_of_the_epoch_with_the_lowest_validation_loss(folder):
    run = work(create(folder, epochs=6))
    losses = [epoch["val_loss"] for epoch in history.load(run)]
    assert len(losses) == 6 and min(losses) < losses[-1] - 0.001, "the last epoch was the best: this shows nothing"
    assert evaluation.load(run).validation.loss == pytest.approx(min(losses), abs=1e-4)


def test_a_run_begins_with_filters_that_whiten_its_training_photographs_where_it_is_asked_to(folder):
    run = work(create(folder, model="resnet", patch_whitening=True, learning_rate=1e-6, epochs=1, **AUGMENTED))
    assert run.state == "finished", run.status
    pictures = batches.make(dataset.check(str(folder)), run.config)["training"].images(0, 44)
    kernel = keras.saving.load_model(run.model_path).get_weights()[0]
    np.testing.assert_allclose(kernel, patch_whitening.filters(pictures, 3, 32), atol=1e-4)


def test_early_stopping_ends_a_run_when_patience_is_over(folder):
    run = work(create(folder, epochs=40, early_stopping=2, learning_rate=0.002))
    losses = [epoch["val_loss"] for epoch in history.load(run)]
    assert run.state == "finished"
    assert len(losses) == np.argmin(losses) + 1 + 2 < 40


def test_the_same_seed_gives_the_same_history_and_another_one_or_augmentation_does_not(folder):
    first, again, other, augmented = (
        work(create(folder, epochs=1, **settings)) for settings in ({"seed": 7}, {"seed": 7}, {"seed": 8}, {"seed": 7, **AUGMENTED})
    )
    np.testing.assert_allclose(curves(first), curves(again), atol=1e-4)
    assert not np.allclose(curves(first), curves(other), atol=1e-3)
    assert not np.allclose(curves(first), curves(augmented), atol=1e-3)


@pytest.mark.parametrize("settings", [{}, AUGMENTED, {"data_pruning": 0.3}], ids=["plain", "augmented", "pruned"])
def test_a_run_that_was_stopped_and_resumed_is_the_run_that_was_not(folder, settings):
    whole = work(create(folder, epochs=3, **settings))
    run = stop_after(create(folder, epochs=3, **settings), 1)
    assert [epoch["epoch"] for epoch in history.load(run)] == [1]
    resumed = work(run)
    assert resumed.state == "finished", resumed.status
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2, 3]
    np.testing.assert_allclose(curves(run), curves(whole), atol=1e-4)
    assert evaluation.load(run).test.loss == pytest.approx(evaluation.load(whole).test.loss, abs=1e-4)


def test_data_pruning_takes_fewer_updates_and_keeps_what_it_goes_by_only_until_the_end(folder):
    run = stop_after(create(folder, epochs=3, data_pruning=0.4), 2)
    losses = np.load(run.losses_path)
    trained_on = store.environment(run)["photographs"]["training"]
    assert losses.shape == (trained_on,) and np.isfinite(losses).mean() > 0.75 and np.nanmin(losses) > 0
    iterations = int(keras.saving.load_model(run.resume_path).optimizer.iterations)
    assert iterations == 2 * math.ceil(round(0.6 * trained_on) / SMALL["batch_size"])
    assert work(run).state == "finished"
    assert not run.losses_path.exists()
    assert all(set(epoch) == {*MEASURED, "seconds", "pictures_per_second"} for epoch in history.load(run))


@pytest.mark.parametrize("label_smoothing", [0, 0.1])
def test_what_is_told_of_the_training_is_as_if_no_photograph_had_been_left_out(folder, label_smoothing):
    """The network all but stands still, so that each epoch is measured on the same one."""
    run = work(create(folder, epochs=3, data_pruning=0.4, learning_rate=1e-6, label_smoothing=label_smoothing))
    told, true = history.load(run)[-1], evaluation.load(run).training
    for name in ("loss", "accuracy"):
        assert told[name] == pytest.approx(true[name], abs=0.03), "those with high losses are all trained on, and weigh too much"


def test_a_run_with_growing_sizes_averages_and_a_schedule_goes_on_as_it_would_have(folder):
    """Stopped where a stage ends, and again in the middle of the next one."""
    settings = {**RECIPE, "epochs": 4}
    whole = work(create(folder, **settings))
    run = stop_after(stop_after(create(folder, **settings), 2), 3)
    assert [stage.end for stage in stages.plan(run.config)] == [2, 4]
    resumed = work(run)
    assert (whole.state, resumed.state) == ("finished", "finished"), (whole.status, resumed.status)
    np.testing.assert_allclose(curves(resumed), curves(whole), atol=2e-3)
    at_target_size = [epoch["val_loss"] for epoch in history.load(whole)[2:]]
    assert evaluation.load(whole).validation.loss == pytest.approx(min(at_target_size), abs=2e-3)
    assert evaluation.load(resumed).test.loss == pytest.approx(evaluation.load(whole).test.loss, abs=2e-3)


def test_transfer_learning_goes_on_as_it_would_have_in_both_of_its_phases(folder, weights_file):
    """Stopped in the frozen phase, where it ends, and in the middle of the other one."""
    whole, run = (create(folder, weights=str(weights_file), **TRANSFER) for _ in range(2))
    work(whole)
    for epochs in (1, 2, 3):
        stop_after(run, epochs)
    resumed = work(run)
    assert (store.load(whole.id).state, resumed.state) == ("finished", "finished"), resumed.status
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2, 3, 4]
    assert np.ptp([epoch["loss"] for epoch in history.load(whole)]) > 0.05, "it learned nothing: this shows nothing"
    np.testing.assert_allclose(curves(run), curves(whole), atol=2e-3)
    assert evaluation.load(run).test.loss == pytest.approx(evaluation.load(whole).test.loss, abs=2e-3)

    assert store.environment(run)["pretrained"] == str(weights_file)
    predicted = predictions.load(run)
    pictures = np.stack([images.load(folder / path, 32) for path, _, _ in predicted])
    network = keras.saving.load_model(run.model_path)
    np.testing.assert_allclose(network.predict_on_batch(pictures)[:, 0], [probability for *_, probability in predicted], atol=1e-5)


def learned(network, weights_file):
    """Whether the backbone's layers but normalisation, and its normalisation, are no longer what they were in the file."""
    before = registry.build(Config(model="mobilenetv2", target_size=32))
    backbones.load(before, weights_file)
    changed = {True: set(), False: set()}
    for one, other in zip(backbones.of(before).layers, backbones.of(network).layers, strict=True):
        same = all(np.array_equal(*both) for both in zip(one.get_weights(), other.get_weights(), strict=True))
        changed[isinstance(one, keras.layers.BatchNormalization)].add(same or not one.weights)
    return False in changed[False], False in changed[True]


def test_first_only_the_head_learns_at_its_rate_and_then_the_backbone_at_the_other_but_for_its_normalisation(folder, weights_file):
    settings = {**TRANSFER, "schedule": "constant", "ema_momentum": 0, "epochs": 3, "precision": "mixed_bfloat16"}
    run = stop_after(create(folder, weights=str(weights_file), **settings), 2)
    frozen = keras.saving.load_model(run.resume_path)
    assert float(frozen.optimizer.learning_rate) == pytest.approx(0.01) and int(frozen.optimizer.iterations) == 2 * 6
    assert learned(frozen.layers[-1], weights_file) == (False, False)
    assert learned(keras.saving.load_model(run.model_path), weights_file) == (False, False)
    stop_after(run, 3)  # before the evaluation, where the resume point is still there
    tuned = keras.saving.load_model(run.resume_path)
    assert float(tuned.optimizer.learning_rate) == pytest.approx(0.0005) and int(tuned.optimizer.iterations) == 6
    assert learned(tuned.layers[-1], weights_file) == (True, False)


def test_a_pretrained_network_can_be_trained_from_nothing(folder):
    run = stop_after(create(folder, weights="none", model="mobilenetv2", epochs=1), 1)
    assert store.environment(run)["pretrained"] == "" and history.epochs_done(run) == 1
    assert not backbones.is_frozen(keras.saving.load_model(run.resume_path))


def test_weights_that_can_not_be_had_end_the_run_with_a_sentence(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(pretrained, "BASE", "http://127.0.0.1:9/")  # where nobody listens
    (tmp_path / "letter.h5").write_text("Dear cat,")
    for weights, told in (
        ("imagenet", "The ImageNet weights of mobilenetv2 are not in"),
        (f"{tmp_path}/missing.h5", "there is no such file"),
        (f"{tmp_path}/letter.h5", "holds no weights of MobileNetV2"),
    ):
        run = work(create(folder, model="mobilenetv2", weights=weights))
        assert run.state == "failed" and told in run.status["error"]
        assert "\n" not in run.status["error"]
    assert "Traceback" not in capsys.readouterr().err


def test_what_is_validated_and_shipped_is_the_average_of_the_weights(folder):
    """The evaluation is of the shipped model; with a momentum this high, the average is still near the first weights."""
    run = work(create(folder, ema_momentum=0.999, epochs=1))
    at_last = work(create(folder, epochs=1))
    told = history.load(run)[0]
    assert evaluation.load(run).validation.loss == pytest.approx(told["val_loss"], abs=1e-4)
    assert told["loss"] == pytest.approx(history.load(at_last)[0]["loss"], abs=1e-4)
    assert abs(told["val_loss"] - history.load(at_last)[0]["val_loss"]) > 1e-3


def test_the_loss_that_is_told_is_that_of_the_labels_as_they_are(folder):
    run = work(create(folder, label_smoothing=0.4, epochs=1))
    told = history.load(run)[0]
    assert set(told) == {*MEASURED, "seconds", "pictures_per_second"}
    assert evaluation.load(run).validation.loss == pytest.approx(told["val_loss"], abs=1e-4)


def test_an_epoch_that_was_told_but_not_stored_is_trained_again(folder):
    run = stop_after(create(folder), 1)
    history.append(run, {**history.load(run)[0], "epoch": 2, "val_loss": 0.0})  # killed between history and model
    assert work(run).state == "finished"
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2]
    assert history.load(run)[1]["val_loss"] > 0.1


def test_a_resumed_run_refuses_photographs_that_have_changed(folder):
    """The split would be another one, and photographs that were trained on would count as held out."""
    run = stop_after(create(folder), 1)
    photographs(folder, {"cats": 40, "dogs": 40})
    resumed = work(run)
    assert resumed.state == "failed"
    assert "changed" in resumed.status["error"]


def test_a_learning_rate_that_is_far_too_high_is_said_in_a_sentence_and_leaves_no_broken_model(folder, capsys):
    """With this seed the validation loss is a number all the same, for on processors relu turns NaN into 0."""
    run = work(create(folder, model="conv2d", dense_units=8, optimizer="sgd", learning_rate=1, momentum=0.99, rescale=1, seed=1))
    assert run.state == "failed"
    assert "learning_rate = 1 is too high" in run.status["error"]
    assert "no number in epoch 1" in run.status["note"]
    assert not run.model_path.exists()
    assert "Traceback" not in run.status["error"] + capsys.readouterr().err
    again = work(run)
    assert (again.state, again.status["error"]) == ("failed", run.status["error"])


def test_a_data_folder_that_disappeared_is_said_in_a_sentence(folder):
    run = create(folder)
    shutil.rmtree(folder)
    ended = work(run)
    assert ended.state == "failed"
    assert ended.status["error"].startswith(f"There is no folder {folder}")


def test_whatever_breaks_the_run_says_that_it_failed(folder, capsys):
    run = create(folder)
    (run.folder / "environment.json").mkdir()  # where a file has to be written
    ended = work(run)
    assert ended.state == "failed"
    assert "IsADirectoryError" in ended.status["error"] and "log" in ended.status["error"]
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("precision", [name for name in configs.PRECISIONS if name == "mixed_float16"])
def test_16_bit_floats_are_trained_with_a_scaled_loss(folder, precision):
    """Without it, small gradients become zero."""
    run = stop_after(create(folder, precision=precision), 1)
    assert isinstance(keras.saving.load_model(run.resume_path).optimizer, keras.optimizers.LossScaleOptimizer)
