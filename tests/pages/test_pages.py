"""The pages, run by Streamlit's own test runner: what they show, and what they say to mistakes."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from catsdogs.analysis import evaluation
from catsdogs.data import dataset
from catsdogs.runs import history, predictions, store
from catsdogs.settings import presets
from tests.images import photographs
from tests.pages.opening import button, open_page, texts


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 20, "dogs": 20})


@pytest.fixture
def finished(folder):
    """A run as a worker leaves it, with its epochs and its evaluation."""
    dataset.check(folder)
    run = store.create(presets.config("study-sgd", data=str(folder), epochs=2))
    for epoch in (1, 2):
        measured = {"loss": 0.6 / epoch, "accuracy": 0.6 + 0.1 * epoch, "val_loss": 0.7, "val_accuracy": 0.6}
        history.append(run, {"epoch": epoch, **measured, "seconds": 3.0, "pictures_per_second": 90.0})
    part = evaluation.score(np.array([0, 1, 1, 0]), np.array([0.1, 0.9, 0.2, 0.3]))
    evaluation.save(run, evaluation.Evaluation(part, part, part, ("cats", "dogs"), ((2, 0), (1, 1)), 0.75))
    predictions.write(run, ["cats/cats.0.jpg", "dogs/dogs.0.jpg", "dogs/dogs.1.jpg", "cats/cats.1.jpg"], [0, 1, 1, 0], [0.1, 0.9, 0.2, 0.3])
    store.write_environment(run, {"class_names": ["cats", "dogs"], "device": "a test"})
    store.write_status(run, "finished")
    return store.load(run.id)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("data", "No data set yet"),
        ("train", "Nothing to train on yet"),
        ("results", "No runs yet"),
    ],
)
def test_a_page_with_nothing_on_it_says_what_to_do_next(page, told):
    assert told in texts(open_page(page))


def test_there_is_something_to_classify_with_from_the_first_minute():
    network = open_page("classify").selectbox[0]
    assert network.value == store.SHIPPED and "comes with the application" in network.options[0]


def test_a_link_to_a_network_chooses_it_however_many_are_alike(finished):
    (finished.folder / "model.keras").write_bytes(b"as if it were a model")
    twin = finished.folder.with_name(f"{finished.id}-twin")
    shutil.copytree(finished.folder, twin)
    for id in (finished.id, twin.name):
        app = open_page("classify", model=id)
        assert app.selectbox[0].value == id and not app.warning


def test_a_link_to_a_network_that_there_is_not_says_so():
    app = open_page("classify", model="nobody")
    assert "no run 'nobody' with a model" in app.warning[0].value and app.selectbox[0].value == store.SHIPPED


def test_a_preset_of_which_something_was_changed_says_what(folder):
    dataset.check(folder)
    app = open_page("train")
    assert "Changed since" not in texts(app)
    app.number_input(key="form_epochs").set_value(3).run()
    assert "**Changed since:** epochs." in texts(app)


def test_a_folder_that_cannot_be_used_leaves_the_data_set_in_use_on_the_page(folder, tmp_path):
    dataset.check(folder)
    app = open_page("data")
    app.get("button_group")[0].set_value("Folder on this server").run()
    app.text_input(key="folder_path").set_value(str(tmp_path / "nowhere"))
    button(app, "Check and use it").click().run()
    assert "There is no folder" in app.error[0].value and "A look at them" in texts(app)
    assert not app.get("progress")


def test_what_the_page_train_draws_is_what_it_trains_on():
    app = open_page("train")
    button(app, "Draw it").click().run()
    assert not app.exception, app.exception
    data_set = app.selectbox[0]
    assert (data_set.label, data_set.options) == ("Data set", ["Drawn · 2,000 pictures"])
    assert button(app, "Start training") and not app.error


def test_a_tab_that_had_nothing_to_train_on_takes_what_another_one_checked(folder):
    tabs = {name: open_page(name) for name in ("data", "train")}
    dataset.check(folder)
    for tab in tabs.values():
        tab.run()
        assert not tab.exception, tab.exception
    assert tabs["train"].selectbox[0].value == folder and button(tabs["train"], "Start training")
    assert "A look at them" in texts(tabs["data"])


def test_a_data_set_that_is_gone_gives_way_to_the_one_before_and_to_nothing_after_the_last(folder, tmp_path):
    other = photographs(tmp_path / "others", {"cats": 20, "dogs": 20})
    for each in (other, folder):
        dataset.check(each)
    app = open_page("train")
    assert app.selectbox[0].value == folder
    folder.rename(tmp_path / "elsewhere")
    assert app.run().selectbox[0].value == other
    other.rename(tmp_path / "elsewhere, too")
    app.run()
    assert not app.exception and "Nothing to train on yet" in texts(app)


def test_a_data_set_is_drawn_on_the_page_and_shown():
    app = open_page("data")
    app.number_input(key="drawn_count").set_value(24)
    button(app, "Draw and use them").click().run()
    assert {metric.label: metric.value for metric in app.metric} == {"cats": "12", "dogs": "12", "exact copies": "0", "set aside": "0"}


def test_a_count_outside_of_the_limits_is_refused_on_the_page():
    app = open_page("data")
    app.number_input(key="drawn_count").set_value(3)
    button(app, "Draw and use them").click().run()
    assert "3" in app.error[0].value and "20" in app.error[0].value


def choose_folder(path: Path) -> AppTest:
    app = open_page("data")
    app.segmented_control(key="source").set_value("Folder on this server").run()
    app.text_input(key="folder_path").set_value(str(path))
    button(app, "Check and use it").click().run()
    assert not app.exception
    return app


def test_a_folder_is_checked_and_what_is_wrong_is_listed(folder):
    (folder / "dogs" / "letter.jpg").write_text("Dear dog,")
    app = choose_folder(folder)
    assert {metric.label: metric.value for metric in app.metric}["set aside"] == "1"
    assert app.dataframe[0].value["file"].tolist() == ["dogs/letter.jpg"]


def test_an_empty_folder_and_one_of_one_class_are_refused_on_the_page(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "holds no images" in choose_folder(tmp_path / "empty").error[0].value
    photographs(tmp_path / "one", {"cats": 4})
    assert "only one class (cats)" in choose_folder(tmp_path / "one").error[0].value


def test_the_device_is_named_before_a_training_starts(folder):
    dataset.check(folder)
    app = open_page("train")
    assert "It will train on CPU: " in texts(app) and "GiB" in texts(app)


def test_a_preset_fills_the_form(folder):
    dataset.check(folder)
    app = open_page("train")
    app.get("pills")[0].set_value("study-sgd").run()
    assert app.selectbox(key="form_optimizer").value == "sgd"
    assert app.slider(key="form_target_size").value == 150
    assert app.number_input(key="form_batch_size").value == 100


def test_a_preset_fills_the_form_even_where_the_callback_of_its_click_was_lost(folder):
    """As was seen on a busy server, with a click while the page was still being drawn: the choice arrives, and nothing else."""
    dataset.check(folder)
    app = open_page("train")
    app.session_state["form_preset"] = "fast"
    app.run()
    assert (app.selectbox(key="form_model").value, app.slider(key="form_first_size").value) == ("resnet", 64)
    assert "Changed since" not in texts(app)


def test_our_recipe_fills_the_form_and_another_network_puts_back_what_means_nothing_to_it(folder):
    dataset.check(folder)
    app = open_page("train")
    app.get("pills")[0].set_value("best").run()
    assert app.selectbox(key="form_model").value == "resnet"
    assert (app.slider(key="form_first_size").value, app.slider(key="form_weight_decay").value) == (64, 0.05)
    app.selectbox(key="form_model").set_value("conv2d").run()
    assert (app.slider(key="form_first_size").value, app.slider(key="form_weight_decay").value) == (0, 0.05)
    assert "**Changed since:** first_size, model. Back at its default, as Conv2D has no use for it: first_size." in texts(app)
    app.number_input(key="form_batch_size").set_value(8).run()
    assert "**Changed since:** first_size, batch_size, model." in texts(app) and "Back at its default" not in texts(app)
    app.slider(key="form_first_size").set_value(64)
    button(app, "Start training").click().run()
    assert "first_size = 64: conv2d takes images of one size" in app.error[0].value


def test_a_network_that_starts_from_nothing_puts_back_what_concerns_pretrained_ones_and_the_other_way_round(folder):
    dataset.check(folder)
    app = open_page("train")
    app.get("pills")[0].set_value("transfer").run()
    app.text_input(key="form_weights").set_value("mine.h5").run()
    app.number_input(key="form_fine_tuning_rate").set_value(0.001).run()
    app.selectbox(key="form_model").set_value("efficientnetv2b0").run()
    assert app.slider(key="form_frozen_epochs").value == 2, "it means the same to another pretrained one"
    app.selectbox(key="form_model").set_value("resnet").run()
    fields = app.text_input(key="form_weights"), app.slider(key="form_frozen_epochs"), app.number_input(key="form_fine_tuning_rate")
    assert [field.value for field in fields] == ["imagenet", 0, 1e-5]
    assert "as ResNet has no use for it: weights, frozen_epochs, fine_tuning_rate." in texts(app)
    app.get("pills")[0].set_value(None).run()
    app.number_input(key="form_rescale").set_value(1.0).run()
    app.selectbox(key="form_model").set_value("mobilenetv2").run()
    assert app.number_input(key="form_rescale").value == 1 / 255
    assert "Settings of your own. Back at its default, as MobileNetV2 has no use for it: rescale." in texts(app)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("learning_rate", -1.0, "learning_rate = -1.0: allowed is 1e-06 to 1"),
        ("batch_size", 1000, "only 28 photographs to train on"),
        ("epochs", 0, "epochs = 0"),
    ],
)
def test_a_mistake_in_the_form_is_told_and_nothing_is_lost(folder, field, value, told):
    dataset.check(folder)
    app = open_page("train")
    app.number_input(key="form_dense_units").set_value(77)
    app.number_input(key=f"form_{field}").set_value(value)
    button(app, "Start training").click().run()
    assert told in app.error[0].value
    assert app.number_input(key="form_dense_units").value == 77
    assert store.list_all() == []


def test_settings_of_the_form_survive_a_change_of_page(folder):
    dataset.check(folder)
    app = open_page("train")
    app.number_input(key="form_epochs").set_value(33).run()
    app.slider(key="form_zoom_range").set_value(0.25).run()
    app.switch_page("results.py").run()
    app.switch_page("train.py").run()
    assert app.number_input(key="form_epochs").value == 33
    assert app.slider(key="form_zoom_range").value == 0.25


def test_a_link_to_a_run_opens_that_run(finished):
    app = open_page("results", run=finished.id)
    assert "Confusion matrix" in texts(app)
    assert {"accuracy, held out", "accuracy, validation", "accuracy, training"} <= {metric.label for metric in app.metric}


def test_a_link_to_a_run_that_there_is_not_says_so(finished):
    app = open_page("train", run="nobody")
    assert "no run 'nobody'" in app.error[0].value


def test_a_run_that_ended_shows_its_accuracies_with_intervals_and_counts(finished):
    app = open_page("train", run=finished.id)
    held_out = next(metric for metric in app.metric if metric.label == "accuracy, held out")
    assert held_out.value == "75.0%" and held_out.delta == "30.1% to 95.4% · 4 photographs"


def test_the_surest_mistakes_are_shown_and_a_photograph_that_is_gone_is_said_to_be(finished, folder):
    (folder / "dogs" / "dogs.1.jpg").unlink()
    assert "dogs/dogs.1.jpg is no longer there." in texts(open_page("results", run=finished.id))
