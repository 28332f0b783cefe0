"""What a training learns about pictures of neither class, from its own photographs."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from catsdogs.analysis import neither as analysis
from catsdogs.data import batches, dataset
from catsdogs.drawn import demo
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.training import neither, trainer
from catsdogs.training.progress import Progress
from tests.images import photographs
from tests.running import create
from tests.storing import CLASSES, environment


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """280 small photographs."""
    return photographs(tmp_path_factory.mktemp("photographs"), {"cats": 140, "dogs": 140})


def learned(folder, share=0.4, classes=CLASSES):
    """By a network that was never trained: what its convolutions find in photographs is enough here."""
    run = store.create(Config(data=str(folder), model="conv2d", target_size=64, validation_split=share))
    network = registry.build(run.config)
    network.save(run.model_path)
    store.write_environment(run, {**environment(run), "class_names": classes})
    return run, neither.learn(run, network, batches.make(dataset.check(folder), run.config))


def test_it_is_kept_with_the_run_and_turns_few_photographs_away(folder):
    run, found = learned(folder)
    assert analysis.load(run) == found and any(found["weights"])
    assert found["turned_away"] <= analysis.TURNED_AWAY and found["found"] >= analysis.USEFUL


def test_its_limit_is_that_of_two_looks_at_the_validation_photographs(folder):
    run, found = learned(folder)
    loaded = classifier.load(run)
    validation = batches.make(dataset.check(folder), run.config)["validation"]
    _, are_neither = classifier.predict(loaded, validation.sample(analysis.MOST))
    assert np.mean(are_neither) == pytest.approx(found["turned_away"], abs=0.01) and found["turned_away"] > 0.02
    first = classifier.predict(replace(loaded, learned={}), validation.sample(analysis.MOST))[1]
    assert are_neither != first, "the second look changed nothing: this shows nothing"


def test_drawn_cats_and_dogs_are_not_neither_where_the_classes_are_cats_and_dogs(folder):
    side = 64
    drawings = np.stack([np.asarray(demo.draw(label, seed, side).resize((side, side))) for seed in range(15) for label in demo.LABELS])

    def turned_away(classes):
        keras.utils.set_random_seed(0)  # the same network each time
        run, _ = learned(folder, classes=classes)
        return np.mean(classifier.load(run).judge.predict_on_batch(drawings)[1] > 0)

    assert turned_away(["Cat", "dogs"]) < turned_away(["apples", "pears"])


def test_of_too_few_photographs_nothing_is_learned(folder):
    run, found = learned(folder, share=0.1)
    assert found is None and not run.neither_path.exists()


@pytest.mark.parametrize(("share", "is_learned"), [(0.1, False), (0.4, True)])
def test_a_training_says_that_it_learns_it_only_where_it_does(folder, share, is_learned):
    run, said = create(folder, epochs=1, validation_split=share), []
    trainer.train(run, Progress(run, lambda: False, log=said.append, show=lambda facts: None))
    assert ("learning what is neither" in said) == is_learned


def test_a_network_that_tells_nothing_apart_learns_nothing(folder):
    run = store.create(Config(data=str(folder), model="dense", dense_units=8, target_size=32, validation_split=0.4))
    store.write_environment(run, environment(run))
    network = registry.build(run.config)
    for layer in network.layers:
        layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
    assert neither.learn(run, network, batches.make(dataset.check(folder), run.config)) is None and not run.neither_path.exists()
