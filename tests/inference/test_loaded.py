"""A model stays loaded as long as it is the same one."""

import numpy as np
import pytest

from catsdogs.analysis import neither
from catsdogs.inference import loaded
from catsdogs.networks import registry
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests.images import picture


def stored(run, output):
    """Store a model of the run that answers with that probability, and return its version."""
    network = registry.build(run.config)
    network.layers[-1].set_weights([np.zeros((8, 1)), np.array([np.log(output / (1 - output))])])
    network.save(run.model_path)
    return store.answer_version(run)


def test_a_model_is_loaded_anew_only_where_it_has_changed(tmp_path):
    run, image = store.create(Config(model="dense", dense_units=8, target_size=32)), picture(tmp_path / "a.png")
    store.write_environment(run, {"class_names": ["cats", "dogs"]})

    def probability(version):
        (answer,) = loaded.classify(run.id, version, [("a", image)])
        return answer.probability

    before = stored(run, 0.7)
    loaded.prepare(run.id, before)
    after = stored(run, 0.9)
    assert before != after
    assert probability(before) == pytest.approx(0.7, abs=1e-6), "it was prepared"
    assert probability(after) == pytest.approx(0.9, abs=1e-6)


def test_a_model_that_is_loaded_can_tell_what_is_neither_as_soon_as_that_is_known(tmp_path):
    run, image = store.create(Config(model="dense", dense_units=8, target_size=32)), picture(tmp_path / "a.png")
    store.write_environment(run, {"class_names": ["cats", "dogs"]})
    stored(run, 0.7)

    def is_neither():
        (answer,) = loaded.classify(run.id, store.answer_version(run), [("a", image)])
        return answer.neither

    assert is_neither() is None
    for limit in (-1.0, 1.0):
        neither.save(run, {"weights": [0.0] * 8, "limit": limit, "turned_away": 0.01})
        assert is_neither() == (limit < 0)
    run.neither_path.unlink()
    assert is_neither() is None
