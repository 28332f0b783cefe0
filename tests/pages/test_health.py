"""The health check on the page Data; the bundled network looks in a process of its own."""

from pathlib import Path

import pytest
import streamlit as st
from PIL import Image

from catsdogs.analysis import looks
from catsdogs.analysis.copies import EXACT
from catsdogs.data import corrections, dataset
from catsdogs.networks import registry
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.sources import intake, library
from catsdogs.system import files
from pages.parts.data import gallery
from pages.parts.shared import chosen_data
from tests import storing
from tests.images import encoded, noise, photographs
from tests.limits import files_up_to
from tests.pages.opening import button, checked, health, open_line, open_page, press, texts

COUNT = 30  # of each class
LOOK = "Look for doubtful photographs"
CORRECTED = "Your corrections"


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


def roles(folder):
    return dict(corrections.load(folder).images)


def click(app, found):
    return checked(found.click().run())


def restart_server():
    """Forget what the server's process remembers."""
    st.cache_resource.clear()


def test_the_table_of_unusable_files_has_an_alternative_text(folder):
    (folder / "cats" / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    dataset.check(folder)
    (table,) = open_line(open_page("data"), "unusable").dataframe
    assert table.value["file"].tolist() == ["cats/broken.jpg"] and table.proto.alt == "Unusable files"


def test_what_is_found_is_judged_with_a_click_and_taken_back(folder):
    app = open_page("data")
    assert health(app)["Doubtful labels"] == health(app)["Odd ones out"] == "Not looked for yet."
    press(app, LOOK)
    start = health(app)
    assert start["Doubtful labels"] == "2 labels may be wrong. Judged by the bundled network." and CORRECTED not in start
    assert "has looked at all 62 photographs" in texts(app)
    assert "In dogs" not in texts(app), "nothing is drawn that isn't open"

    open_line(app, "doubtful labels")
    assert "In dogs · 9" in texts(app)
    click(app, app.button(key="doubtful labels_0_It's a cat"))
    assert roles(folder) == {"dogs/cat_*0*.jpg": "cats"}
    assert health(app)["Classes"].startswith("32 cats and 30 dogs") and "Now in cats" in texts(app)
    assert health(app)["Doubtful labels"] == "One label may be wrong. Judged by the bundled network."
    assert health(app)[CORRECTED] == "1 relabelled. The next run applies them."

    click(app, app.button(key="doubtful labels_1_Leave out"))
    assert roles(folder)["cats/dog.0.jpg"] == corrections.LEFT_OUT
    assert health(app)["Classes"].startswith("31 cats") and health(app)["Doubtful labels"].startswith("None.")
    assert health(app)["Unusable files"] == "None: every file can be read.", "it was left out on purpose"

    click(app, app.button(key="doubtful labels_1_Take back"))
    click(app, app.button(key="doubtful labels_1_Fine"))
    assert roles(folder) == {"dogs/cat_*0*.jpg": "cats", "cats/dog.0.jpg": corrections.FINE}
    assert "1 called fine, 1 relabelled" in health(app)[CORRECTED]

    open_line(app, "corrections")
    press(app, "Take all back")
    assert roles(folder) == {} and health(app) == start


def test_the_button_says_at_once_what_the_state_is(folder):
    app = press(open_page("data"), LOOK)
    assert LOOK not in [found.label for found in app.button] and button(app, "Look again")
    save(noise(99), folder, "dogs", "new.jpg")
    press(app, "Check again")
    assert "has looked at 62 of 63 photographs; the others are new since" in texts(app)
    press(app, "Look again")
    assert "has looked at all 63 photographs" in texts(app)


def test_what_was_found_outlives_the_server(folder):
    before = health(press(open_page("data"), LOOK))
    restart_server()
    app = open_page("data")
    assert health(app) == before and button(app, "Look again")


def test_a_click_reads_no_photograph(folder, monkeypatch):
    app = open_line(press(open_page("data"), LOOK), "doubtful labels")
    for name in ("cats", "dogs"):
        (folder / name).rename(folder / f"{name} gone")
    click(app, app.button(key="doubtful labels_0_Leave out"))
    click(app, app.button(key="doubtful labels_1_Fine"))
    click(app, app.button(key="doubtful labels_0_Take back"))
    assert health(app)["Doubtful labels"] == "One label may be wrong. Judged by the bundled network." and not app.error


def test_files_without_jfif_are_left_out_at_one_click(folder):
    app = open_line(open_page("data"), "jfif")
    assert health(app)["As Keras' tutorial does"] == "It would leave out one, for its header alone."
    press(app, "Leave out 1 file")
    assert roles(folder) == {"cats/cat_*5*.jpg": corrections.LEFT_OUT} and health(app)["Classes"].startswith("30 cats")
    click(app, app.button(key="jfif_0_Take back"))
    assert roles(folder) == {} and health(app)["Classes"].startswith("31 cats")


def test_a_click_that_can_not_be_kept_says_why_and_changes_nothing(folder):
    app = open_line(open_page("data"), "jfif")
    with files_up_to(20):
        press(app, "Leave out 1 file")
    assert "not allowed here" in app.toast[0].value and roles(folder) == {} and CORRECTED not in health(app)
    press(app, "Leave out 1 file")
    assert corrections.LEFT_OUT in roles(folder).values()


def test_looking_again_asks_the_network_for_nothing(folder, home):
    app = press(open_page("data"), LOOK)
    (kept,) = (home / "features").iterdir()
    before = files.version(kept)
    open_line(app, "doubtful labels")
    click(app, app.button(key="doubtful labels_0_Leave out"))
    press(app, "Look again")
    assert files.version(kept) == before


def test_a_photograph_that_is_gone_is_named(folder):
    app = open_page("data")
    (folder / "cats" / "dog.0.jpg").unlink()
    assert r"dog.0.jpg can no longer be read: no such file or directory." in press(app, LOOK).error[0].value
    assert health(app)["Doubtful labels"] == "Not looked for yet." and button(app, LOOK)


def test_of_a_data_set_in_the_place_of_another_one_nothing_of_before_is_shown_or_judged(home):
    """As where somebody else deletes it while this page is open, and imports another one of the same name."""
    contents = [encoded(noise(seed, (96, 72)), "PNG") for seed in range(20)]
    files_of = [(f"{('cats', 'dogs')[number % 2]}/{number}.png", content) for number, content in enumerate(contents)]
    folder = intake.add_files([*files_of, ("cats/copy.png", contents[0])], "Pets").folder
    app = open_line(open_page("data"), EXACT)
    assert health(app)["Exact copies"] != "None."
    leave_out = app.button(key=f"{EXACT}_0_1_Leave out")
    library.delete(folder)
    intake.add_files([*files_of, ("cats/copy.png", encoded(noise(99, (96, 72)), "PNG"))], "Pets")
    chosen_data.forget(folder)
    click(app, leave_out)
    assert "copy.png has been replaced since you saw it" in app.toast[0].value and not roles(folder)
    assert not [each for each in app.button if each.label == "Leave out"] and health(app)["Exact copies"] == "None."


def test_a_data_set_without_a_class_can_be_brought_back(folder):
    app = open_page("data")
    corrections.change(folder, images={photo.path: corrections.LEFT_OUT for photo in dataset.check(folder).photos if photo.label == "cats"})
    press(app, "Check again")
    assert "None of the images of class cats" in app.error[0].value
    press(open_line(app, "corrections"), "Take all back")
    assert not app.error and health(app)["Classes"].startswith("31 cats")


def test_a_class_that_was_all_relabelled_can_be_brought_back(folder):
    relabelled = {f"cats/{path.name}": "dogs" for path in (folder / "cats").iterdir()}
    corrections.change(folder, images=relabelled)
    app = open_page("data")
    assert "As corrected, all images in" in app.error[0].value and "are dogs" in app.error[0].value
    press(open_line(app, "corrections"), "Take all back")
    assert not app.error and health(app)["Classes"].startswith(f"{COUNT + 1} cats")


def test_a_photograph_that_was_replaced_is_shown_as_it_is_now(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 40), "red").save(path)
    before = gallery.thumbnail(path)
    Image.new("RGB", (40, 40), "blue").save(path)
    assert before[0, 0].tolist() == [255, 0, 0] and gallery.thumbnail(path)[0, 0].tolist() == [0, 0, 255]


