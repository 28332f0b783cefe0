import os

import numpy as np
import pytest

from catsdogs.runs import predictions, store
from catsdogs.settings.config import Config


def test_predictions_with_any_path_are_read_back():
    run = store.create(Config())
    paths = [
        "cats/plain.jpg",
        'dogs/the "best", really.jpg',
        "cats/Kätzchen 🐈; 1.jpg",
        "dogs/line\nbreak.jpg",
        os.fsdecode(b"dogs/M\xf6ps.jpg"),
    ]
    predictions.write(run, paths, np.array([0, 1, 0, 1, 1]), np.array([0, 1, 0.25, 0.1234567, 1e-6]))
    assert predictions.load(run) == (
        (paths[0], 0, 0.0),
        (paths[1], 1, 1.0),
        (paths[2], 0, 0.25),
        (paths[3], 1, 0.1234567),
        (paths[4], 1, 1e-6),
    )


def test_a_prediction_just_below_one_half_stays_below():
    run = store.create(Config())
    just_below = np.nextafter(np.float32(0.5), np.float32(0))
    predictions.write(run, ["cats/a.jpg"], [0], np.array([just_below]))
    assert predictions.load(run)[0][2] < 0.5


def test_unequal_lengths_are_refused():
    run = store.create(Config())
    with pytest.raises(ValueError, match="zip"):
        predictions.write(run, ["a", "b"], [0], [0.5])
    assert predictions.load(run) == ()
