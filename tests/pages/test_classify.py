"""The page Classify: its networks, the gallery and the table of answers, marks, and what is kept. A browser sends the pictures."""

import json
import os
import shutil
from types import SimpleNamespace

import pytest

from catsdogs.analysis import neither
from catsdogs.data import dataset, formats
from catsdogs.inference import sheet
from catsdogs.inference.classifier import Answer
from catsdogs.networks import registry
from catsdogs.runs import predictions, store, temperature, trash
from catsdogs.settings.config import Config
from catsdogs.system import access
from pages.parts.classify import asking, inbox
from pages.parts.shared import absence, entrance
from pages.parts.shared.access_settings import AccessSettings
from tests import storing
from tests.images import encoded, noise, photographs, picture
from tests.pages.opening import break_off, checked, end_session, open_page, press, texts, timers


def box(app) -> dict:
    """What the box for pictures is told."""
    told = [json.loads(component.proto.json or "{}") for component in app.get("bidi_component")]
    return next(data for data in told if "path" in data)


def album(app):
    """This session's."""
    return inbox.find(box(app)["path"].rpartition("/")[2])


def answered(app, run, answers: dict[str, Answer], network: str = store.SHIPPED) -> None:
    """The network has answered so about the session's pictures, by their names."""
    found = {picture.digest: answers[picture.name] for picture in album(app).pictures}
    known = app.session_state["classify_answers"] if "classify_answers" in app.session_state else {}  # noqa: SIM401  it has no `get`
    app.session_state["classify_answers"] = {**known, (run.id, store.answer_version(run), temperature.load(run).value, False): found}


def given(count: int = 30):
    """The page with that many pictures, cats and dogs in turn, the surer the later."""
    app = open_page("classify")
    names = [f"{('cat', 'dog')[number % 2]}.{number}.png" for number in range(count)]
    for number, name in enumerate(names):
        album(app).add_bytes(name, encoded(noise(number, (12, 9)), "PNG"))
    sure = [0.55 + number / max(100, 2.5 * count) for number in range(count)]
    answered(app, store.load(store.SHIPPED), {name: Answer(name, name[:3], each) for name, each in zip(names, sure, strict=True)})
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
    assert network.value == store.SHIPPED and "Bundled" in network.options[0]


@pytest.mark.parametrize("place", [0, 1])
def test_a_link_chooses_one_of_several_alike(place, tmp_path):
    runs = [storing.finished(Config(data=str(tmp_path))) for _ in range(2)]
    for run in runs:
        run.model_path.write_bytes(b"read when it classifies")
    app = open_page("classify", model=runs[place].id)
    assert app.selectbox[0].value == runs[place].id and not app.warning


def test_every_choice_of_a_network_is_kept():
    runs = [another(seed=seed) for seed in range(3)]
    app = open_page("classify")
    for run in (runs[0], runs[2], runs[0], runs[1], store.load(store.SHIPPED), runs[2]):
        checked(app.selectbox[0].set_value(run.id).run())
        assert app.selectbox[0].value == run.id and app.query_params["model"] == run.id
    app.query_params["model"] = runs[1].id
    assert checked(app.run()).selectbox[0].value == runs[1].id, "a link"


def test_every_choice_of_a_second_network_is_kept_and_can_be_taken_back():
    runs = [another(seed=seed) for seed in range(3)]
    app = open_page("classify")
    for run in (runs[0], runs[2], runs[0], None, runs[1], None):
        checked(app.selectbox[1].set_value(run and run.id).run())
        assert app.selectbox[1].value == (run and run.id)
        assert checked(app.run()).selectbox[1].value == (run and run.id), "a click elsewhere"


def test_networks_that_are_called_the_same_are_told_apart():
    alike = [another(), another()]  # of the same second
    app = open_page("classify")
    assert len(set(app.selectbox[0].options)) == 3
    for run in alike:
        checked(app.selectbox[0].set_value(run.id).run())
        assert app.selectbox[0].value == run.id


def test_a_link_to_a_missing_network_says_so():
    app = open_page("classify", model="nobody")
    assert "no run 'nobody' with a model" in app.warning[0].value and app.selectbox[0].value == store.SHIPPED