def test_few_photographs_are_said_to_be_too_few(tmp_path):
    for number in range(4):
        save(cat(number), tmp_path, "cats", f"{number}.jpg")
        save(noise(number), tmp_path, "dogs", f"{number}.jpg")
    dataset.check(tmp_path)
    app = open_page("data")
    assert "looked for only if each class has at least 10 photographs" in texts(app) and button(app, LOOK).disabled


def test_near_copies_but_the_largest_are_left_out_at_one_click(folder):
    for number, label in ((7, "dogs"), (8, "cats")):  # the latter is filed under another class than what it is a copy of
        noise(number, (96, 72), 40, 216).save(folder / label / f"small-{number}.jpg", quality=60)
        noise(number, (96, 72), 40, 216).resize((192, 144)).save(folder / "dogs" / f"dog.{number}.jpg")
    dataset.check(folder)
    app = open_line(open_page("data"), "near copies")
    assert health(app)["Near copies"] == "2 are like another one. One group is filed under both classes."
    assert "In cats · 96 × 72 px · " in texts(app) and "In dogs · 192 × 144 px · " in texts(app)
    press(app, "Leave out 1 file")
    assert roles(folder) == {"dogs/small-7.jpg": corrections.LEFT_OUT}
    assert ":material/block: Left out" in texts(app), "it stays where it is"
    press(app, "Take all back")
    assert roles(folder) == {}


