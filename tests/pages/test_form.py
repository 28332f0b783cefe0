"""The form of the page Train: presets, what depends on the network, mistakes; starting runs, and repeating one."""

from pathlib import Path

import pytest

from catsdogs.data import dataset
from catsdogs.queue import jobs
from catsdogs.runs import store
from catsdogs.settings import presets
from catsdogs.settings.config import Config, change
from tests.images import photographs
from tests.pages.opening import checked, open_page, press, texts

pytestmark = pytest.mark.usefixtures("nothing_starts")


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30}, size=(12, 9))
    return Path(dataset.check(made).folder)


@pytest.fixture
def app(folder):
    return open_page("train")


def test_the_device_is_named_before_the_start(app):
    assert "Trains on CPU: " in texts(app) and "GiB" in texts(app)


def test_a_preset_fills_the_form(app):
    app.get("pills")[0].set_value("study-sgd").run()
    assert app.selectbox(key="form_optimizer").value == "sgd"
    assert app.slider(key="form_target_size").value == 150
    assert app.number_input(key="form_batch_size").value == 100


def test_a_preset_fills_the_form_without_its_callback(app):
    """As was seen on a busy server, with a click while the page was being drawn: only the choice arrives."""
    app.session_state["form_preset"] = "fast"
    app.run()
    assert (app.selectbox(key="form_model").value, app.slider(key="form_first_size").value) == ("resnet", 64)
    assert "Changed:" not in texts(app)


def test_what_was_changed_in_a_preset_is_named(app):
    assert "Changed:" not in texts(app)
    app.number_input(key="form_epochs").set_value(3).run()
    assert "**Changed:** epochs." in texts(app)


def test_another_network_resets_what_it_does_not_use(app):
    app.get("pills")[0].set_value("best").run()
    assert app.selectbox(key="form_model").value == "resnet"
    assert (app.slider(key="form_first_size").value, app.slider(key="form_weight_decay").value) == (64, 0.05)
    app.selectbox(key="form_model").set_value("conv2d").run()
    assert (app.slider(key="form_first_size").value, app.slider(key="form_weight_decay").value) == (0, 0.05)
    assert "**Changed:** first_size, model. Reset, as Conv2D doesn't use it: first_size." in texts(app)
    app.number_input(key="form_batch_size").set_value(8).run()
    assert "**Changed:** first_size, batch_size, model." in texts(app) and "Reset" not in texts(app)
    app.slider(key="form_first_size").set_value(64)
    assert "first_size = 64: conv2d takes " in press(app, "Start training").error[0].value


def test_pretrained_and_other_networks_reset_each_others_settings(app):
    app.get("pills")[0].set_value("transfer").run()
    app.text_input(key="form_weights").set_value("mine.h5")
    app.number_input(key="form_fine_tuning_rate").set_value(0.001)
    app.selectbox(key="form_model").set_value("efficientnetv2b0").run()
    assert app.slider(key="form_frozen_epochs").value == 2, "another pretrained network uses it, too"
    app.selectbox(key="form_model").set_value("resnet").run()
    fields = app.text_input(key="form_weights"), app.slider(key="form_frozen_epochs"), app.number_input(key="form_fine_tuning_rate")
    assert [field.value for field in fields] == ["imagenet", 0, 1e-5]
    assert "as ResNet doesn't use it: weights, frozen_epochs, fine_tuning_rate." in texts(app)
    app.get("pills")[0].set_value(None).run()
    app.number_input(key="form_rescale").set_value(1.0)
    app.selectbox(key="form_model").set_value("mobilenetv2").run()
    assert app.number_input(key="form_rescale").value == 1 / 255
    assert "Custom settings. Reset, as MobileNetV2 doesn't use it: rescale." in texts(app)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("learning_rate", -1.0, "learning_rate = -1.0: allowed is 1e-06 to 1"),
        ("batch_size", 1000, "batch_size = 1000"),
        ("epochs", 0, "epochs = 0"),
    ],
)
def test_a_mistake_is_reported_and_nothing_is_lost(app, field, value, message):
    app.number_input(key="form_dense_units").set_value(77)
    app.number_input(key=f"form_{field}").set_value(value)
    press(app, "Start training")
    assert message in app.error[0].value
    assert app.number_input(key="form_dense_units").value == 77
    assert store.list_all() == []


