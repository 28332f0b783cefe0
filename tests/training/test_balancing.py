"""Unequal classes: what a photograph weighs in training, held against Keras' own `class_weight`, and what is reported of it."""

import keras
import numpy as np
import pytest

from catsdogs.analysis import evaluation
from catsdogs.data import batches, dataset
from catsdogs.runs import history, store
from catsdogs.settings.config import Config
from catsdogs.training import balancing
from tests.images import photographs
from tests.running import assert_same, create, finish, stop_after, train

BALANCED = Config(class_weight="balanced")


@pytest.fixture
def unequal(tmp_path):
    """Eight cats and forty dogs, of which 6 and 28 are trained on."""
    return photographs(tmp_path / "unequal", {"cats": 8, "dogs": 40})


def training(folder, **settings):
    return batches.make(dataset.check(folder), Config(data=str(folder), target_size=32, batch_size=6, **settings))["training"]


def test_a_class_weighs_n_by_twice_its_count():
    classes = np.array([1, 1, 0, 1, 1, 1, 1, 1])
    assert balancing.class_weights(BALANCED, classes) == (8 / 2, 8 / 14)
    weights = balancing.image_weights(BALANCED, classes)
    assert weights.dtype == np.float32 and weights.mean() == pytest.approx(1)
    assert weights[classes == 0].sum() == pytest.approx(weights[classes == 1].sum())
    assert balancing.class_weights(Config(), classes) is balancing.image_weights(Config(), classes) is None


def network():
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.AveragePooling2D(8), keras.layers.Flatten()])
    model.add(keras.layers.Rescaling(1 / 255))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    return model


def stepped(pixels, labels, **weights):
    """The weights of the network after one update."""
    model = network()
    model.train_on_batch(pixels, labels, **weights)
    return np.concatenate([each.ravel() for each in model.get_weights()])


def test_an_update_is_that_of_keras_class_weight(unequal):
    flow = training(unequal)
    flow.image_weights = balancing.image_weights(BALANCED, flow.classes)
    first, second = balancing.class_weights(BALANCED, flow.classes)
    pixels, labels, weights = next(flow[index] for index in range(len(flow)) if len(set(flow[index][1].ravel())) == 2)
    by_keras = stepped(pixels, labels, class_weight={0: first, 1: second})
    np.testing.assert_allclose(stepped(pixels, labels, sample_weight=weights), by_keras, atol=1e-6)
    assert np.abs(stepped(pixels, labels) - by_keras).max() > 1e-3


def test_with_data_pruning_both_weights_are_multiplied(unequal):
    flow = training(unequal, data_pruning=0.25)
    with pytest.raises(ValueError, match="class_weight"):
        network().fit(flow, class_weight={0: 3, 1: 1}, verbose=0)  # why they have to be sample weights
    flow.losses = np.linspace(0.1, 2, flow.samples).astype(np.float32)
    flow.start_epoch(1)
    plain = [flow[index] for index in range(len(flow))]
    flow.image_weights = balancing.image_weights(BALANCED, flow.classes)
    by_class = np.array(balancing.class_weights(BALANCED, flow.classes))
    ratios = set()
    for index, (_, labels, pruned) in enumerate(plain):
        weights = flow[index][2]
        assert weights.dtype == np.float32 and weights.shape == (len(labels),)
        np.testing.assert_allclose(weights, pruned * by_class[labels[:, 0].astype(int)], rtol=1e-6)
        ratios |= set(np.round(pruned / pruned.min(), 3))
    assert len(ratios) == 2, "no photograph stands for two: this shows nothing"


STILL = {"learning_rate": 1e-6, "epochs": 2, "class_weight": "balanced", "seed": 1}


@pytest.mark.parametrize("settings", [{}, {"label_smoothing": 0.1}, {"data_pruning": 0.2}], ids=["plain", "smoothed", "pruned"])
def test_the_history_counts_every_photograph_once(unequal, settings):
    """The network all but stands still, so each epoch measures the same one; weighted, its accuracy would be that of either class."""
    run = finish(create(unequal, **STILL, **settings))
    evaluated = evaluation.load(run)
    assert abs(evaluated.training.by_class.balanced_accuracy - evaluated.training.accuracy) > 0.15, "this shows nothing"
    for prefix, score in (("", evaluated.training), ("val_", evaluated.validation)):
        margin = 0.08 if settings.get("data_pruning") and not prefix else 1e-3
        for name in ("accuracy", "loss"):
            assert history.load(run)[-1][prefix + name] == pytest.approx(getattr(score, name), abs=margin)
    assert store.environment(run)["class_weights"] == [34 / 12, 34 / 56]


def test_a_balanced_network_says_dog_less_readily(unequal):
    said = []
    for value in ("none", "balanced"):
        run = stop_after(create(unequal, class_weight=value, learning_rate=0.001, epochs=9, seed=1), 8)
        flow = training(unequal, seed=1)
        said.append(keras.saving.load_model(run.resume_path).predict(flow.images(0, flow.samples), verbose=0).mean())
    assert said[0] - said[1] > 0.1, said  # 0.93 and 0.56


def test_a_killed_balanced_run_ends_as_if_it_had_not_been_killed(unequal):
    whole = create(unequal, epochs=3, class_weight="balanced", data_pruning=0.3)
    (killed,) = train(whole, 1)
    assert_same(finish(killed), whole, 1e-4)


def test_a_balanced_step_is_traced_once_whether_fresh_or_resumed(unequal, monkeypatch):
    traces, step = [], keras.Model.train_step
    monkeypatch.setattr(keras.Model, "train_step", lambda self, *data: traces.append(self) or step(self, *data))
    finish(stop_after(create(unequal, class_weight="balanced", data_pruning=0.3), 1))
    assert len(traces) == 2
