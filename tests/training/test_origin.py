"""A run that starts from the weights of another one."""

import shutil

import keras
import numpy as np
import pytest

from catsdogs.networks import resnet
from catsdogs.runs import history, store
from catsdogs.training import origin
from tests import killing
from tests.images import photographs
from tests.running import assert_same, create, finish, stop_after, train, work

RESNET = {"model": "resnet", "optimizer": "adam", "epochs": 2, "learning_rate": 0.003}

pytestmark = pytest.mark.usefixtures("tiny_resnet")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a finished run; trained once, as it is the same for every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CATSDOGS_HOME", str(tmp_path_factory.mktemp("home")))
        for name, value in killing.TINY.items():
            patch.setattr(resnet, name, value)
        return finish(create(photographs(tmp_path_factory.mktemp("trained") / "photos", {"cats": 30, "dogs": 30}), **RESNET)).folder


@pytest.fixture
def before(folder, trained):
    """A run that was trained on the same photographs, in this test's home folder."""
    run = create(folder, **RESNET)
    for kept in trained.iterdir():
        if kept.name != "config.json":
            shutil.copy(kept, run.folder)
    return store.load(run.id)


def weights(path):
    return keras.saving.load_model(path).get_weights()


def begin(folder, **settings):
    """What a run has after one epoch at a rate at which next to nothing changes: the weights that it started with."""
    run = finish(create(folder, **{**RESNET, "epochs": 1, "optimizer": "sgd", "learning_rate": 1e-6, **settings}))
    return run, weights(run.model_path)


def test_it_begins_with_the_weights_of_that_run(folder, before):
    run, found = begin(folder, start_from=before.id, frozen_epochs=1)
    np.testing.assert_allclose(found[0], weights(before.model_path)[0])
    np.testing.assert_allclose(found[-2], weights(before.model_path)[-2], atol=1e-4)
    told = store.environment(run)["start_from"]
    assert told == {"run": before.id, "head": "kept", "seen": {"validation": 0, "test": 0}}


def test_with_other_classes_the_head_is_a_new_one(before, tmp_path):
    folder = photographs(tmp_path / "others", {"tom": 24, "rex": 24})
    run, found = begin(folder, start_from=before.id, frozen_epochs=1)
    np.testing.assert_allclose(found[0], weights(before.model_path)[0])
    np.testing.assert_allclose(found[-2], 0, atol=1e-4)
    assert store.environment(run)["start_from"]["head"] == "new"


def test_the_same_classes_in_the_singular_or_another_language_keep_the_head(before, tmp_path):
    run, found = begin(photographs(tmp_path / "others", {"chats": 24, "chiens": 24}), start_from=before.id, frozen_epochs=1)
    np.testing.assert_allclose(found[-2], weights(before.model_path)[-2], atol=1e-4)
    assert store.environment(run)["start_from"]["head"] == origin.head_of(run.config, ("cat", "dog")) == "kept"


def test_the_same_classes_in_the_other_order_turn_the_head(before, tmp_path):
    run, found = begin(photographs(tmp_path / "others", {"Hunde": 24, "Katzen": 24}), start_from=before.id, frozen_epochs=1)
    np.testing.assert_allclose(found[-2], -weights(before.model_path)[-2], atol=1e-4)
    assert store.environment(run)["start_from"]["head"] == origin.head_of(run.config, ("Dogs", "cats")) == "turned"


def test_held_out_photographs_that_it_was_trained_on_are_counted(folder, before):
    """Another seed holds out others."""
    run, _ = begin(folder, start_from=before.id, seed=5)
    seen = store.environment(run)["start_from"]["seen"]
    assert 0 < seen["test"] <= store.environment(run)["photographs"]["test"] and seen["validation"] > 0
    later, _ = begin(folder, start_from=run.id, seed=5)
    assert store.environment(later)["start_from"]["seen"] == seen, "those of the run before the one before"


def test_where_it_is_not_known_what_that_was_trained_on_that_is_said(folder, before):
    store.write_environment(before, {**store.environment(before), "data_fingerprint": "of a folder on another machine"})
    run, _ = begin(folder, start_from=before.id)
    assert store.environment(run)["start_from"]["seen"] is None


def test_it_learns_its_head_first_then_all_but_the_normalisation(folder, before):
    run = stop_after(create(folder, **{**RESNET, "epochs": 3}, start_from=before.id, frozen_epochs=1, fine_tuning_rate=0.001), 1)
    first, start = weights(run.resume_path)[: len(weights(before.model_path))], weights(before.model_path)
    assert [np.array_equal(*both) for both in zip(first, start, strict=True)] == [True] * (len(start) - 2) + [False] * 2
    stop_after(run, 2)
    network = keras.saving.load_model(run.resume_path)
    assert not np.array_equal(network.get_weights()[0], start[0])
    assert float(network.optimizer.learning_rate) == pytest.approx(0.001)
    both = zip(means(network), means(keras.saving.load_model(before.model_path)), strict=True)
    assert all(np.array_equal(*each) for each in both)


def means(network):
    """The statistics of its batch normalisation."""
    found = [layer.moving_mean for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert found
    return found


def test_it_ends_the_same_wherever_it_was_killed(folder, before):
    settings = {**RESNET, "epochs": 3, "frozen_epochs": 1, "fine_tuning_rate": 0.003, "start_from": before.id}
    run = create(folder, **settings)
    for killed in train(run, 1, 2):
        assert_same(finish(killed), run, 2e-3)
    assert np.ptp([epoch["loss"] for epoch in history.load(run)]) > 0.01, "it learned nothing: this shows nothing"


def test_it_is_resumed_where_the_run_that_it_started_from_was_deleted_since(folder, before):
    run = stop_after(create(folder, **RESNET, start_from=before.id), 1)
    told = store.environment(run)["start_from"]
    shutil.rmtree(before.folder)
    assert store.environment(finish(run))["start_from"] == told


def test_a_run_that_was_deleted_meanwhile_fails_with_a_sentence(folder):
    run = work(create(folder, **RESNET, start_from="gone"))
    assert run.state == "failed" and "There is no run 'gone'" in run.status["error"]


def test_a_model_that_cannot_be_read_fails_with_a_sentence(folder, before):
    before.model_path.write_bytes(before.model_path.read_bytes()[:5000])
    run = work(create(folder, **RESNET, start_from=before.id))
    assert run.state == "failed" and f"start_from = {before.id!r}: {before.model_path} can't be read (" in run.status["error"]
