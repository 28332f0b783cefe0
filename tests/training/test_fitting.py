"""The epochs of a run: what is trained, which epoch is kept, and that a resumed run is the run that was never stopped."""

import math

import keras
import numpy as np
import pytest

from catsdogs.analysis import evaluation
from catsdogs.data import batches, dataset
from catsdogs.networks import patch_whitening, resnet
from catsdogs.runs import history, store
from catsdogs.settings import stages
from catsdogs.training import resume_point
from tests.running import AUGMENTED, MEASURED, SMALL, assert_same, create, curves, finish, stop_after, train, work

# Adam without weight decay: with it, TensorFlow traces the schedule once for each weight, and a test takes twice as long
GROWING = {
    "model": "resnet",
    "target_size": 48,
    "first_size": 32,
    "optimizer": "adam",
    "schedule": "one_cycle",
    "learning_rate": 0.002,
    "label_smoothing": 0.1,
    "ema_momentum": 0.8,
    "data_pruning": 0.25,
    "epochs": 3,
    **AUGMENTED,
}


def test_the_stored_model_is_that_of_the_best_epoch(folder):
    run = finish(create(folder, epochs=6))
    losses = [epoch["val_loss"] for epoch in history.load(run)]
    assert len(losses) == 6 and min(losses) < losses[-1] - 0.001, "the last epoch was the best: this shows nothing"
    assert evaluation.load(run).validation.loss == pytest.approx(min(losses), abs=1e-4)


def test_the_first_filters_whiten_where_requested(folder, tiny_resnet, monkeypatch):
    monkeypatch.setattr(resnet, "_STEM", (32,))
    run = stop_after(create(folder, model="resnet", patch_whitening=True, learning_rate=1e-6), 1)
    loaded = batches.make(dataset.check(str(folder)), run.config)["training"].images(0, 44)
    kernel = keras.saving.load_model(run.model_path).get_weights()[0]
    np.testing.assert_allclose(kernel, patch_whitening.filters(loaded, 3, 32), atol=1e-4)


def test_early_stopping_ends_a_run_when_patience_is_over(folder):
    run = finish(create(folder, epochs=40, early_stopping=2, learning_rate=0.002))
    losses = [epoch["val_loss"] for epoch in history.load(run)]
    assert len(losses) == np.argmin(losses) + 1 + 2 < 40


def test_seed_and_augmentation_decide_the_history(folder, stopped):
    again, other, augmented = (stop_after(create(folder, **settings), 1) for settings in ({}, {"seed": 8}, AUGMENTED))
    np.testing.assert_allclose(curves(stopped), curves(again), atol=1e-4)
    assert not np.allclose(curves(stopped), curves(other), atol=1e-3)
    assert not np.allclose(curves(stopped), curves(augmented), atol=1e-3)


def test_a_killed_run_ends_as_if_it_had_not_been_killed(folder):
    """Augmented and pruned; one that is neither is in test_kills.py."""
    whole = create(folder, epochs=3, data_pruning=0.3, **AUGMENTED)
    (killed,) = train(whole, 1)
    assert [epoch["epoch"] for epoch in history.load(killed)] == [1] and killed.state == "interrupted"
    assert_same(finish(killed), whole, 1e-4)


def test_a_growing_run_is_killed_where_a_stage_ended(folder, tiny_resnet):
    """With averages, a schedule and pruning, whose state goes over from one stage to the next."""
    whole = create(folder, **GROWING)
    assert [stage.end for stage in stages.plan(whole.config)] == [2, 3]
    (killed,) = train(whole, 2)
    assert_same(finish(killed), whole, 2e-3)
    at_target_size = history.load(whole)[2]["val_loss"]
    assert evaluation.load(whole).validation.loss == pytest.approx(at_target_size, abs=2e-3)


def test_a_step_is_traced_once_whether_fresh_or_resumed(folder, monkeypatch):
    """Where it makes variables, TensorFlow traces it again, and the first epoch starts seconds later."""
    traces, step = [], keras.Model.train_step
    monkeypatch.setattr(keras.Model, "train_step", lambda self, *data: traces.append(self) or step(self, *data))
    run = stop_after(create(folder, data_pruning=0.3, label_smoothing=0.1, ema_momentum=0.9), 1)
    finish(run)
    assert len(traces) == 2


