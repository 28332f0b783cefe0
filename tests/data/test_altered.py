"""Pictures of nothing in particular, made of photographs."""

import numpy as np

from catsdogs.data import altered


def photographs(count=4, side=40):
    bright = np.linspace(40, 200, side)[None, :, None, None] * np.ones((count, 1, side, 3))
    return (bright + np.random.default_rng(0).integers(0, 30, (count, side, side, 3))).astype(np.uint8)


def test_there_is_one_for_each_photograph_the_same_for_the_same_seed():
    given = photographs()
    made = altered.make(given, 3)
    assert (made.shape, made.dtype) == (given.shape, np.uint8) and (made != given).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(made, altered.make(given, 3))
    assert (made != altered.make(given, 4)).any()


def test_a_texture_keeps_the_mean_colour_and_loses_the_places():
    (given, *_) = photographs()
    made = altered.texture(given, np.random.default_rng(1))
    np.testing.assert_allclose(made.mean(axis=(0, 1)), given.mean(axis=(0, 1)), atol=12)
    assert abs(np.corrcoef(made.ravel(), given.ravel())[0, 1]) < 0.9


def test_a_corner_holds_what_the_photograph_has_there():
    given = np.zeros((40, 40, 3), np.uint8)
    given[10:30, 10:30] = 255
    assert not altered.corner(given, 0.2, np.random.default_rng(0)).any()
