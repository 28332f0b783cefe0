"""The page Data, and how the data set chosen there is shared with the other pages."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from catsdogs.data import dataset
from pages.parts.shared import chosen_data
from tests.images import encoded, noise, photographs
from tests.limits import files_up_to
from tests.pages.opening import button, checked, health, open_line, open_page, press, texts


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 20, "dogs": 20})


def choose_folder(path: Path) -> AppTest:
    app = open_page("data")
    app.button_group(key="source").set_value("Folder on the server").run()
    app.text_input(key="folder_path").set_value(str(path))
    return press(app, "Check and use")


@pytest.mark.parametrize(
    ("page", "text"),
    [("data", "No data set yet"), ("train", "Nothing to train on yet"), ("results", "No runs yet")],
)
def test_an_empty_page_says_what_to_do_next(page, text):
    assert text in texts(open_page(page))


def test_a_data_set_is_drawn_and_shown():
    app = open_page("data")
    app.number_input(key="drawn_count").set_value(24)
    found = health(press(app, "Draw data set"))
    assert found["Classes"] == "12 cats and 12 dogs, about equal, but few." and found["Exact copies"] == found["Near copies"] == "None."


@pytest.mark.parametrize("source", ["Drawn", "Upload", "Camera", "Download", "Folder on the server"])
def test_one_button_at_most_is_the_main_one_whatever_source_is_open(source):
    app = open_page("data")
    app.number_input(key="drawn_count").set_value(24)
    before = checked(app.button_group(key="source").set_value(source).run())
    assert len(main_ones(before)) == (2 if source == "Camera" else source != "Upload")
    checked(app.button_group(key="source").set_value("Drawn").run())
    press(app, "Draw data set")
    assert main_ones(checked(app.button_group(key="source").set_value(source).run())) == ["Train on it"]


def main_ones(app) -> list[str]:
    """The buttons that stand out."""
    return [found.label for found in app.button if found.proto.type == "primary"]


def test_sessions_that_draw_the_same_set_at_once_end_with_it(home):
    with ThreadPoolExecutor(3) as pool:
        drawn = [each.result() for each in [pool.submit(chosen_data.draw, 20, 0) for _ in range(3)]]
    assert set(drawn) == {home / "data" / "drawn-20-0"} and len(list(drawn[0].rglob("*.jpg"))) == 20


@pytest.mark.parametrize("page", ["data", "train", "results"])
def test_an_empty_page_promises_no_time_that_depends_on_the_machine(page):
    assert not re.search(r"\b(second|minute|hour)s?\b", texts(open_page(page)))


@pytest.mark.parametrize(("name", "value", "limits"), [("count", 3, "20 to 20,000"), ("seed", 2**31, "0 to 2147483647")])
def test_what_is_outside_the_limits_is_refused(name, value, limits):
    app = open_page("data")
    app.number_input(key=f"drawn_{name}").set_value(value)
    error = press(app, "Draw data set").error[0].value
    assert f"{name} = {value}" in error and limits in error


@pytest.mark.parametrize("source", ["Drawn", "Upload", "Camera", "Download", "Folder on the server", "Used before"])
def test_on_a_full_disk_the_data_set_is_shown_whatever_source_is_open(source, folder):
    dataset.check(folder)
    app = open_page("data")
    with files_up_to(20):
        checked(app.button_group(key="source").set_value(source).run())
    assert health(app)["Classes"].startswith("20 cats")
    assert [("not allowed here" in error.value) for error in app.error] == [True] * (source == "Upload")


@pytest.mark.parametrize(("second", "is_told"), [("dogs", False), ("Cat", True)])
def test_two_boxes_of_one_class_keep_their_files_until_the_classes_differ(second, is_told):
    app = checked(open_page("data").button_group(key="source").set_value("Upload").run())
    checked(app.button_group(key="upload_way").set_value("Two boxes").run())
    for number, box in enumerate(app.file_uploader):
        box.set_value(("1.png", encoded(noise(number), "PNG"), "image/png"))
    checked(app.text_input(key="upload_class_dogs").set_value(second).run())
    assert [("same class" in warning.value) for warning in app.warning] == [True] * is_told
    assert button(app, "Make a data set").disabled == is_told and len(app.file_uploader[0].value) == 1


def test_unusable_files_are_listed_with_the_reason(folder):
    for name in ("1.jpg", "2.jpg"):
        (folder / "dogs" / name).touch()
    app = choose_folder(folder)
    assert health(app)["Unusable files"] == "2 can't be used." and not app.dataframe
    open_line(app, "unusable")
    assert app.dataframe[0].value["file"].tolist() == ["dogs/1.jpg", "dogs/2.jpg"] and "2 files: The file is empty." in texts(app)


def test_unequal_classes_are_warned_of(folder, tmp_path):
    assert "about equal" in health(choose_folder(folder))["Classes"]
    app = choose_folder(photographs(tmp_path / "unequal", {"cats": 4, "dogs": 36}))
    assert health(app)["Classes"] == "4 cats and 36 dogs: 9 times as many dogs, and few of both."
    warning = texts(open_line(app, "classes"))
    assert "36 dogs and 4 cats" in warning and "90.0%" in warning and "class_weight to balanced" in warning


def test_an_empty_folder_and_a_single_class_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    assert choose_folder(tmp_path / "empty").error
    photographs(tmp_path / "one", {"cats": 4})
    assert "only one class (cats)" in choose_folder(tmp_path / "one").error[0].value


def test_a_refused_folder_leaves_the_chosen_data_set(folder, tmp_path):
    dataset.check(folder)
    app = choose_folder(tmp_path / "nowhere")
    assert "There is no folder" in app.error[0].value and "Samples" in texts(app)
    assert not app.get("progress")


def test_without_a_data_set_train_leads_to_ones_own_photographs_or_draws_one_and_chooses_it(home):
    photographs(home / "data" / "drawn-2000-0", {"cats": 20, "dogs": 20})  # as if drawn before: drawing 2,000 takes most of a minute
    app = open_page("train")
    assert "Use your own photographs" in [link.proto.label for link in app.get("page_link")]
    app = press(app, "Draw data set")
    data_set = app.selectbox[0]
    assert (data_set.label, data_set.options) == ("Data set", ["Drawn · 2,000 images"])
    assert button(app, "Start training") and not app.error


def test_an_empty_tab_finds_what_another_one_checked(folder):
    tabs = {name: open_page(name) for name in ("data", "train")}
    dataset.check(folder)
    for tab in tabs.values():
        checked(tab.run())
    assert tabs["train"].selectbox[0].value == folder and button(tabs["train"], "Start training")
    assert "Samples" in texts(tabs["data"])


def test_a_missing_data_set_gives_way_to_the_previous_one(folder, tmp_path):
    other = photographs(tmp_path / "others", {"cats": 20, "dogs": 20})
    for each in (other, folder):
        dataset.check(each)
    app = open_page("train")
    assert app.selectbox[0].value == folder
    folder.rename(tmp_path / "elsewhere")
    assert app.run().selectbox[0].value == other
    other.rename(tmp_path / "elsewhere, too")
    assert "Nothing to train on yet" in texts(checked(app.run()))


@pytest.mark.parametrize(
    ("address", "is_there"),
    [("http://192.0.2.7:8501/data", False), ("http://localhost.example/data", False), ("http://localhost:8501/data", True)],
)
def test_where_browsers_have_no_camera_for_a_page_it_says_what_to_do_instead(monkeypatch, address, is_there):
    monkeypatch.setattr(type(st.context), "url", address)
    app = checked(open_page("data").button_group(key="source").set_value("Camera").run())
    assert ("Browsers let a page use the camera over HTTPS and on localhost only" in texts(app)) != is_there
    assert bool(app.get("camera_input")) == is_there


def test_a_phone_is_offered_boxes_for_its_photographs_first(monkeypatch):
    uploading = checked(open_page("data").button_group(key="source").set_value("Upload").run())
    assert uploading.button_group(key="upload_way").value == "ZIP file"
    monkeypatch.setattr(
        type(st.context), "headers", {"User-Agent": "Mozilla/5.0 (Linux; Android 14; Pixel 7) Chrome/124.0.0.0 Mobile Safari/537.36"}
    )
    uploading = checked(open_page("data").button_group(key="source").set_value("Upload").run())
    assert uploading.button_group(key="upload_way").value == "Two boxes"


def test_what_the_seed_of_drawn_images_is_for_is_said():
    assert "draws the same images again" in next(field for field in open_page("data").number_input if field.label == "Seed").help
