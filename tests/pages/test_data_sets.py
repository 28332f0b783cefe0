"""The page Data: a data set's reading, its name, and its end; what is downloaded."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from catsdogs.data import corrections, dataset, known_folders
from catsdogs.settings.config import Config
from catsdogs.sources import catalogue, intake, library
from catsdogs.sources import download as fetching
from catsdogs.system.words import counted
from pages.parts.data import download
from pages.parts.shared import chosen_data, names
from tests.images import photographs, picture
from tests.limits import files_up_to
from tests.pages.opening import button, checked, health, open_page, press, texts
from tests.pages.test_data import choose_folder
from tests.sources.conftest import content, offer, server  # noqa: F401
from tests.sources.test_archive import good
from tests.storing import finished


@pytest.fixture
def folder(tmp_path, home):
    made = intake.add_archive(good(tmp_path / "pets.zip")).folder
    dataset.check(made)
    return made


def read_as(app, path):
    return next(box for box in app.selectbox if box.label == f"Read {path} as")


def test_how_a_folder_was_read_is_shown_and_corrected(tmp_path):
    for name in ("train", "extra"):
        photographs(tmp_path / name, {"cats": 4, "dogs": 4})
    app = choose_folder(tmp_path)
    assert health(app)["Classes"].startswith("4 cats") and "extra/ · 8 images · :orange[left out]: It lies beside train/" in texts(app)
    checked(read_as(app, "extra").set_value("validation").run())
    assert health(app)["Classes"].startswith("8 cats") and "left out" not in texts(app)
    assert corrections.load(tmp_path).folders == {"extra": "validation"}
    checked(read_as(app, "extra").set_value("as its name says").run())
    assert health(app)["Classes"].startswith("4 cats") and corrections.load(tmp_path).folders == {}


def test_two_classes_can_be_swapped_and_what_was_corrected_is_said_where_that_leaves_too_few(tmp_path):
    photographs(tmp_path, {"Katzen": 4, "Hunde": 3})
    app = choose_folder(tmp_path)
    checked(read_as(app, "Hunde").set_value("class Katzen").run())
    assert "holds only one class (Katzen)" in app.error[0].value and "You can undo your corrections under" in app.error[0].value
    checked(read_as(app, "Katzen").set_value("class Hunde").run())
    assert health(app)["Classes"].startswith("4 Hunde and 3 Katzen")
    for name in ("Katzen", "Hunde"):
        checked(read_as(app, name).set_value("left out").run())
    assert "are left out; exactly two classes are needed. You can undo your corrections under" in app.error[0].value


def test_folders_are_drawn_inside_each_other_and_none_is_kept_back(tmp_path):
    for number in range(15):
        photographs(tmp_path / f"person {number:02}", {"cats": 1, "dogs": 1})
    app = choose_folder(tmp_path)
    assert "\n&emsp;&ensp;:material/folder: person 00/ · 2 images · several classes" in texts(app)
    assert "\n&emsp;&ensp;&emsp;&ensp;:material/folder: cats/ · 1 image · class cats" in texts(app)
    assert "person 14/" not in texts(app)
    press(app, "Show more of 46 folders")
    checked(read_as(app, "person 14").set_value("left out").run())
    assert health(app)["Classes"].startswith("14 cats and 14 dogs")


def test_a_correction_that_can_not_be_kept_is_told_and_not_made(tmp_path):
    for name in ("train", "extra"):
        photographs(tmp_path / name, {"cats": 4, "dogs": 4})
    app = choose_folder(tmp_path)
    with files_up_to(20):
        checked(read_as(app, "extra").set_value("validation").run())
    assert "not allowed here" in app.toast[0].value and read_as(app, "extra").value == "as its name says"
    assert health(app)["Classes"].startswith("4 cats") and corrections.load(tmp_path).folders == {}


def test_what_one_tab_corrects_another_shows_and_leaves(tmp_path):
    for name in ("train", "extra"):
        photographs(tmp_path / name, {"cats": 4, "dogs": 4})
    tab, other = choose_folder(tmp_path), choose_folder(tmp_path)
    checked(read_as(tab, "extra").set_value("validation").run())
    for each in (other, tab, other):
        checked(each.run())
        assert read_as(each, "extra").value == "validation" and corrections.load(tmp_path).folders == {"extra": "validation"}
    checked(read_as(other, "extra").set_value("left out").run())
    checked(tab.run())
    assert read_as(tab, "extra").value == "left out" and corrections.load(tmp_path).folders == {"extra": "left out"}


def test_a_correction_to_a_class_that_no_folder_is_called_any_more_stays(tmp_path):
    photographs(tmp_path, {"cats": 4, "dogs": 4, "Minka": 2})
    corrections.change(tmp_path, folders={"Minka": "class cats"})
    (tmp_path / "cats").rename(tmp_path / "Cats")
    app = choose_folder(tmp_path)
    assert health(app)["Classes"].startswith("6 cats and 4 dogs")
    assert read_as(app, "Minka").value == "class cats" and corrections.load(tmp_path).folders == {"Minka": "class cats"}


def test_of_two_data_sets_of_one_name_the_one_that_is_picked_is_chosen(tmp_path):
    folders = [intake.add_archive(good(tmp_path / "pets.zip"), "Pets").folder for _ in range(2)]
    for folder in folders:
        dataset.check(folder)
    app = open_page("train")
    box = next(box for box in app.selectbox if box.label == "Data set")
    assert box.options == [f"Pets ({folder.name})" for folder in folders]
    for folder in (*folders, *folders):
        box = next(box for box in app.selectbox if box.label == "Data set")
        checked(box.set_value(f"Pets ({folder.name})").run())
        assert app.session_state["data_folder"] == folder


def test_what_was_brought_is_offered_even_where_it_can_not_be_used_yet(tmp_path):
    dataset.check(photographs(tmp_path / "whole", {"cats": 4, "dogs": 4}))
    only_cats = photographs(tmp_path / "half", {"cats": 4})
    chosen_data.adopt(only_cats)
    app = open_page("data")
    assert only_cats in known_folders.load() and app.error
    assert str(only_cats) in next(box for box in open_page("train").selectbox if box.label == "Data set").options


def test_a_folder_that_can_not_be_used_as_it_is_can_be_corrected_there(tmp_path, folder):
    photographs(tmp_path / "mine", {"Minka": 3, "Rex": 3, "Tom": 3})
    library.rename(tmp_path / "mine", "Mine")
    app = open_page("data")
    app.session_state["data_folder"] = tmp_path / "mine"
    checked(app.run())
    assert app.error[0].value.startswith("Mine holds 3 classes (Minka, Rex, Tom)")
    checked(read_as(app, "Tom").set_value("class Minka").run())
    assert not app.error and health(app)["Classes"].startswith("6 Minka and 3 Rex")


def test_folders_of_single_animals_become_cats_and_dogs(tmp_path):
    choose_folder(photographs(tmp_path / "whole", {"cats": 4, "dogs": 4}))
    app = choose_folder(photographs(tmp_path / "pets", {"Bello": 3, "Luna": 3, "Minka": 3}))
    assert [error.value for error in app.error if "pets holds 3 classes (Bello, Luna, Minka)" in error.value]
    for name, animal in (("Luna", "cats"), ("Minka", "cats"), ("Bello", "dogs")):
        assert next(found for found in app.expander if "How the folder was read" in found.label).proto.expanded
        checked(read_as(app, name).set_value(f"class {animal}").run())
    assert not app.error and health(app)["Classes"].startswith("6 cats and 3 dogs")


@pytest.mark.parametrize(
    ("names", "told"), [((), "no class"), (("cat.1.jpg",), "one class"), (("cat.1.jpg", "dog.1.jpg"), "several classes")]
)
def test_a_folder_is_said_to_hold_as_many_classes_as_it_does(names, told, tmp_path):
    for name in ("IMG_1.jpg", *names):
        picture(tmp_path / name)
    app = open_page("data")
    app.session_state["data_folder"] = tmp_path
    assert f"/ · {counted(1 + len(names), 'image')} · {told}" in texts(checked(app.run()))


@pytest.mark.parametrize("kind", ["emptied", "corrections"])
def test_a_folder_that_can_not_be_read_any_more_is_told_in_a_sentence(kind, tmp_path, home):
    made = photographs(tmp_path / "mine", {"cats": 3, "dogs": 3})
    app = choose_folder(made)
    corrections.change(made, images={"cats/cats.0.jpg": "fine"})
    if kind == "emptied":
        for path in made.rglob("*.jpg"):
            path.unlink()
    else:
        next((home / "corrections").glob("*.json")).write_text("[]")
    press(app, "Check again")
    assert [("holds no images" if kind == "emptied" else "can't be read. Delete") in error.value for error in app.error] == [True]


def test_what_is_left_out_is_said_once_and_of_no_images_without_their_number(tmp_path):
    photographs(tmp_path / "pets", {"cats": 3, "dogs": 3, "birds": 1})
    (tmp_path / "pets" / "all").symlink_to("cats")
    said = texts(choose_folder(tmp_path / "pets"))
    assert said.count("birds/") == 1 and "birds/ · 1 image · :orange[left out]: Its name is neither" in said
    assert "Left out: all/. A link to a folder that is read already." in said


def test_names_that_run_from_right_to_left_leave_the_text_around_them_as_it_is(tmp_path):
    said = texts(choose_folder(photographs(tmp_path, {"قطط": 3, "كلاب": 3})))
    assert "\u2068قطط\u2069/ · 3 images · class \u2068قطط\u2069" in said


def test_a_data_set_is_renamed(folder):
    app = open_page("data")
    next(field for field in app.text_input if field.label == "Name").set_value("Our *pets*")
    next(found for found in app.button if found.label == "Rename" and found.form_id).click()
    checked(app.run())
    assert library.name_of(folder) == "Our *pets*"
    assert r"Our \*pets\*" in [heading.value for heading in app.header]


def test_whoever_was_about_to_rename_a_data_set_that_somebody_else_deletes_is_told_and_goes_on_with_another(folder, tmp_path):
    other = intake.add_archive(good(tmp_path / "others.zip")).folder
    app = open_page("data")
    app.button_group(key="source").set_value("Used before").run()
    checked(app.selectbox(key="data_picked").set_value(folder).run())
    library.rename(folder, "Our pets")
    checked(app.run())
    library.delete(folder)
    press(app, "Rename")
    assert [said.value for said in app.toast] == ["Our pets is gone: it was deleted or moved."]
    assert app.selectbox(key="data_picked").value == other and library.name_of(other) == "others"


def test_before_it_is_deleted_the_runs_on_it_are_named(folder):
    finished(Config(data=str(folder)))
    app = press(open_page("data"), "Delete")
    assert "can't be resumed or repeated:\n" in texts(app) and "Conv2D · Adam · 150 px · batch 100, seed 0" in texts(app)
    assert folder.exists()


def test_a_folder_of_the_server_s_is_not_offered_for_deletion(tmp_path):
    app = choose_folder(photographs(tmp_path / "mine", {"cats": 3, "dogs": 3}))
    assert "Delete" not in [found.label for found in app.button]


def test_of_what_many_people_correct_at_once_nothing_is_lost_to_any_of_them(tmp_path):
    photographs(tmp_path, {"cats": 40, "dogs": 4})
    said = {path: corrections.FINE for path in (photo.path for photo in chosen_data.check(tmp_path).photos) if path.startswith("cats")}
    with ThreadPoolExecutor(len(said)) as people:
        for each in [people.submit(chosen_data.correct, tmp_path, {path: role}) for path, role in said.items()]:
            each.result()
    assert chosen_data.check(tmp_path).corrections.images == corrections.load(tmp_path).images == said


def test_what_is_corrected_while_another_person_s_page_checks_the_data_set_is_shown_there_too(tmp_path, monkeypatch):
    photographs(tmp_path, {"cats": 4, "dogs": 4})
    said = {"cats/cats.1.jpg": corrections.LEFT_OUT}
    monkeypatch.setattr(chosen_data, "_bar", lambda text: lambda done, total: chosen_data.correct(tmp_path, said))
    listing = chosen_data.check(tmp_path)
    assert listing.corrections.images == said and listing.counts == {"cats": 3, "dogs": 4}


def test_sessions_that_download_the_same_set_at_once_end_with_it(server, offer, home):  # noqa: F811
    with ThreadPoolExecutor(3) as pool:
        for each in [pool.submit(download.bring, offer) for _ in range(3)]:
            each.result()
    assert len(list(intake.folder_of(offer).rglob("*.jpg"))) == 24 and server.asked == [None]
    assert [path.name for path in (home / "data").iterdir()] == ["downloaded-full"]
    assert not list((home / "downloads").glob("*.zip"))


def test_a_download_fails_with_a_sentence_and_is_resumed(server, offer, monkeypatch):  # noqa: F811
    monkeypatch.setattr(catalogue, "OFFERS", (replace(offer, name="starter"),))
    app = open_page("data")
    app.button_group(key="source").set_value("Download").run()
    server.breaks, server.status = [500_000], 200
    server.promised = None
    whole, server.content = server.content, server.content[:500_000]
    press(app, "Download")
    assert "can't be downloaded" in app.error[0].value and "upload the file" in app.error[0].value
    server.content = whole
    press(app, "Download" if "Download" in [found.label for found in app.button] else "Resume download")
    assert health(app)["Classes"].startswith("12 cats and 12 dogs")
    assert button(app, "Use it")


def test_a_download_that_was_left_while_it_was_unpacked_is_told_from_one_that_has_not_begun(offer, monkeypatch):  # noqa: F811
    monkeypatch.setattr(catalogue, "OFFERS", (replace(offer, name="starter"), offer))
    fetching.fetch(offer)
    app = open_page("data")
    app.button_group(key="source").set_value("Download").run()
    assert [button(app, label).key for label in ("Download", "Resume download")] == ["download_starter", "download_full"]
    press(app, "Resume download")
    assert health(app)["Classes"].startswith("12 cats and 12 dogs")


def test_what_a_download_left_on_the_disk_can_be_deleted(offer, home, monkeypatch):  # noqa: F811
    monkeypatch.setattr(catalogue, "OFFERS", (offer,))
    path = fetching.fetch(offer)
    app = open_page("data")
    app.button_group(key="source").set_value("Download").run()
    press(app, f"Delete the downloaded {names.size(offer.size)}")
    assert button(app, "Download") and not path.exists() and "Delete the downloaded" not in labels(app)


def test_what_was_left_of_a_download_that_has_become_a_data_set_can_be_deleted_and_the_data_set_stays(offer, home, monkeypatch):  # noqa: F811
    """As where the server was killed right after unpacking."""
    monkeypatch.setattr(catalogue, "OFFERS", (offer,))
    path = fetching.fetch(offer)
    intake.add_archive(path, offer.title, to=intake.folder_of(offer))
    app = open_page("data")
    app.button_group(key="source").set_value("Download").run()
    press(app, f"Delete the downloaded {names.size(offer.size)}")
    assert button(app, "Use it") and not path.exists() and len(list(intake.folder_of(offer).rglob("*.jpg"))) == 24


def test_what_another_session_downloads_or_unpacks_is_not_deleted(offer, home, monkeypatch):  # noqa: F811
    monkeypatch.setattr(catalogue, "OFFERS", (offer,))
    path = fetching.fetch(offer)
    app = open_page("data")
    app.button_group(key="source").set_value("Download").run()
    with fetching.making(offer):
        press(app, f"Delete the downloaded {names.size(offer.size)}")
        assert "is being downloaded or unpacked by somebody else" in app.toast[0].value and path.exists()
        assert button(app, "Resume download") and "Delete the downloaded" not in labels(app)


def labels(app) -> str:
    return "\n".join(found.label for found in app.button)