def test_a_network_that_somebody_deletes_is_said_to_be_gone_until_another_one_is_chosen():
    chosen, other = another(), another()
    app = given(3)
    checked(app.selectbox[0].set_value(chosen.id).run())
    trash.put(chosen)
    for _ in range(2):
        checked(app.run())
        assert f"There is no run '{chosen.id}' with a model; it may have been deleted." in app.warning[0].value
        assert app.selectbox[0].value == store.SHIPPED and len(cards(app)) == 3
    checked(app.selectbox[0].set_value(other.id).run())
    assert not app.warning and app.selectbox[0].value == other.id


def test_a_network_that_is_missing_is_not_spoken_of_where_a_link_leads_to_another_one():
    run = another()
    app = open_page("classify", model="nobody")
    app.query_params["model"] = run.id
    checked(app.run())
    assert not app.warning and app.selectbox[0].value == run.id


def test_the_page_says_what_the_network_learned_from_and_what_it_is_bad_at():
    said = texts(open_page("classify"))
    assert "learned from 17,000 photographs" in said and "It is worst at animals that are small" in said


def test_the_mirror_image_is_offered_with_what_it_costs_and_brings():
    (toggle,) = open_page("classify").toggle
    assert not toggle.value and "twice" in toggle.help and "98.6% instead of 98.0%" in toggle.help


def test_every_kind_of_file_that_is_read_is_taken():
    assert set(box(open_page("classify"))["accept"]) >= {*formats.SUFFIXES, ".zip"}


def test_a_first_visit_shows_a_dozen_pictures_to_try():
    app = open_page("classify")
    assert len(app.image) == 12 and "not photographed" in texts(app)
    shown = [image.value[0] for image in app.image]
    app = press(app, "Show others")
    assert not {image.value[0] for image in app.image} & set(shown)


@pytest.fixture
def evaluated(home, tmp_path):
    """A second network, whose four held-out photographs lie in one folder here."""
    run = storing.finished(Config(data=str(tmp_path)), right=4, count=4)
    run.model_path.write_bytes(b"read when it classifies")
    _, labels, probabilities = zip(*predictions.load(run), strict=True)
    names = [picture(tmp_path / "all" / f"{number}.jpg").name for number in range(4)]
    predictions.write(run, [f"all/{name}" for name in names], labels, probabilities)
    return run


def test_held_out_photographs_are_called_by_their_class(evaluated):
    app = open_page("classify", model=evaluated.id)
    assert "Held out: the network was not trained on these." in texts(app)
    assert sorted(image.proto.imgs[0].alt for image in app.image) == ["cat/0.jpg", "cat/2.jpg", "dog/1.jpg", "dog/3.jpg"]


def test_what_lies_in_place_of_held_out_photographs_is_not_called_held_out(home, tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 4, "dogs": 4})
    run = storing.finished(Config(data=str(folder)), right=4, count=4)
    run.model_path.write_bytes(b"read when it classifies")
    store.write_environment(run, {**store.environment(run), "data_fingerprint": dataset.check(folder).fingerprint})
    (folder / "cats/cats.1.jpg").write_bytes((folder / "cats/cats.3.jpg").read_bytes())
    app = open_page("classify", model=run.id)
    assert sorted(image.proto.imgs[0].alt for image in app.image) == ["cat/cats.0.jpg", "dog/dogs.0.jpg", "dog/dogs.1.jpg"]
    for path in folder.rglob("*.jpg"):
        path.write_bytes(encoded(noise(9), "JPEG"))
    assert "not photographed" in texts(open_page("classify", model=run.id))


def test_held_out_photographs_are_not_shown_to_who_may_not_open_their_folder(evaluated, the_owner_comes_back):
    entrance.watch(AccessSettings(is_reachable=True))  # which opens only its own data sets
    app = open_page("classify", model=evaluated.id)
    assert app.selectbox[0].value == evaluated.id and "not photographed" in texts(app)
    assert not any("/" in image.proto.imgs[0].alt for image in app.image)
    press(app, "Try these 12 drawn pictures")
    assert len(album(app).pictures) == 12 and not any("/" in one.name for one in album(app).pictures)


def test_a_picture_is_asked_about_again_once_the_network_can_tell_what_is_neither():
    run = storing.finished(Config(model="dense", dense_units=8, target_size=32, precision="float32"))
    registry.build(run.config).save(run.model_path)
    app = open_page("classify", model=run.id)
    album(app).add_bytes("a.png", encoded(noise(1, (12, 9)), "PNG"))
    assert "neither" not in "".join(cards(checked(app.run()))), cards(app)
    neither.save(run, {"weights": [0.0] * 8, "limit": -1.0, "turned_away": 0.01})
    assert cards(checked(app.run())) == ["## :gray[neither]"]


