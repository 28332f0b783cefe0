"""The page Classify: its networks, the gallery and the table of answers, marks, and what is kept. A browser sends the pictures."""

import json
from types import SimpleNamespace

import pytest

from catsdogs.data import formats
from catsdogs.inference.classifier import Answer
from catsdogs.runs import store, temperature
from catsdogs.settings.config import Config
from pages.parts.classify import inbox
from pages.parts.shared import absence
from tests import storing
from tests.images import encoded, noise
from tests.pages.opening import break_off, checked, end_session, open_page, press, texts, timers


def box(app) -> dict:
    """What the box for pictures is told."""
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)


def album(app):
    """This session's."""
    return inbox.find(box(app)["path"].rpartition("/")[2])


def answered(app, run, answers: dict[str, Answer], network: str = store.SHIPPED) -> None:
    """The network has answered so about the session's pictures, by their names."""
    found = {picture.digest: answers[picture.name] for picture in album(app).pictures}
    known = app.session_state["classify_answers"] if "classify_answers" in app.session_state else {}  # noqa: SIM401  it has no `get`
    app.session_state["classify_answers"] = {**known, (run.id, store.model_version(run), temperature.load(run).value, False): found}


def given(count: int = 30):
    """The page with that many pictures, cats and dogs in turn, the surer the later."""
    app = open_page("classify")
    names = [f"{('cat', 'dog')[number % 2]}.{number}.png" for number in range(count)]
    for number, name in enumerate(names):
        album(app).add_bytes(name, encoded(noise(number, (12, 9)), "PNG"))
    answered(app, store.load(store.SHIPPED), {name: Answer(name, name[:3], 0.55 + number / 100) for number, name in enumerate(names)})
    return checked(app.run())


def cards(app) -> list[str]:
    return [element.value for element in app.markdown if element.value.startswith("##")]


def another(app=None, **settings) -> store.Run:
    """A second network, which is never loaded here."""
    run = storing.finished(Config(**settings))
    run.model_path.write_bytes(b"read when it classifies")
    return run


def mark(app, number: int, label: str):
    """Say what the picture with that place in the gallery is."""
    marking = [group for group in app.button_group if (group.key or "").startswith("mark-")]
    return checked(marking[number].set_value(label).run())


def test_a_bundled_network_is_there_from_the_start():
    network = open_page("classify").selectbox[0]
    assert network.value == store.SHIPPED and "bundled" in network.options[0]


@pytest.mark.parametrize("place", [0, 1])
def test_a_link_chooses_one_of_several_alike(place, tmp_path):
    runs = [storing.finished(Config(data=str(tmp_path))) for _ in range(2)]
    for run in runs:
        run.model_path.write_bytes(b"read when it classifies")
    app = open_page("classify", model=runs[place].id)
    assert app.selectbox[0].value == runs[place].id and not app.warning


def test_a_link_to_a_missing_network_says_so():
    app = open_page("classify", model="nobody")
    assert "no run 'nobody' with a model" in app.warning[0].value and app.selectbox[0].value == store.SHIPPED


def test_the_page_says_what_the_network_learned_from_and_what_it_is_bad_at():
    said = texts(open_page("classify"))
    assert "learned from 17,000 photographs" in said and "It is worst at animals that are small" in said


def test_the_mirror_image_is_offered_with_what_it_costs_and_brings():
    (toggle,) = open_page("classify").toggle
    assert not toggle.value and "twice" in toggle.help and "98.2% instead of 98.0%" in toggle.help


def test_every_kind_of_file_that_is_read_is_taken():
    assert set(box(open_page("classify"))["accept"]) >= {*formats.SUFFIXES, ".zip"}


def test_a_first_visit_shows_a_dozen_pictures_to_try():
    app = open_page("classify")
    assert len(app.image) == 12 and "no photographs" in texts(app)
    shown = [image.value[0] for image in app.image]
    app = press(app, "Others")
    assert not {image.value[0] for image in app.image} & set(shown)


def test_pictures_are_shown_page_by_page_and_counted():
    app = given(30)
    assert "**30 pictures** · 15 cats · 15 dogs · 5 unsure" in texts(app)
    assert len(cards(app)) == len(app.image) == 24 and cards(app)[0].endswith("55.0%")
    checked(app.pagination[0].set_value(2).run())
    assert len(cards(app)) == 6 and cards(app)[-1].endswith("84.0%")


def test_they_are_filtered_and_sorted_by_certainty():
    app = given(30)
    checked(app.button_group(key="answers_shown").set_value("dog").run())
    assert len(cards(app)) == 15 and all("dog" in card for card in cards(app))
    checked(app.selectbox(key="answers_order_False").set_value("most certain first").run())
    assert cards(app)[0].endswith("84.0%") and cards(app)[-1].endswith("56.0%")


def test_a_page_that_is_no_longer_there_gives_way_to_the_last():
    app = given(30)
    checked(app.pagination[0].set_value(2).run())
    checked(app.button_group(key="answers_shown").set_value("unsure").run())
    assert len(cards(app)) == 5


