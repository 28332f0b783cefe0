import numpy as np
import pytest

from catsdogs.settings.config import Config
from catsdogs.training import schedules


def rates(steps, **settings):
    """The learning rate of every update."""
    schedule = schedules.build(Config(learning_rate=0.01, **settings), steps)
    return np.array([float(schedule(step)) for step in range(steps + 1)])


def test_a_cosine_falls_from_the_learning_rate_to_zero():
    falling = rates(100, schedule="cosine")
    assert falling[0] == pytest.approx(0.01) and falling[-1] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(falling[[25, 50, 75]], [0.00854, 0.005, 0.00146], atol=1e-5)
    assert (np.diff(falling) < 0).all()


def test_a_linear_schedule_falls_by_as_much_with_every_update():
    falling = rates(100, schedule="linear")
    assert falling[0] == pytest.approx(0.01) and falling[-1] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(np.diff(falling), -0.01 / 100, rtol=1e-3)


def test_one_cycle_rises_for_a_fifth_and_falls_to_zero():
    cycle = rates(100, schedule="one_cycle")
    assert cycle[0] == pytest.approx(0.0004) and cycle[20] == pytest.approx(0.01) and cycle[-1] == pytest.approx(0, abs=1e-9)
    assert (np.diff(cycle[:21]) > 0).all() and (np.diff(cycle[20:]) < 0).all()
    np.testing.assert_allclose(np.diff(cycle[:21]), 0.0096 / 20, rtol=1e-3)