def test_an_epoch_without_its_resume_point_is_trained_again(stopped):
    run = stopped
    history.append(run, {**history.load(run)[0], "epoch": 2, "val_loss": 0.0})  # killed between history and model
    finish(run)
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2]
    assert history.load(run)[1]["val_loss"] > 0.1


def test_pruning_takes_fewer_steps_and_forgets_its_losses(folder):
    run = stop_after(create(folder, epochs=3, data_pruning=0.4), 2)
    losses = resume_point.load(run, steps=1).losses
    trained_on = store.environment(run)["photographs"]["training"]
    assert losses.shape == (trained_on,) and np.isfinite(losses).mean() > 0.75 and np.nanmin(losses) > 0
    iterations = int(keras.saving.load_model(run.resume_path).optimizer.iterations)
    assert iterations == 2 * math.ceil(round(0.6 * trained_on) / SMALL["batch_size"])
    finish(run)
    assert not run.resume_path.exists()
    assert all(set(epoch) == {*MEASURED, "seconds", "pictures_per_second"} for epoch in history.load(run))


@pytest.mark.parametrize("label_smoothing", [0, 0.1])
def test_the_history_is_as_if_no_image_was_left_out(folder, label_smoothing):
    """The network all but stands still, so that each epoch measures the same one."""
    run = finish(create(folder, epochs=3, data_pruning=0.4, learning_rate=1e-6, label_smoothing=label_smoothing))
    reported, true = history.load(run)[-1], evaluation.load(run).training
    for name in ("loss", "accuracy"):
        expected = pytest.approx(getattr(true, name), abs=0.03)
        assert reported[name] == expected, "those with high losses are all trained on, and weigh too much"


def test_the_average_of_the_weights_is_validated_and_stored(folder, stopped):
    """With a momentum this high, the average is still near the first weights."""
    run = finish(create(folder, ema_momentum=0.999, epochs=1))
    reported, plain = history.load(run)[0], history.load(stopped)[0]
    assert evaluation.load(run).validation.loss == pytest.approx(reported["val_loss"], abs=1e-4)
    assert reported["loss"] == pytest.approx(plain["loss"], abs=1e-4)
    assert abs(reported["val_loss"] - plain["val_loss"]) > 1e-3


def test_the_reported_loss_is_that_of_unsmoothed_labels(folder):
    run = finish(create(folder, label_smoothing=0.4, epochs=1))
    reported = history.load(run)[0]
    assert set(reported) == {*MEASURED, "seconds", "pictures_per_second"}
    assert evaluation.load(run).validation.loss == pytest.approx(reported["val_loss"], abs=1e-4)


def test_a_learning_rate_far_too_high_ends_the_run(folder, capsys):
    """With this seed the validation loss is a number all the same, for on processors relu turns NaN into 0."""
    run = work(create(folder, model="conv2d", dense_units=8, optimizer="sgd", learning_rate=1, momentum=0.99, rescale=1, seed=1))
    assert run.state == "failed"
    assert "learning_rate = 1 is too high" in run.status["error"]
    assert "not a number in epoch 1" in run.status["note"]
    assert not run.model_path.exists()
    assert "Traceback" not in run.status["error"] + capsys.readouterr().err
    before = history.load(run)
    again = work(run)
    assert (again.state, again.status["error"], again.status["note"]) == ("failed", run.status["error"], run.status["note"])
    assert history.load(run) == before, "it is not trained again"


def test_float16_is_trained_with_a_scaled_loss(folder):
    """Without it, small gradients become zero. The first scales are too high here: all steps of the epoch are skipped."""
    run = stop_after(create(folder, precision="mixed_float16", rescale=1, batch_size=16, learning_rate=1e-5, ema_momentum=0.9), 1)
    trained = keras.saving.load_model(run.resume_path)
    assert isinstance(trained.optimizer, keras.optimizers.LossScaleOptimizer) and int(trained.optimizer.iterations) == 0
    for kept, weights in zip(keras.saving.load_model(run.model_path).get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_allclose(kept, weights, atol=1e-6)  # averaged, it is what it began as
