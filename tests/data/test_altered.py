"""Pictures of nothing in particular, made of photographs."""

import numpy as np

from catsdogs.data import altered


def photographs(count=4, side=40):
    bright = np.linspace(40, 200, side)[None, :, None, None] * np.ones((count, 1, side, 3))
    return (bright + np.random.default_rng(0).integers(0, 30, (count, side, side, 3))).astype(np.uint8)


def test_there_are_two_of_each_photograph_the_same_for_the_same_seed():
    given = photographs()
    made = altered.make(given, np.random.default_rng(3))
    assert (made.shape, made.dtype) == ((8, *given.shape[1:]), np.uint8)
    assert (made != np.repeat(given, 2, axis=0)).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(made, altered.make(given, np.random.default_rng(3)))
    assert (made != altered.make(given, np.random.default_rng(4))).any()


def test_a_texture_keeps_the_mean_colour_and_loses_the_places():
    (given, *_) = photographs()
    made = altered.texture(given, np.random.default_rng(1))
    np.testing.assert_allclose(made.mean(axis=(0, 1)), given.mean(axis=(0, 1)), atol=12)
    assert abs(np.corrcoef(made.ravel(), given.ravel())[0, 1]) < 0.9


def test_a_corner_holds_what_the_photograph_has_there():
    given = np.zeros((40, 40, 3), np.uint8)
    given[10:30, 10:30] = 255
    assert not altered.corner(given, np.random.default_rng(0)).any()


def test_a_warped_photograph_keeps_its_colours_and_about_their_places_and_loses_its_lines():
    given = np.zeros((80, 80, 3), np.uint8)
    given[:, :40] = (200, 100, 0)
    for grain in (1 / 32, 1 / 14):
        made = altered.warp(given, grain, np.random.default_rng(0))
        assert (made[:, :15] == given[:, :15]).mean() > 0.85 and (made[:, 65:] == given[:, 65:]).mean() > 0.85
        np.testing.assert_allclose(made[..., 0], 2.0 * made[..., 1], atol=2)  # all channels are moved alike
        edges = (made[..., 0] > 100).sum(axis=1)
        assert np.ptp(edges) > 4, "the edge between the colours is still straight"
