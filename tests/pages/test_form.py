"""The form of the page Train: presets, what depends on the network, mistakes; starting runs, and repeating one."""

from pathlib import Path

import pytest
import streamlit as st

from catsdogs.data import dataset
from catsdogs.queue import engine, jobs
from catsdogs.runs import store
from catsdogs.settings import presets
from catsdogs.settings.choices import MODELS, OPTIMIZERS, PROPORTIONS
from catsdogs.settings.config import Config, change
from catsdogs.settings.dependence import is_used
from pages.parts.train import form
from tests import storing
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


def test_a_cluster_is_named_instead_or_what_is_wrong_with_its_file(home, folder):
    (home / engine.FILE).write_text('[ray]\naddress = "http://head:8265"\ngpus = 0.5\n')
    assert "Trains on the Ray cluster at" in texts(open_page("train")) and "with 1 CPU and 0.5 GPU a run" in texts(open_page("train"))
    (home / engine.FILE).write_text("[ray]\n")
    assert "lacks address in" in open_page("train").warning[0].value.replace("\\", "")


def test_a_preset_fills_the_form(app):
    app.get("pills")[0].set_value("study-sgd").run()
    assert app.selectbox(key="form_optimizer").value == "sgd"
    assert app.slider(key="form_target_size").value == 150
    assert app.number_input(key="form_batch_size").value == 100


def test_a_preset_fills_the_form_without_its_callback(app):
    """As was seen on a busy server, with a click while the page was being drawn: only the choice arrives."""
    app.session_state["form_preset"] = "fast"
    app.run()
    assert (app.selectbox(key="form_model").value, app.slider(key="form_first_size").value) == ("resnet", presets.config("fast").first_size)
    assert "Changed:" not in texts(app)


def test_what_was_changed_in_a_preset_is_named(app):
    assert "Changed:" not in texts(app)
    app.number_input(key="form_epochs").set_value(3).run()
    assert "**Changed:** Epochs." in texts(app)


@pytest.mark.parametrize("preset", ["fast", "few", "study-sgd"])
def test_a_slider_has_a_pixel_for_each_of_its_values(app, preset):
    """In three columns, it is 236 px wide."""
    app.get("pills")[0].set_value(preset).run()
    finest = {slider.key: round((slider.max - slider.min) / slider.step) for slider in app.slider if slider.key.startswith("form_")}
    assert len(finest) > 10 and max(finest.values()) <= 236, finest


def test_few_photographs_begin_with_the_bundled_network(app):
    assert "From 60 photographs, a network learns little from scratch. Try **Few photographs**." in texts(app)
    drawn = list(app.main)  # in order: what is below the form is not seen on a phone, where the start stays in view
    advice = next(each for each in drawn if each.type == "caption" and "From 60 photographs" in each.value)
    assert drawn.index(advice) < drawn.index(app.get("pills")[0])
    app.get("pills")[0].set_value("few").run()
    assert "learns little from scratch" not in texts(app) and {"start_from", "frozen_epochs", "fine_tuning_rate"} <= offered(app)
    app.number_input(key="form_epochs").set_value(4).run()
    assert "Nothing is fine-tuned: the first 10 epochs train only the head, and there are 4." in texts(app)
    app.number_input(key="form_epochs").set_value(30).run()
    assert "Nothing is fine-tuned" not in texts(app)
    press(app, "Start training")
    (run,) = jobs.queue()
    assert run.config == presets.config("few", data=run.config.data) and run.config.start_from == store.SHIPPED


def test_runs_of_the_same_network_can_be_started_from(app, folder):
    fitting, other = (storing.finished(Config(data=str(folder), **of)) for of in ({"model": "resnet"}, {"model": "conv2d"}))
    for run in (fitting, other):
        run.model_path.touch()
    st.cache_data.clear()
    app.selectbox(key="form_model").set_value("resnet").run()
    field = app.selectbox(key="form_start_from")
    assert len(field.options) == 3 and field.options[0] == "none" and "bundled" in field.options[1]
    field.set_value(fitting.id).run()
    assert {"frozen_epochs", "fine_tuning_rate"} <= offered(app)
    app.number_input(key="form_frozen_epochs").set_value(1)
    app.selectbox(key="form_model").set_value("conv2d").run()
    assert "Reset, as Conv2D doesn't use it: Start from, Frozen epochs." in texts(app)