@pytest.mark.parametrize(("seen", "said"), [({"test": 2}, "was trained"), (None, "may have been trained")])
def test_photographs_that_an_earlier_run_had_seen_are_not_called_unseen(evaluated, seen, said):
    storing.had_seen(evaluated, **(seen or {}))
    if seen is None:
        known = store.environment(evaluated)
        store.write_environment(evaluated, {**known, "start_from": {**known["start_from"], "seen": None}})
    shown = texts(open_page("classify", model=evaluated.id))
    assert f"The run that it started from {said} on some of them." in shown and "was not trained on these" not in shown


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


@pytest.mark.parametrize("chosen", ["an order", "a filter"])
def test_another_order_or_filter_begins_with_its_first_page(chosen):
    app = given(60)
    checked(app.pagination[0].set_value(2).run())
    if chosen == "an order":
        checked(app.selectbox(key="answers_order_False").set_value("most certain first").run())
    else:
        checked(app.button_group(key="answers_shown").set_value("dog").run())
    assert app.pagination[0].value == 1 and len(cards(app)) == 24
    assert cards(app)[0].endswith("94.3%" if chosen == "an order" else "55.7%")


def test_where_nothing_can_be_read_nothing_can_be_marked_or_kept():
    app = open_page("classify")
    for name in ("a.png", "b.png"):
        album(app).add_bytes(name, encoded(noise(ord(name[0]), (12, 9)), "PNG"))
    answered(app, store.load(store.SHIPPED), {name: Answer(name, error="The image is damaged.") for name in ("a.png", "b.png")})
    checked(app.run())
    said = texts(app)
    assert "**2 pictures** · 2 can't be read" in said and "0 pictures. None of them has a class." in said
    assert "Mark what the picture shows" not in said and app.button(key="keep").disabled


def test_a_network_is_called_as_it_was_named():
    run = another()
    store.change_label(run, name="eXp **1**")
    assert "**eXp \\*\\*1\\*\\*** learned from" in texts(open_page("classify", model=run.id))
    assert "**The bundled network** learned from" in texts(open_page("classify", model=store.SHIPPED))


def test_the_table_keeps_its_columns_narrow_however_the_other_network_is_called():
    other, app = another(), given(3)
    store.change_label(other, name="a network with a rather long name " * 2)
    answered(app, other, {picture.name: Answer(picture.name, "cat", 0.8) for picture in album(app).pictures})
    checked(app.run())
    checked(app.selectbox[1].set_value(other.id).run())
    checked(app.button_group(key="answers_view").set_value(":material/table_rows: Table").run())
    columns = json.loads(app.dataframe[0].proto.columns)
    assert columns["other"]["width"] <= 200 and columns["name"]["width"] >= 200, "a camera's name for a file is 23 characters long"


def test_wrong_answers_are_marked_and_the_mark_can_be_taken_back():
    app = mark(given(6), 1, "cat")
    assert "1 marked wrong" in texts(app) and "dog.1.png · little better than a guess · marked wrong" in texts(app).replace("\\", "")
    mark(app, 0, "cat")
    assert "1 marked wrong" in texts(app), "a mark that says the same as the answer"
    mark(app, 1, None)
    assert "marked wrong" not in texts(app)


def test_of_a_single_picture_too_it_is_said_what_marks_are_for():
    (marking,) = (group for group in given(1).button_group if (group.key or "").startswith("mark-"))
    assert marking.label == "What it really is" and marking.help.startswith("Wrong answer? Mark what the picture shows.")
    assert marking.proto.label_visibility.value == marking.proto.label_visibility.VISIBLE


def knowing(*classes: str):
    """A second network, of these classes."""
    run = another()
    store.write_environment(run, {**store.environment(run), "class_names": classes})
    return run


def test_a_mark_counts_only_for_networks_that_know_its_class():
    app = mark(given(4), 1, "cat")
    other = knowing("apple", "pear")
    answered(app, other, {picture.name: Answer(picture.name, "pear", 0.8) for picture in album(app).pictures})
    checked(app.run())
    checked(app.selectbox[0].set_value(other.id).run())
    assert "marked wrong" not in texts(app) and "4 pictures: 4 pear" in texts(app)
    mark(app, 1, "apple")
    assert "1 marked wrong" in texts(app) and "4 pictures: 3 pear, 1 apple" in texts(app)
    checked(app.selectbox[0].set_value(store.SHIPPED).run())
    assert "1 marked wrong" in texts(app) and "4 pictures: 3 cats, 1 dog." in texts(app), "its own mark, on the same picture"


