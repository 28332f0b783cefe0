"""A network with a second output, that of what looks like neither."""

import numpy as np
import pytest

from catsdogs.networks import neither, registry
from catsdogs.settings.config import Config


def test_both_kinds_of_network_say_how_far_an_image_is_beyond_the_limit():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    for settings in ({"model": "dense", "dense_units": 8}, {"model": "resnet"}):
        network = registry.build(Config(target_size=32, **settings))
        given = np.asarray(neither.features(network)(pixels))
        weights = np.linspace(-1, 1, given.shape[1])
        answers, excesses = neither.attach(network, {"weights": weights.tolist(), "limit": 0.25}).predict_on_batch(pixels)
        np.testing.assert_allclose(answers, network.predict_on_batch(pixels), atol=1e-6)
        np.testing.assert_allclose(excesses[:, 0], given @ weights - 0.25, atol=1e-3)


def test_what_another_network_learned_is_refused():
    network = registry.build(Config(model="dense", dense_units=8, target_size=32))
    with pytest.raises(ValueError, match="8 features, not 3"):
        neither.attach(network, {"weights": [1, 2, 3], "limit": 0})
