"""A second look at images, and what both looks say together."""

import numpy as np
import pytest

from catsdogs.data import second_look

LEARNED = {"second_look": {"from": -0.5, "limit": -0.1}}


def test_it_sees_the_middle_mirrored():
    image = np.zeros((40, 40, 3), np.uint8)
    image[:, :20, 0] = 255  # red on the left
    image[:3] = image[-3:] = image[:, :3] = image[:, -3:] = 77  # around what is the middle
    (seen,) = second_look.take(image[None])
    assert seen.shape == image.shape and seen.dtype == np.uint8
    assert (seen[:, 22:] == [255, 0, 0]).all() and (seen[:, :18] == 0).all()


def test_each_image_is_looked_at_for_itself():
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(second_look.take(images)[1], second_look.take(images[1:2])[0])


def test_only_those_near_the_limit_are_looked_at_again_and_the_mean_decides():
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    asked = []

    def ask(views):
        asked.append(views)
        return np.array([0.2, -1.6])

    settled = second_look.settle(np.array([-2.0, -0.2, 0.4]), images, LEARNED, ask)
    np.testing.assert_allclose(settled, [-1.9, 0.1, -0.5], atol=1e-6)
    np.testing.assert_array_equal(*asked, second_look.take(images[1:]))


def test_where_no_image_is_near_it_none_is_looked_at_again():
    images = np.zeros((2, 32, 32, 3), np.uint8)
    settled = second_look.settle(np.array([-2.0, -0.6]), images, LEARNED, lambda views: pytest.fail("asked"))
    assert (settled < 0).all()


def test_what_earlier_versions_learned_takes_one_look():
    excesses = np.array([-0.2, 0.4])
    assert second_look.settle(excesses, np.zeros((2, 32, 32, 3), np.uint8), {"limit": 1}, lambda views: pytest.fail("asked")) is excesses