def test_another_split_of_what_the_run_to_start_from_was_trained_on_is_warned_of(folder):
    before = storing.finished(presets.config("few", data=str(folder), seed=3))
    before.model_path.touch()
    store.write_environment(before, {**store.environment(before), "data_fingerprint": dataset.check(folder).fingerprint})
    app = open_page("train")
    app.query_params["from"] = before.id
    app.run()
    assert not app.warning and app.selectbox(key="form_start_from").value == before.id
    app.number_input(key="form_seed").set_value(4).run()
    assert "was trained on this data set with another seed, so it has seen" in app.warning[0].value
    app.number_input(key="form_seed").set_value(3).run()
    app.number_input(key="repeats").set_value(2).run()
    assert "with another seed (except for the first run), so" in app.warning[0].value


def test_a_run_to_start_from_that_is_gone_is_refused_with_nothing_lost(folder):
    app = open_page("train", like=storing.finished(presets.config("few", data=str(folder), start_from="gone")).id)
    press(app, "Start training")
    assert "There is no run 'gone'" in app.error[0].value and not jobs.queue()
    assert app.selectbox(key="form_start_from").value == "gone"


def test_a_run_is_trained_further_by_its_link(folder):
    before = storing.finished(presets.config("fast", data=str(folder), epochs=4, batch_size=8, seed=3))
    before.model_path.touch()
    app = open_page("train", **{"from": before.id})
    assert "from" not in app.query_params and "starts from the weights of" in texts(app)
    press(app, "Start training")
    (run,) = jobs.queue()
    assert run.config == change(before.config, start_from=before.id, patch_whitening=False, first_size=0)


def offered(app) -> set[str]:
    """The settings that the form has a field for."""
    fields = (*app.slider, *app.number_input, *app.text_input, *app.selectbox, *app.toggle)
    return {field.key.removeprefix("form_") for field in fields if field.key and field.key.startswith("form_")}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_only_what_the_optimizer_uses_is_offered(app, optimizer):
    app.selectbox(key="form_optimizer").set_value(optimizer).run()
    assert {"momentum", "weight_decay"} & offered(app) == {
        *(["momentum"] if optimizer in ("sgd", "rmsprop") else []),
        *(["weight_decay"] if optimizer in ("adamw", "muon") else []),
    }


@pytest.mark.parametrize("model", MODELS)
def test_only_what_the_network_uses_is_offered(app, model):
    app.selectbox(key="form_model").set_value(model).run()
    pretrained, ours = {"weights", "frozen_epochs", "fine_tuning_rate"}, {"first_size", "patch_whitening", "rescale"}
    used = {"conv2d": {"dense_units", "rescale"}, "dense": {"dense_units", "rescale"}, "resnet": ours}.get(model, pretrained)
    assert offered(app) & {*pretrained, *ours, "dense_units"} == used
    assert offered(app) == {name for name in form.FIELDS if is_used(name, {**vars(Config()), "model": model})}


def test_what_other_choices_offer_is_named(app):
    named = {caption.help: caption.value for caption in app.caption if caption.value.startswith("Other networks")}
    of_training, of_data, _ = named
    assert of_training.startswith("Momentum (SGD, RMSprop); Weight decay (AdamW, Muon); Frozen epochs, Fine-tuning rate (")
    assert of_training.endswith("ConvNeXt-Tiny, a run in Start from).") and of_data == "First size (ResNet)."
    assert named[of_training] == "Other networks and optimizers have 4 more settings."
    app.selectbox(key="form_optimizer").set_value("sgd").run()
    assert "Other networks and optimizers have 3 more settings." in texts(app)


def test_the_presets_say_what_the_study_is(app):
    assert "fills in all settings below. Study 1 to 6 repeat a published study" in app.get("pills")[0].proto.help