def test_a_class_called_neither_can_be_marked_and_so_can_neither():
    other, app = knowing("cats", "neither"), given(3)
    answered(app, other, {picture.name: Answer(picture.name, "neither", 0.8) for picture in album(app).pictures})
    checked(app.run())
    checked(app.selectbox[0].set_value(other.id).run())
    mark(mark(app, 0, sheet.NEITHER), 1, "neither")
    assert "1 marked wrong" in texts(app) and "2 pictures: 2 neither. The other one is left out." in texts(app)


def test_a_class_called_like_a_filter_has_a_filter_of_its_own():
    other, app = knowing("all", "unsure"), given(3)
    said = dict(zip([picture.name for picture in album(app).pictures], ("all", "unsure", "unsure"), strict=True))
    answered(app, other, {name: Answer(name, label, 0.8) for name, label in said.items()})
    checked(app.run())
    checked(app.selectbox[0].set_value(other.id).run())
    (filters,) = [group for group in app.button_group if group.key == "answers_shown"]
    assert filters.options == ["all (no class)", "all (class)", "unsure"]
    assert "**3 pictures** · 1 all · 2 unsure" in texts(app) and len(cards(app)) == 3


def test_what_looks_like_neither_says_so():
    app = given(3)
    given_names = [picture.name for picture in album(app).pictures]
    answered(app, store.load(store.SHIPPED), {name: Answer(name, "cat", 0.9, neither=name == given_names[1]) for name in given_names})
    app = checked(app.run())
    assert "**3 pictures** · 2 cats · 1 looks like neither" in texts(app)
    assert texts(app).count("## :gray[neither]") == 1 and "Of the two, rather **cat** 90.0%" in texts(app)


def test_why_says_neither_where_the_card_does():
    app = given(1)
    answered(app, store.load(store.SHIPPED), {"cat.0.png": Answer("cat.0.png", "cat", 0.9, neither=True)})
    app = press(checked(app.run()), "Why?")
    assert "## neither, rather cat 90.0%" in texts(app)


def test_a_table_says_neither_where_the_gallery_does():
    app = open_page("classify")
    for name in ("a.png", "b.png"):
        album(app).add_bytes(name, encoded(noise(len(name) + ord(name[0]), (12, 9)), "PNG"))
    found = {"a.png": Answer("a.png", "cat", 0.9, neither=True), "b.png": Answer("b.png", "dog", 0.9, neither=False)}
    answered(app, store.load(store.SHIPPED), found)
    other = another()
    answered(app, other, {"a.png": Answer("a.png", "dog", 0.8, neither=False), "b.png": Answer("b.png", "dog", 0.8, neither=True)})
    checked(app.run())
    checked(app.selectbox[1].set_value(other.id).run())
    assert "2 pictures** · 1 dog · 1 looks like neither · networks disagree on 2" in texts(app)
    assert any("neither" in card for card in cards(app))
    checked(app.button_group(key="answers_view").set_value(":material/table_rows: Table").run())
    table = app.dataframe[0].value
    assert list(table["answer"]) == ["neither, rather cat", "dog"] and "problem" not in table
    assert list(table["other"]) == ["dog", "neither, rather dog"]


def test_no_answer_is_given_with_certainty():
    app = given(2)
    answered(app, store.load(store.SHIPPED), {name: Answer(name, "cat", 0.99996) for name in ("cat.0.png", "dog.1.png")})
    app = checked(app.run())
    assert texts(app).count("[cat] >99.9%") == 2 and "100.0%" not in texts(app)
    app = checked(app.button_group(key="answers_view").set_value(":material/table_rows: Table").run())
    assert list(app.dataframe[0].value["probability"]) == [99.9, 99.9]
    app = press(checked(app.button_group(key="answers_view").set_value(":material/grid_view: Gallery").run()), "Why?")
    assert "## cat >99.9%" in texts(app)


