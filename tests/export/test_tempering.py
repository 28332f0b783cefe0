"""A network at its run's temperature, made of Keras' operations."""

import keras
import numpy as np
import pytest

from catsdogs.analysis import calibration
from catsdogs.export import tempering

SHARES = np.array([0, 1e-9, 0.03, 0.4, 0.49999997, 0.5, 0.6, 0.97, 1 - 2**-24, 1], np.float32)


def answering() -> keras.Model:
    """A model whose answer is what it is asked, shape (n, 1)."""
    given = keras.Input((1,), dtype="float32")
    return keras.Model(given, keras.layers.Identity()(given))


@pytest.mark.parametrize("temperature", [0.1, 0.6, 1.0, 3.0, 10.0])
def test_it_answers_what_the_page_does_and_never_another_class(temperature):
    tempered = tempering.temper(answering(), temperature)
    answers = tempered.predict_on_batch(SHARES[:, None])[:, 0]
    np.testing.assert_allclose(answers, calibration.temper(SHARES, temperature), atol=1e-6)
    assert ((answers >= 0.5) == (SHARES >= 0.5)).all()
