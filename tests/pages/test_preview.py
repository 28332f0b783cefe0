"""The preview on the page Train: nine photographs before and after what the form says."""

import io

import numpy as np
import pytest
from PIL import Image

from catsdogs.data import dataset
from catsdogs.networks import augmentation
from catsdogs.settings import Config
from pages.parts.train import preview
from tests.images import noise, photographs
from tests.pages.opening import checked, open_page, press, texts

pytestmark = pytest.mark.usefixtures("nothing_starts")


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30}, size=(40, 30))
    dataset.check(made)
    return made


def shown(app) -> tuple[list[str], list[str]]:
    """The addresses of the photographs before and after; they change with what is in them."""
    addresses = [image.proto.imgs[0].url for image in app.get("image")]
    return addresses[::2], addresses[1::2]


def opened():
    app = open_page("train")
    app.toggle(key="preview").set_value(True)
    return checked(app.run())


def test_nine_photographs_are_shown_before_and_after(folder):
    app = opened()
    before, after = shown(app)
    assert len(set(before)) == len(set(after)) == 9 and not set(before) & set(after)
    assert "96 × 96 px, stretched; no augmentation is set." in texts(app)


def test_a_photograph_much_longer_than_wide_is_shown_as_a_line(tmp_path):
    for size in ((3000, 4), (4, 3000)):
        noise(0, size).save(tmp_path / "long.png")
        with Image.open(io.BytesIO(preview._squared(tmp_path / "long.png"))) as square:
            assert square.size == (160, 160) and np.count_nonzero(np.asarray(square)[..., 3]) == 160


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (300, 300)])
def test_the_photograph_has_round_corners_and_not_the_square_around_it(size, tmp_path):
    noise(0, size).save(tmp_path / "photo.png")
    with Image.open(io.BytesIO(preview._squared(tmp_path / "photo.png"))) as square:
        shown = np.asarray(square.crop(square.getbbox()))[..., 3]
    assert not shown[0, 0] and not shown[-1, -1] and shown[0, 20] == shown[20, 0] == shown[20, -1] == 255


def test_a_setting_changes_what_comes_after_only(folder):
    app = opened()
    before, after = shown(app)
    app.slider(key="form_rotation_range").set_value(40.0).run()
    assert shown(app)[0] == before and not set(shown(app)[1]) & set(after)
    assert "stretched and augmented, anew in every epoch" in texts(app)
    app.slider(key="form_rotation_range").set_value(0.0).run()
    assert shown(app) == (before, after)


def test_what_does_not_matter_to_the_photographs_leaves_them(folder):
    app = opened()
    app.slider(key="form_zoom_range").set_value(0.2).run()
    both = shown(app)
    app.number_input(key="form_epochs").set_value(3).run()
    assert shown(app) == both
    app.slider(key="form_target_size").set_value(64).run()
    assert shown(app)[0] == both[0] and not set(shown(app)[1]) & set(both[1])


def test_proportions_are_those_of_the_form(folder):
    app = opened()
    before, stretched = shown(app)
    seen = {tuple(stretched)}
    for proportions, words in (("crop", "cropped to the middle; no"), ("pad", "padded with black; no")):
        app.selectbox(key="form_proportions").set_value(proportions).run()
        assert words in texts(app) and shown(app)[0] == before
        seen.add(tuple(shown(app)[1]))
    assert len(seen) == 3


def test_what_keras_keeps_outlasts_a_run_of_the_page(folder):
    app = opened()
    first = augmentation.layer(Config()).name  # numbered among those of its kind, as far as Keras remembers them
    app.slider(key="form_rotation_range").set_value(40.0).run()
    assert augmentation.layer(Config()).name != first


def test_a_click_shows_others(folder):
    app = opened()
    first = shown(app)[0]
    assert set(shown(press(app, "Show others"))[0]) != set(first)


def test_settings_that_leave_little_are_warned_of(folder):
    app = opened()
    assert not app.warning
    for name in ("width_shift_range", "height_shift_range", "zoom_range"):
        app.slider(key=f"form_{name}").set_value(0.5)
    app.run()
    assert app.warning[0].value.startswith("On average only 5") and "is still in the picture" in app.warning[0].value
    app.slider(key="form_brightness_range").set_value((0.1, 0.2)).run()
    assert len(app.warning) == 2 and "of the shades" in app.warning[1].value


def test_a_photograph_that_is_gone_is_named(folder):
    app = open_page("train")
    for path in folder.rglob("*.jpg"):
        path.write_bytes(b"gone")
    app.toggle(key="preview").set_value(True)
    checked(app.run())
    assert "can no longer be read. Show others" in app.error[0].value


def test_without_a_data_set_drawn_ones_are_shown():
    app = opened()
    assert "Nothing to train on yet" in texts(app)
    before, after = shown(app)
    assert len(set(before)) == len(set(after)) == 9