def test_of_many_copies_some_are_shown_and_one_of_each_class_is_among_them(folder):
    content = (folder / "cats" / "cat_*7*.jpg").read_bytes()
    for number in range(20):
        (folder / "cats" / f"copy-{number}.jpg").write_bytes(content)
    (folder / "dogs" / "copy.jpg").write_bytes(content)
    dataset.check(folder)
    app = open_line(open_page("data"), "exact copies")
    drawn = [found for found in app.button if found.label == "Leave out"]
    assert len(drawn) == 6 and sum(found.label == "It's a cat" for found in app.button) == 1
    press(app, "Show more of 22 copies")
    assert sum(found.label == "Leave out" for found in app.button) == 18
    press(app, "Show more of 22 copies")
    assert sum(found.label == "Leave out" for found in app.button) == 22


def test_a_file_under_both_classes_is_used_once_its_class_is_known(folder):
    (folder / "dogs" / "copy.jpg").write_bytes((folder / "cats" / "cat_*7*.jpg").read_bytes())
    dataset.check(folder)
    app = open_line(open_page("data"), "exact copies")
    assert health(app)["Exact copies"] == "2 are filed under both classes, and not used."
    assert "exact copies_0_0_Fine" not in [found.key for found in app.button]
    click(app, app.button(key="exact copies_0_1_It's a cat"))
    assert roles(folder) == {"dogs/copy.jpg": "cats"} and health(app)["Classes"].startswith("32 cats")
    assert health(app)["Exact copies"] == "None."


def test_labels_are_judged_by_a_run_that_was_trained_on_the_data_set(folder):
    run = trained_on(folder)
    app = open_line(open_page("data"), "doubtful labels")
    press(choose_network(app, run), "Look with this network")
    listing = dataset.check(folder)
    look = looks.load(listing, run)
    assert 0 < len(look.looked_at) < len(listing.photos) and look.odd is None
    assert f"It has looked at {len(look.looked_at)} of 62 photographs" in texts(app)
    assert health(app)["Odd ones out"] == "Not looked for yet."
    found = health(app)["Doubtful labels"]
    assert "Judged by " in found and "bundled" not in found and button(app, "Look again")
    restart_server()
    assert health(app.run())["Doubtful labels"] == found
    choose_network(app, store.load(store.SHIPPED))
    assert health(app)["Doubtful labels"] == "Not looked for yet."


def test_the_network_that_was_chosen_to_judge_labels_is_still_chosen_after_a_look_at_another_data_set(folder, tmp_path_factory):
    """The other one's was taken for the first one's, too."""
    other = photographs(tmp_path_factory.mktemp("other"), {"cats": 30, "dogs": 30})
    dataset.check(other)
    run, _ = trained_on(folder), trained_on(other)
    app = open_page("data")
    app.session_state["data_folder"] = folder
    app = choose_network(open_line(app, "doubtful labels"), run)
    for each in (other, folder):
        app.session_state["data_folder"] = each
        checked(app.run())
    (box,) = [found for found in app.selectbox if found.label == "Judged by"]
    assert box.value == run.id


def test_a_run_whose_photographs_are_unknown_here_says_so(folder):
    run = trained_on(folder, data_fingerprint="of another machine")
    app = choose_network(open_line(open_page("data"), "doubtful labels"), run)
    assert "is not known on this machine" in press(app, "Look with this network").error[0].value


def trained_on(folder, **changed):
    """A finished run on the data set, with a network of its own."""
    run = storing.finished(
        Config(data=str(folder), model="dense", dense_units=8, target_size=32, batch_size=8, validation_split=0.4, test_split=0.2)
    )
    listing = dataset.check(folder)
    known = {**store.environment(run), "class_names": list(listing.class_names), "data_fingerprint": listing.fingerprint}
    store.write_environment(run, {**known, **changed})
    registry.build(run.config).save(run.model_path)
    return store.load(run.id)


def choose_network(app, run):
    (box,) = [found for found in app.selectbox if found.label == "Judged by"]
    return checked(box.set_value(run.id).run())