def test_the_optimizer_s_tooltip_tells_of_each_that_can_be_chosen(app):
    """Muon was explained nowhere."""
    box = app.selectbox(key="form_optimizer")
    said, listed = box.help.split(" `optimizer`")
    assert len(box.options) == len(OPTIMIZERS) and all(option in said for option in box.options), listed


def test_a_first_run_is_not_met_by_settings_that_it_does_not_need(app):
    (rare,) = (expander for expander in app.expander if expander.label.startswith("More: "))
    assert rare.label == "More: label smoothing, class weight, EMA momentum, data pruning, precision" and not rare.proto.expanded
    assert {field.key for field in (*rare.slider, *rare.number_input, *rare.selectbox)} == {f"form_{name}" for name in form.RARE}


def test_another_network_resets_what_it_does_not_use(app):
    app.get("pills")[0].set_value("best").run()
    assert app.selectbox(key="form_model").value == "resnet"
    assert (app.slider(key="form_first_size").value, app.number_input(key="form_weight_decay").value) == (64, 0.05)
    app.selectbox(key="form_model").set_value("conv2d").run()
    assert app.number_input(key="form_weight_decay").value == 0.05 and "first_size" not in offered(app)
    assert "**Changed:** Model. Reset, as Conv2D doesn't use it: First size." in texts(app)
    app.number_input(key="form_batch_size").set_value(8).run()
    assert "**Changed:** Batch size, Model." in texts(app) and "Reset" not in texts(app)
    app.selectbox(key="form_model").set_value("resnet").run()
    assert app.slider(key="form_first_size").value == 0 and "**Changed:** Batch size, First size." in texts(app)


def test_nothing_that_is_hidden_is_kept(app):
    app.get("pills")[0].set_value("fast").run()
    app.selectbox(key="form_optimizer").set_value("rmsprop").run()
    assert "Reset, as RMSprop doesn't use it: Weight decay." in texts(app)
    app.slider(key="form_momentum").set_value(0.5).run()
    app.selectbox(key="form_optimizer").set_value("adam")
    app.selectbox(key="form_model").set_value("conv2d").run()
    ending = "Reset, as Conv2D doesn't use it: First size, Patch whitening. Reset, as Adam doesn't use it: Momentum."
    assert ending in texts(app)
    app.number_input(key="form_batch_size").set_value(8)
    press(app, "Start training")
    (run,) = jobs.queue()
    assert run.config == presets.config("fast", optimizer="adam", model="conv2d", batch_size=8, data=run.config.data)
    assert (run.config.momentum, run.config.weight_decay, run.config.first_size) == (0, Config.weight_decay, 0)


def test_pretrained_and_other_networks_reset_each_others_settings(app):
    app.get("pills")[0].set_value("transfer").run()
    app.text_input(key="form_weights").set_value("mine.h5")
    app.number_input(key="form_fine_tuning_rate").set_value(0.001)
    app.selectbox(key="form_model").set_value("efficientnetv2b0").run()
    assert app.number_input(key="form_frozen_epochs").value == 2, "another pretrained network uses it, too"
    app.selectbox(key="form_model").set_value("resnet").run()
    assert "as ResNet doesn't use it: Weights, Frozen epochs, Fine-tuning rate." in texts(app)
    app.selectbox(key="form_model").set_value("mobilenetv2").run()
    fields = app.text_input(key="form_weights"), app.number_input(key="form_frozen_epochs"), app.number_input(key="form_fine_tuning_rate")
    assert [field.value for field in fields] == ["imagenet", 0, 1e-5]
    app.selectbox(key="form_model").set_value("resnet").run()
    app.get("pills")[0].set_value(None).run()
    app.number_input(key="form_rescale").set_value(1.0)
    app.selectbox(key="form_model").set_value("mobilenetv2").run()
    assert "Custom settings. Reset, as MobileNetV2 doesn't use it: Rescale." in texts(app)
    app.selectbox(key="form_model").set_value("resnet").run()
    assert app.number_input(key="form_rescale").value == 1 / 255