def test_wrong_answers_are_marked_and_the_mark_can_be_taken_back():
    app = mark(given(6), 1, "cat")
    assert "1 marked wrong" in texts(app) and "dog.1.png · little better than a guess · marked wrong" in texts(app).replace("\\", "")
    mark(app, 0, "cat")
    assert "1 marked wrong" in texts(app), "a mark that says the same as the answer"
    mark(app, 1, None)
    assert "marked wrong" not in texts(app)


def test_what_looks_like_neither_says_so():
    app = given(3)
    given_names = [picture.name for picture in album(app).pictures]
    answered(app, store.load(store.SHIPPED), {name: Answer(name, "cat", 0.9, neither=name == given_names[1]) for name in given_names})
    app = checked(app.run())
    assert "**3 pictures** · 2 cats · 1 look like neither" in texts(app)
    assert texts(app).count("## :gray[neither]") == 1 and "Of the two, rather **cat** 90.0%" in texts(app)


def test_a_table_says_neither_where_the_gallery_does():
    app = open_page("classify")
    for name in ("a.png", "b.png"):
        album(app).add_bytes(name, encoded(noise(len(name) + ord(name[0]), (12, 9)), "PNG"))
    found = {"a.png": Answer("a.png", "cat", 0.9, neither=True), "b.png": Answer("b.png", "dog", 0.9, neither=False)}
    answered(app, store.load(store.SHIPPED), found)
    checked(app.run())
    assert any("neither" in card for card in cards(app))
    checked(app.button_group(key="answers_view").set_value(":material/table_rows: Table").run())
    table = app.dataframe[0].value
    assert list(table["answer"]) == ["neither, rather cat", "dog"] and "problem" not in table


def test_a_table_has_all_rows_at_once():
    app = given(30)
    checked(app.button_group(key="answers_view").set_value(":material/table_rows: Table").run())
    table = app.dataframe[0].value
    assert len(table) == 30 and list(table["answer"][:2]) == ["cat", "dog"] and not cards(app)


def test_two_networks_are_compared_where_they_disagree_first():
    other = another()
    app = given(4)
    answered(app, other, {name: Answer(name, "cat", 0.8) for name in ("cat.0.png", "dog.1.png", "cat.2.png", "dog.3.png")})
    checked(app.selectbox[1].set_value(other.id).run())
    assert "2 networks disagree" in texts(app) and ["dog" in card for card in cards(app)] == [True, True, False, False]
    assert texts(app).count("The other network: **:orange[cat]** 80.0%") == 2
    checked(app.button_group(key="answers_shown").set_value("networks disagree").run())
    assert len(cards(app)) == 2


def test_a_network_of_other_classes_is_not_compared():
    run = another()
    store.write_environment(run, {**store.environment(run), "class_names": ("huskies", "wolves")})
    assert open_page("classify").selectbox[1].options == []


def test_marked_and_answered_pictures_become_a_data_set(home):
    app = mark(mark(given(6), 1, "cat"), 2, "neither")
    app.text_input(key="kept_name").set_value("My pets").run()
    assert "5 pictures: 3 cats, 2 dogs. The other 1 are left out. " in texts(app)
    checked(app.button(key="keep").click().run())
    kept = {path.relative_to(home / "data").as_posix() for path in (home / "data").glob("*/*/*")}
    assert kept == {
        f"my-pets/{path}" for path in ("cats/cat.0.png", "cats/dog.1.png", "cats/cat.4.png", "dogs/dog.3.png", "dogs/dog.5.png")
    }
    assert "5 pictures kept as My pets" in app.success[0].value


def test_what_can_not_be_read_is_named_with_the_reason():
    app = open_page("classify")
    album(app).add_bytes("letter.txt", b"Dear cat")
    album(app).add_bytes("cut.jpg", encoded(noise(1), "JPEG")[:300])
    answered(app, store.load(store.SHIPPED), {"cut.jpg": Answer("cut.jpg", error="The image is damaged.")})
    checked(app.run())
    assert app.error[0].value == "The image is damaged." and "letter.txt: Not an image" in texts(app)


def test_pictures_are_deleted_when_they_are_cleared(home):
    app = given(3)
    first = album(app)
    app = press(app, "Clear")
    assert len(app.image) == 12 and not first.folder.exists() and album(app).pictures == ()
    assert "classify_answers" not in app.session_state


def test_pictures_stay_while_the_connection_is_lost_for_a_moment():
    app = given(3)
    opened = album(app)
    break_off()
    checked(app.run())
    assert album(app) is opened and len(opened.pictures) == 3
    end_session()
    assert not opened.folder.exists()


def test_pictures_stay_where_who_came_back_has_not_clicked_yet(monkeypatch):
    opened = album(given(3))
    monkeypatch.setattr(absence.runtime, "exists", lambda: True)
    monkeypatch.setattr(absence.runtime, "get_instance", lambda: SimpleNamespace(is_active_session=lambda id: True))
    end_session()
    assert opened.folder.exists() and timers()
    monkeypatch.undo()
    end_session()
    assert not opened.folder.exists()


def test_who_comes_back_to_another_page_keeps_the_pictures():
    app = given(3)
    opened = album(app)
    break_off()
    checked(app.switch_page("train.py").run())
    assert not timers() and opened.folder.exists()


def test_pictures_that_were_deleted_after_a_day_give_way_to_a_first_visit():
    app = given(3)
    album(app).delete()
    assert len(checked(app.run()).image) == 12
