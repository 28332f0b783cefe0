"""Heat maps over photographs, and the small pictures of what is inside a network."""

import numpy as np
import pytest
from PIL import Image

from catsdogs.figures import heat_map, tiles

VALUES = np.array([[4, 0], [0, -2]], np.float32)
PHOTOGRAPH = Image.new("RGB", (80, 40), (90, 90, 90))


def corners(image: Image.Image) -> np.ndarray:
    """The colours at the four corners: (2, 2, channels)."""
    pixels = np.asarray(image).astype(int)
    return pixels[[0, -1]][:, [0, -1]]


def test_what_speaks_for_the_answer_is_warm_what_speaks_against_it_cool_and_the_rest_clear():
    painted = corners(heat_map.paint(VALUES, 80, 40))
    red, green, blue, opacity = np.moveaxis(painted, 2, 0)
    assert red[0, 0] > blue[0, 0] and blue[1, 1] > red[1, 1]
    assert opacity[0, 0] > opacity[1, 1] > opacity[0, 1], "the weaker, the clearer"


@pytest.mark.parametrize("colours", [heat_map.WARM, heat_map.COOL])
def test_stronger_is_lighter_in_both_directions(colours):
    lightness = [sum(share * int(colour[at : at + 2], 16) for share, at in ((0.21, 1), (0.72, 3), (0.07, 5))) for colour in colours]
    assert lightness == sorted(lightness) and lightness[-1] > lightness[0] + 80


def test_the_strength_decides_how_much_of_the_photograph_is_left():
    assert (np.asarray(heat_map.lay_over(PHOTOGRAPH, VALUES, 0)) == 90).all()
    weak, strong = (abs(np.asarray(heat_map.lay_over(PHOTOGRAPH, VALUES, strength)).astype(int) - 90).sum() for strength in (0.3, 0.9))
    assert 0 < 2 * weak < strong
    assert heat_map.lay_over(PHOTOGRAPH, VALUES, 0.5).size == PHOTOGRAPH.size


def test_a_map_without_any_evidence_changes_nothing():
    assert (np.asarray(heat_map.lay_over(PHOTOGRAPH, np.zeros((5, 5)), 1)) == 90).all()


def test_an_enlarged_map_is_smooth_and_keeps_its_places():
    large = heat_map.enlarge(VALUES, 80, 40)
    assert large.shape == (40, 80) and abs(np.diff(large, axis=1)).max() < 0.3
    assert large[0, 0] == large.max() and large[-1, -1] == large.min()


def test_an_activation_goes_from_dark_to_light():
    drawn = tiles.draw_activation(np.array([[0.0, 1.0], [2.0, 0.5]])).sum(axis=2)
    assert drawn.argmin() == 0 and drawn.argmax() == 2
    assert (tiles.draw_activation(np.full((2, 2), 7.0)) == tiles.draw_activation(np.zeros((2, 2)))).all()


def test_a_filter_is_grey_where_its_weights_are_zero():
    colours = tiles.draw_filter(np.array([[[1, 0, -1]], [[0, 0, 0]]], np.float32))
    assert colours.tolist() == [[[255, 128, 0]], [[128, 128, 128]]]
    assert tiles.draw_filter(np.array([[[0.5]]], np.float32)).tolist() == [[[255, 255, 255]]]
    assert (tiles.draw_filter(np.zeros((3, 3, 3))) == 128).all()