def test_before_a_start_the_form_says_how_long_it_will_take(app, folder):
    assert "No similar run has been trained yet, so there is no estimate." in texts(app)
    storing.finished(presets.config("quick", data=str(folder), seed=7), epochs=8, seconds=30.0)  # 4 min
    assert "Takes about 4 min." in texts(app.run())
    app.number_input(key="form_epochs").set_value(80).run()
    assert "Takes about 40 min." in texts(app)
    app.number_input(key="repeats").set_value(3)
    app.slider(key="form_early_stopping").set_value(3).run()
    assert "Takes up to about 40 min per run, up to about 2 h in all." in texts(app)
    app.selectbox(key="form_model").set_value("dense").run()
    assert "No similar run has been trained yet" in texts(app)
    app.number_input(key="form_learning_rate").set_value(-1.0).run()
    assert "No estimate: one of the settings can't be used." in texts(app)


def test_what_comes_before_a_start_is_said(app, folder):
    storing.finished(presets.config("quick", data=str(folder), seed=7), epochs=8, seconds=30.0)
    jobs.create([presets.config("quick", data=str(folder))])
    assert "Takes about 4 min. Starts after 1 other run." in texts(app.run())


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("learning_rate", -1.0, "learning_rate = -1.0: must be 1e-06 to 1"),
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


def test_a_presets_batch_size_is_lowered_to_few_photographs_and_that_is_said(tmp_path):
    dataset.check(photographs(tmp_path / "few", {"cats": 10, "dogs": 10}, size=(12, 9)))
    app = open_page("train")
    assert "The batch size is 12 instead of 32: there are only 12 photographs to train on." in texts(app)
    app.number_input(key="form_batch_size").set_value(24).run()
    assert "The batch size is" not in texts(app)
    assert "batch_size = 24: there are only 12" in press(app, "Start training").error[0].value and store.list_all() == []
    app.number_input(key="form_batch_size").set_value(32)
    app.number_input(key="repeats").set_value(2)
    press(app, "Start training")
    assert [run.config for run in jobs.queue()] == [
        presets.config("quick", data=str((tmp_path / "few").resolve()), batch_size=12, seed=seed) for seed in range(2)
    ]


@pytest.mark.parametrize("proportions", ["crop", "pad"])
def test_proportions_are_one_choice_for_two_settings(app, proportions):
    assert app.selectbox(key="form_proportions").value == "stretch"
    app.selectbox(key="form_proportions").set_value(proportions).run()
    assert "**Changed:** Proportions." in texts(app)
    press(app, "Start training")
    (run,) = jobs.queue()
    assert run.config == presets.config("quick", data=run.config.data, **PROPORTIONS[proportions])
    app = open_page("train", like=run.id)
    assert app.selectbox(key="form_proportions").value == proportions
    app.get("pills")[0].set_value("fast").run()
    assert app.selectbox(key="form_proportions").value == "stretch"


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
        {"preset": "custom", "optimizer": "rmsprop", "momentum": 0.5, "horizontal_flip": True, "pad_to_aspect_ratio": True},
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
    assert "There is no run nobody here; it may have been deleted" in app.error[0].value
    assert app.number_input(key="form_epochs").value == 8


def test_what_a_seed_is_for_is_said_where_one_is_asked_for(app):
    assert "held out, the initial weights, the order. The same seed repeats a run" in app.number_input(key="form_seed").help
    app.session_state["sweep_open"] = True
    app.run()
    assert not app.multiselect(key="sweep_settings").set_value(["optimizer"]).run().exception
    assert "how much of a difference is chance" in app.number_input(key="sweep_seeds").help


def test_nothing_is_trained_on_another_data_set_than_the_one_that_somebody_else_has_deleted_meanwhile(app, folder, tmp_path):
    dataset.check(photographs(tmp_path / "others", {"cats": 30, "dogs": 30}, size=(12, 9)))
    folder.rename(tmp_path / "elsewhere")
    press(app, "Start training")
    assert store.list_all() == [] and app.toast[0].value.endswith("photos is gone: it was deleted or moved.")
    press(app, "Start training")
    assert [run.config.data for run in store.list_all()] == [str(tmp_path / "others")]