def test_a_table_has_all_rows_at_once():
    app = given(30)
    checked(app.button_group(key="answers_view").set_value(":material/table_rows: Table").run())
    table = app.dataframe[0].value
    assert len(table) == 30 and list(table["answer"][:2]) == ["cat", "dog"] and not cards(app)


def test_a_selection_in_the_table_does_not_go_over_to_other_pictures():
    app = given(30)
    checked(app.button_group(key="answers_view").set_value(":material/table_rows: Table").run())
    first = app.dataframe[0].proto.id
    assert checked(app.run()).dataframe[0].proto.id == first
    checked(app.selectbox(key="answers_order_False").set_value("most certain first").run())
    assert app.dataframe[0].proto.id != first, "rows are selected by their places"


def test_two_networks_are_compared_where_they_disagree_first():
    other = another()
    app = given(4)
    answered(app, other, {name: Answer(name, "cat", 0.8) for name in ("cat.0.png", "dog.1.png", "cat.2.png", "dog.3.png")})
    checked(app.selectbox[1].set_value(other.id).run())
    assert "networks disagree on 2" in texts(app) and ["dog" in card for card in cards(app)] == [True, True, False, False]
    assert texts(app).count("The other network: **:orange[cat]** 80.0%") == 2
    checked(app.button_group(key="answers_shown").set_value("networks disagree").run())
    assert len(cards(app)) == 2


def test_a_network_that_knows_them_in_another_language_and_order_is_compared():
    run = another()
    store.write_environment(run, {**store.environment(run), "class_names": ("Hunde", "Katzen")})
    assert len(open_page("classify").selectbox[1].options) == 1


def test_a_network_of_other_classes_is_not_compared():
    run = another()
    store.write_environment(run, {**store.environment(run), "class_names": ("huskies", "wolves")})
    assert open_page("classify").selectbox[1].options == []


@pytest.mark.parametrize("may_train", [True, False])
def test_who_may_only_look_is_told_why_nothing_can_be_kept(may_train, the_owner_comes_back):
    app = given(2)
    access.identify_by(lambda: access.Person(may_train=may_train))
    kept = next(each.proto.popover for each in checked(app.run()).get("popover") if each.proto.popover.label == "Keep as a data set")
    assert (kept.disabled, "but not make data sets" in kept.help) == (not may_train, not may_train)


def test_marked_and_answered_pictures_become_a_data_set(home):
    app = mark(mark(given(6), 1, "cat"), 2, sheet.NEITHER)
    app.text_input(key="kept_name").set_value("My pets").run()
    assert "5 pictures: 3 cats, 2 dogs. The other one is left out. " in texts(app)
    checked(app.button(key="keep").click().run())
    kept = {path.relative_to(home / "data").as_posix() for path in (home / "data").glob("*/*/*")}
    assert kept == {
        f"my-pets/{path}" for path in ("cats/cat.0.png", "cats/dog.1.png", "cats/cat.4.png", "dogs/dog.3.png", "dogs/dog.5.png")
    }
    assert "5 pictures kept as My pets" in app.success[0].value
    drawn = [
        element.proto.id if element.type == "button" else element.type for element in app.main if element.type in ("button", "success")
    ]
    assert drawn.index("success") < drawn.index(app.button(key="keep").id), "out of sight below the button"


def test_what_can_not_be_read_is_named_with_the_reason():
    app = open_page("classify")
    album(app).add_bytes("letter.txt", b"Dear cat")
    album(app).add_bytes("cut.jpg", encoded(noise(1), "JPEG")[:300])
    answered(app, store.load(store.SHIPPED), {"cut.jpg": Answer("cut.jpg", error="The image is damaged.")})
    checked(app.run())
    assert app.error[0].value == "The image is damaged." and "letter.txt: Not an image" in texts(app)


def test_an_answer_that_was_asked_for_before_the_model_was_replaced_is_not_the_new_ones(tmp_path):
    bundled, pet, asked = store.load(store.SHIPPED), picture(tmp_path / "pet.png"), []
    run = another(target_size=bundled.config.target_size)
    shutil.copy(bundled.model_path, run.model_path)

    class Sent:
        digest, name = "its digest", "pet.png"

        @property
        def path(self):
            asked.append(run.id)
            if len(asked) == 1:
                os.utime(run.model_path, ns=(0, 0))  # another version
            return pet

    assert asking.ask([run], (Sent(),), 60, lambda count: None) and len(asked) == 2
    assert asking.answers(run)["its digest"].label


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