def test_the_form_survives_a_change_of_page(app):
    app.number_input(key="form_epochs").set_value(33)
    app.slider(key="form_zoom_range").set_value(0.25).run()
    app.switch_page("results.py").run()
    app.switch_page("train.py").run()
    assert app.number_input(key="form_epochs").value == 33
    assert app.slider(key="form_zoom_range").value == 0.25


def test_one_run_is_queued_by_default(app, folder):
    press(app, "Start training")
    assert [run.config for run in jobs.queue()] == [presets.config("quick", data=str(folder))]


def test_several_runs_take_successive_seeds(app, folder):
    app.number_input(key="form_seed").set_value(5)
    app.number_input(key="form_epochs").set_value(3)
    app.number_input(key="repeats").set_value(3)
    press(app, "Start training")
    queued = jobs.queue()
    assert [run.config.seed for run in queued] == [5, 6, 7]
    assert {change(run.config, seed=0) for run in queued} == {presets.config("quick", data=str(folder), epochs=3)}
    assert app.query_params["run"] == queued[0].id


def test_with_a_seed_beyond_the_limit_no_run_is_queued(app):
    app.number_input(key="form_seed").set_value(2**31 - 1)
    app.number_input(key="repeats").set_value(2)
    assert "seed = 2147483648" in press(app, "Start training").error[0].value and store.list_all() == []


def test_the_form_closes_at_a_start_and_opens_to_repeat(app):
    assert app.session_state["form_open"]
    press(app, "Start training")
    assert not app.session_state["form_open"]
    app.query_params["like"] = jobs.queue()[0].id
    assert checked(app.run()).session_state["form_open"]


@pytest.mark.parametrize(
    "settings",
    [
        {"preset": "study-adam-small", "seed": 3, "epochs": 77, "learning_rate": 0.002, "brightness_range": (0.5, 1.5)},
        {"preset": "custom", "optimizer": "rmsprop", "momentum": 0.5, "horizontal_flip": True},
        {"preset": "of-a-later-version"},
    ],
    ids=lambda settings: settings["preset"],
)
def test_a_run_is_repeated_exactly(folder, tmp_path, settings):
    run = store.create(Config(data=str(folder), batch_size=20, **settings))
    store.write_status(run, "stopped")
    dataset.check(photographs(tmp_path / "newer", {"cats": 20, "dogs": 20}))
    app = open_page("train", like=run.id)
    assert "like" not in app.query_params
    press(app, "Start training")
    again = jobs.queue()[0].config
    assert again == change(run.config, preset="custom" if settings["preset"].startswith("of") else settings["preset"])


def test_changes_to_a_repeated_run_stay(folder):
    run = store.create(Config(data=str(folder), epochs=77))
    store.write_status(run, "stopped")
    app = open_page("train", like=run.id)
    assert app.number_input(key="form_epochs").value == 77
    app.number_input(key="form_epochs").set_value(5).run()
    app.number_input(key="form_batch_size").set_value(20).run()
    assert app.number_input(key="form_epochs").value == 5


def test_a_run_can_be_repeated_on_other_photographs(folder, tmp_path):
    run = store.create(Config(data=str(tmp_path / "gone"), epochs=77))
    store.write_status(run, "stopped")
    app = open_page("train", like=run.id)
    assert "There is no folder" in app.warning[0].value
    assert app.number_input(key="form_epochs").value == 77
    assert app.selectbox[0].value == folder


def test_a_missing_run_cannot_be_repeated(folder):
    app = open_page("train", like="nobody")
    assert "no run 'nobody'" in app.error[0].value
    assert app.number_input(key="form_epochs").value == 8
