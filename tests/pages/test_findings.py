"""A closer look at a data set on the page Data, by the bundled network in a process of its own."""

from pathlib import Path

import pytest
from PIL import Image

from catsdogs.data import corrections, dataset
from catsdogs.system import files
from tests.images import noise
from tests.pages.opening import checked, open_page, press, texts
from tests.pages.test_data import metrics

COUNT = 30  # of each class
LOOK = "Look for doubtful photographs"


@pytest.fixture
def folder(tmp_path):
    """Cats are smooth and dogs are noise. One of each is filed under the other, one is stripes, and one has no JFIF header."""
    for number in range(COUNT + 1):
        save(cat(number), tmp_path, "cats" if number else "dogs", f"cat_*{number}*.jpg")
        save(noise(number, (96, 72)), tmp_path, "dogs" if number else "cats", f"dog.{number}.jpg")
    camera = tmp_path / "cats" / "cat_*5*.jpg"
    content = camera.read_bytes()
    camera.write_bytes(content[:2] + content[20:])
    dataset.check(tmp_path)
    return tmp_path


def cat(seed):
    return noise(seed, (4, 3)).resize((96, 72), Image.Resampling.BICUBIC)


def save(image, *parts):
    path = Path(*parts)
    path.parent.mkdir(exist_ok=True)
    image.save(path)


def finding(app) -> dict[str, int]:
    """How many are open of each finding."""
    (pills,) = [group for group in app.button_group if group.key == "finding"]
    return {text.rpartition(" (")[0]: int(text.rpartition(" (")[2].removesuffix(")")) for text in pills.options}


def choose(app, title):
    (pills,) = [group for group in app.button_group if group.key == "finding"]
    return pills.set_value(title).run()


def roles(folder):
    return dict(corrections.load(folder).images)


def test_what_is_found_is_judged_with_a_click_and_taken_back(folder):
    app = press(open_page("data"), LOOK)
    start = finding(app)
    assert (start["Doubtful labels"], start["No JFIF header"]) == (2, 1) and "Your corrections" not in start
    assert "In dogs · 9" in texts(app)

    checked(app.button(key="Doubtful labels_0_It's a cat").click().run())
    assert roles(folder) == {"dogs/cat_*0*.jpg": "cats"}
    assert metrics(app)["cats"] == str(COUNT + 2) and "Now in cats" in texts(app)
    assert finding(app) == {**start, "Doubtful labels": 1, "Your corrections": 1}

    checked(app.button(key="Doubtful labels_1_Leave out").click().run())
    assert roles(folder)["cats/dog.0.jpg"] == corrections.LEFT_OUT
    assert (metrics(app)["cats"], metrics(app)["set aside"]) == (str(COUNT + 1), "1")

    checked(app.button(key="Doubtful labels_1_Take back").click().run())
    checked(app.button(key="Doubtful labels_1_Fine").click().run())
    assert roles(folder) == {"dogs/cat_*0*.jpg": "cats", "cats/dog.0.jpg": corrections.FINE}

    press(app, "Look again")
    assert "Doubtful labels" not in finding(app), "what was judged is not doubted again"
    checked(choose(app, "Your corrections"))
    press(app, "Take all back")
    assert roles(folder) == {} and metrics(app)["cats"] == str(COUNT + 1) and "Your corrections" not in finding(app)
    press(app, "Look again")
    assert finding(app) == start


def test_files_without_jfif_are_left_out_at_one_click(folder):
    app = checked(choose(press(open_page("data"), LOOK), "No JFIF header"))
    press(app, "Leave out 1 file")
    assert roles(folder) == {"cats/cat_*5*.jpg": corrections.LEFT_OUT} and metrics(app)["set aside"] == "1"
    checked(app.button(key="No JFIF header_0_Take back").click().run())
    assert roles(folder) == {} and metrics(app)["set aside"] == "0"


def test_looking_again_asks_the_network_for_nothing(folder, home):
    app = press(open_page("data"), LOOK)
    (kept,) = (home / "features").iterdir()
    before = files.version(kept)
    checked(app.button(key="Doubtful labels_0_Leave out").click().run())
    press(app, "Look again")
    assert files.version(kept) == before


def test_a_photograph_that_is_gone_is_named(folder):
    app = open_page("data")
    (folder / "cats" / "dog.0.jpg").unlink()
    assert r"dog.0.jpg can no longer be read" in press(app, LOOK).error[0].value


def test_a_data_set_without_a_class_can_be_brought_back(folder):
    app = open_page("data")
    corrections.change(folder, images={photo.path: corrections.LEFT_OUT for photo in dataset.check(folder).photos if photo.label == "cats"})
    press(app, "Check again")
    assert "None of the images of class cats" in app.error[0].value
    press(app, "Take all back")
    assert not app.error and metrics(app)["cats"] == str(COUNT + 1)


def test_few_photographs_are_said_to_be_too_few(tmp_path):
    for number in range(4):
        save(cat(number), tmp_path, "cats", f"{number}.jpg")
        save(noise(number), tmp_path, "dogs", f"{number}.jpg")
    dataset.check(tmp_path)
    written = texts(press(open_page("data"), LOOK))
    assert "where there are 10 photographs or more" in written and "Nothing doubtful was found" in written


def test_near_copies_but_the_largest_are_left_out_at_one_click(folder):
    for number, label in ((7, "dogs"), (8, "cats")):  # the latter is filed under another class than what it is a copy of
        noise(number, (96, 72)).save(folder / label / f"small-{number}.jpg", quality=60)
        noise(number, (96, 72)).resize((192, 144)).save(folder / "dogs" / f"dog.{number}.jpg")
    dataset.check(folder)
    app = checked(choose(press(open_page("data"), LOOK), "Near copies"))
    assert finding(app)["Near copies"] == 4 and "In cats · like dog.8.jpg" in texts(app)
    press(app, "Leave out 1 file")
    assert roles(folder) == {"dogs/small-7.jpg": corrections.LEFT_OUT}
    press(app, "Take all back")
    assert roles(folder) == {}
