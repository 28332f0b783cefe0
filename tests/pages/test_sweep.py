"""Sweeps on the pages: queued from the form on Train, cancelled as one, and read on Results."""

import json
import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config

from catsdogs.data import dataset
from catsdogs.queue import engine, jobs, sweeps
from catsdogs.runs import history, liveness, store
from catsdogs.settings import grid, presets
from catsdogs.settings.config import Config
from catsdogs.system import home, lists
from catsdogs.system.access import Limits
from pages.parts.shared import entrance
from pages.parts.shared.access_settings import AccessSettings
from tests import storing
from tests.hanging import fall_silent, worker
from tests.images import photographs
from tests.pages.opening import checked, open_page, press, texts

pytestmark = pytest.mark.usefixtures("nothing_starts")
RATES = (0.0001, 0.001, 0.01)


def links(app) -> list[str]:
    """The runs of the queue, as they are called there."""
    return [link.proto.label for link in app.get("page_link")]


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 80, "dogs": 80}, size=(12, 9))
    return Path(dataset.check(made).folder)


@pytest.fixture
def form(folder):
    """The page Train with the part for sweeps open, and optimizer and learning rate chosen."""
    app = open_page("train")
    app.session_state["sweep_open"] = True
    app.run()
    app.multiselect(key="sweep_settings").set_value(["optimizer", "learning_rate"]).run()
    app.multiselect(key="sweep_of_optimizer").set_value(["adam", "sgd"]).run()
    app.text_input(key="sweep_of_learning_rate").set_value("0.0001..0.01:3").run()
    return checked(app.number_input(key="sweep_seeds").set_value(2).run())


def swept(values: dict, seeds: int = 3, right=lambda config: 80) -> list[store.Run]:
    """A sweep named rates whose runs have ended."""
    runs = [storing.finished(config, right=right(config)) for config in grid.vary(Config(data="/photos"), values, seeds)]
    lists.change(home.folder() / "sweeps.json", dict, {}, lambda before: {**before, "rates": [run.id for run in runs]})
    return runs


def test_every_combination_is_queued_under_its_name_and_cancelled_as_one(form):
    assert "12 runs. There is no estimate of the time" in texts(form)
    form.text_input(key="sweep_name").set_value("rates").run()
    press(form, "Queue 12 runs")
    queued = sweeps.runs("rates")
    assert {(run.config.optimizer, run.config.learning_rate, run.config.seed) for run in queued} == {
        (optimizer, rate, seed) for optimizer in ("adam", "sgd") for rate in (0.0001, 0.001, 0.01) for seed in (0, 1)
    }
    assert "Sweep **rates**: 0 of 12 runs ended" in texts(form)
    checked(form.button(key="sweep_cancel_now_rates").click().run())
    assert not jobs.queue()


@pytest.mark.parametrize(("devices", "length"), [(1, "24 min"), (4, "8 min"), (5, "8 min"), (16, "4 min")])
def test_with_several_devices_the_runs_of_all_seeds_are_reckoned_side_by_side(devices, length, folder, home):
    (home / "engine.toml").write_text('[ray]\naddress = "http://head:8265"\n')
    engine.report(devices, "")
    storing.finished(presets.config("quick", data=str(folder)), epochs=8, seconds=30.0)
    app = open_page("train")
    app.number_input(key="repeats").set_value(6)
    app.session_state["sweep_open"] = True
    app.run()
    app.multiselect(key="sweep_settings").set_value(["learning_rate"]).run()
    app.text_input(key="sweep_of_learning_rate").set_value("0.001, 0.01").run()
    checked(app.number_input(key="sweep_seeds").set_value(3).run())
    assert f"6 runs, about {length} in all." in texts(app)
    assert f"Takes about 4 min per run, about {length} in all." in texts(app)


def test_a_run_that_hangs_beyond_reach_is_said_and_keeps_no_other_from_being_cancelled(form, monkeypatch):
    monkeypatch.setattr(jobs, "_GRACE", 0.1)
    form.text_input(key="sweep_name").set_value("rates").run()
    press(form, "Queue 12 runs")
    hung = sweeps.runs("rates")[0]
    with liveness.claim(hung.folder):
        store.write_status(hung, "running")
        fall_silent(hung, 1000)
        (hung.folder / "lock").write_text("of another machine")
        checked(form.button(key="sweep_cancel_now_rates").click().run())
        assert "seed 0” hangs" in form.toast[0].value and not jobs.queue()


def test_each_run_in_the_queue_and_in_the_list_is_called_by_what_the_sweep_varies_in_it(form):
    form.text_input(key="sweep_name").set_value("rates").run()
    press(form, "Queue 12 runs")
    called = [
        f"rates: {optimizer}, learning rate {rate}, seed {seed}" for seed in (0, 1) for optimizer in ("Adam", "SGD") for rate in RATES
    ]
    said = texts(open_page("train"))
    assert "rates: Adam, learning rate 0.0001 · seed 0" in said and "rates: SGD, learning rate 0.01, seed 1" in links(open_page("train"))
    assert list(open_page("results").dataframe[0].value["name"])[::-1] == called
    run = sweeps.runs("rates")[0]
    assert "Quick start · rates: Adam, learning rate 0.0001 · seed 0" in texts(open_page("results", run=run.id))  # once, what was changed


def test_what_was_changed_in_all_runs_of_a_sweep_is_said_beside_what_it_varies(folder):
    base = presets.config("quick", epochs=3, data=str(folder))
    run = sweeps.create("rates", list(grid.vary(base, {"optimizer": ("adam", "sgd")}, 1)))[1]
    assert "Quick start, epochs 3 · rates: SGD · seed 0" in texts(open_page("results", run=run.id))


def test_a_run_of_a_sweep_that_varies_much_is_called_by_its_number_and_one_that_was_named_by_its_name(folder):
    several = {"batch_size": (8, 16), "epochs": (2, 3), "zoom_range": (0.0, 0.2), "learning_rate": (0.001, 0.01)}
    first, second, *_ = swept(several, seeds=1)
    store.change_label(first, name="the first")
    called = list(open_page("results").dataframe[0].value["name"])
    assert "the first" in called and "rates: run 2, seed 0" in called and len(set(called)) == 16


def test_a_sweep_of_more_runs_than_one_person_may_have_is_refused_before_the_click(folder, the_owner_comes_back):
    entrance.watch(AccessSettings(limits=Limits(runs=3)))
    jobs.create([Config(data=str(folder))])
    app = open_page("navigation")
    app.switch_page("train.py").run()
    app.session_state["sweep_open"] = True
    app.run()
    app.multiselect(key="sweep_settings").set_value(["learning_rate"]).run()
    app.text_input(key="sweep_of_learning_rate").set_value("0.001, 0.01, 0.1").run()
    said = app.warning[0].value
    assert "3 more would be 4" in said and "may have 3" in said and "room for 2 more" in said and "fewer values or seeds" in said
    assert not app.button(key="sweep_queue").disabled, "one may have ended by the click"
    app.text_input(key="sweep_of_learning_rate").set_value("0.001, 0.01, 0.1, 0.2").run()
    assert app.button(key="sweep_queue").disabled
    checked(app.text_input(key="sweep_of_learning_rate").set_value("0.001, 0.01").run())
    assert not app.warning


def test_a_sweep_without_a_name_or_with_one_that_is_taken_is_refused(form):
    press(form, "Queue 12 runs")
    assert "needs a name" in form.error[0].value and not jobs.queue()
    swept({"optimizer": ("adam", "sgd")}, seeds=1)
    form.text_input(key="sweep_name").set_value("rates").run()
    press(form, "Queue 12 runs")
    assert "already" in form.error[0].value and not jobs.queue()


@pytest.mark.parametrize(
    ("text", "said"), [("fast", "learning_rate = 'fast'"), ("0.1,0.1", "twice"), ("0.1..0.01:3", "LOW below HIGH"), ("7", "must be")]
)
def test_values_that_can_not_be_are_refused_in_words(form, text, said):
    form.text_input(key="sweep_of_learning_rate").set_value(text).run()
    assert said in form.error[0].value
    assert not [found for found in form.button if found.key == "sweep_queue"]


def test_runs_that_would_be_the_same_are_counted_before_the_click_and_refused_where_a_rate_is_given_twice(form):
    assert "the same" not in texts(form)
    form.text_input(key="sweep_of_learning_rate").set_value("auto, 0.001").run()
    assert "2 of them would be the same as another: some values make no difference with the others." in texts(form)
    form.multiselect(key="sweep_of_optimizer").set_value(["adam"]).run()
    assert "learning_rate = auto is 0.001 with adam, which is given as well: leave one out." in form.error[0].value


def test_the_length_is_that_of_all_runs(form, folder):
    storing.finished(Config(data=str(folder)), epochs=2, seconds=60.0)
    assert "12 runs, about" in texts(checked(form.run()))


def test_a_sweep_over_augmentation_is_estimated_by_runs_without_it(folder):
    storing.finished(Config(data=str(folder)), epochs=2, seconds=60.0)
    app = open_page("train")
    app.session_state["sweep_open"] = True
    app.run()
    checked(app.multiselect(key="sweep_settings").set_value(["augmentation"]).run())
    assert re.search(r"2 runs, about .* in all\. Only a rough estimate: augmentation takes time", texts(app))


def test_results_shows_what_matters_and_the_best_by_validation_only(folder):
    swept({"optimizer": ("adam", "sgd"), "learning_rate": (0.001, 0.01)}, right=lambda config: 90 if config.optimizer == "adam" else 60)
    app = open_page("results", view="Sweeps")
    assert "12 of 12 runs finished." in texts(app)
    assert {"Settings and validation accuracy", "What matters", "Best validation accuracy so far"} <= {title.value for title in app.header}
    assert "has the highest validation accuracy, 90.0% of 100 photographs" in texts(app)
    table = app.dataframe[0].value
    assert list(table["validation"]) == sorted(table["validation"], reverse=True) and "held out" not in table


def test_all_runs_of_a_sweep_are_compared_at_a_click(folder):
    """They had to be found and ticked one by one. A filter that was set before doesn't hide them."""
    runs = swept({"optimizer": ("adam", "sgd")}, seeds=2)
    storing.finished(Config(data="/photos"))
    app = open_page("results", filter="adam")
    app.segmented_control(key="view").set_value("Sweeps").run()
    app = press(app, "Compare the curves of all 4")
    assert "4 runs compared" in texts(app) and "**4** selected" in texts(app)
    address = app.query_params
    assert "run" not in address and "4 runs compared" in texts(open_page("results", all_of=address["all_of"])), "not an id for each run"
    runs[0].folder.rename(folder.parent / "gone")
    assert "3 runs compared" in texts(open_page("results", all_of=address["all_of"]))


@pytest.mark.parametrize(("base", "start"), [("", "/results"), ("studio", "/studio/results"), ("/studio/", "/studio/results")])
def test_the_runs_of_a_sweep_are_opened_on_a_server_below_a_path_too(folder, monkeypatch, base, start):
    """The links led to the root of the host, which is another site there."""
    swept({"optimizer": ("adam", "sgd")}, seeds=1)
    monkeypatch.setattr(st, "get_option", lambda name: base if name == "server.baseUrlPath" else config.get_option(name))
    links = open_page("results", view="Sweeps").dataframe[0].value["run"]
    assert len(links) == 2 and links.str.startswith(f"{start}?run=").all()


def test_a_sweep_that_is_gone_is_not_compared_and_that_is_said(folder):
    storing.finished(Config(data="/photos"))
    app = open_page("results", all_of="rates")
    assert app.warning[0].value == "There is no sweep rates here; its runs may have been deleted."


def test_results_names_all_settings_of_the_best_combination(folder):
    several = {"optimizer": ("adam", "sgd"), "batch_size": (8, 16), "epochs": (2, 3), "zoom_range": (0.0, 0.2)}
    swept(several, seeds=1, right=lambda config: 90 if (config.optimizer, config.batch_size, config.zoom_range) == ("sgd", 8, 0.2) else 60)
    said = texts(open_page("results", view="Sweeps"))
    in_full = said.split("The best one in full: ")[1].split("\n")[0]
    assert all(setting in in_full for setting in ("SGD", "batch size 8", "epochs ", "zoom range 0.2"))


def test_results_says_why_the_runs_of_a_sweep_failed(folder):
    runs = sweeps.create("rates", [Config(data=str(folder), seed=seed) for seed in range(2)])
    for run in runs:
        store.write_status(run, "failed", error="The disk is full.")
    app = open_page("results", view="Sweeps")
    assert "2 stopped or failed" in texts(app) and "The disk is full." in app.warning[0].value


def test_results_calls_the_settings_what_the_form_calls_them(folder):
    swept({"learning_rate": (0.001, 0.01)}, right=lambda config: 90 if config.learning_rate == 0.001 else 60)
    app = open_page("results", view="Sweeps")
    assert json.loads(app.dataframe[0].proto.columns)["learning_rate"]["label"] == "learning rate"
    assert "**learning rate 0.001**" in texts(app) and "learning_rate" not in texts(app)
    drawn = "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert "learning rate" in drawn and "learning_rate" not in drawn


def test_results_compares_the_best_that_had_not_seen_what_it_is_judged_by(folder):
    runs = swept({"learning_rate": (0.01, 0.02, 0.03, 0.04, 0.05)}, seeds=1, right=lambda config: 60 + round(500 * config.learning_rate))
    for run in runs[1:]:
        storing.had_seen(run, validation=5)
    assert "highest validation accuracy of those that did not start from a run" in texts(open_page("results", view="Sweeps"))


def test_results_draws_only_what_had_not_seen_what_it_is_judged_by(folder):
    fair, other, seen = swept({"learning_rate": (0.01, 0.02, 0.03)}, seeds=1, right=lambda config: 60 + round(1000 * config.learning_rate))
    storing.had_seen(seen, validation=5)
    app = open_page("results", view="Sweeps")
    assert "The charts leave out the runs that started from one" in texts(app) and len(app.dataframe[0].value) == 3
    drawn = "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert "0.02" in drawn and "0.03" not in drawn


def test_results_shows_what_has_ended_of_a_sweep_and_how_far_the_others_are(folder):
    first, second, third, fourth = sweeps.create("rates", grid.vary(Config(data=str(folder)), {"learning_rate": RATES[1:]}, 2))
    storing.finish(first)
    store.write_status(third, "stopped")
    with worker(second):
        history.append(second, storing.epoch(1))
        app = open_page("results", view="Sweeps")
    table = app.dataframe[0].value
    assert list(table["learning rate" if "learning rate" in table else "learning_rate"]) == ["0.001", "0.01", "0.001", "0.01"]
    assert list(table["state"]) == ["finished", "training, 1 of 10 epochs", "stopped", "waiting"]
    assert table["validation"].notna().tolist() == [True, False, False, False]
    assert "appear once a second run has finished" in texts(app)


def test_results_waits_for_the_runs_and_says_how_many_are_left(folder):
    sweeps.create("rates", [Config(data=str(folder), seed=seed) for seed in range(2)])
    app = open_page("results", view="Sweeps")
    assert "0 of 2 runs finished, 2 waiting or training." in texts(app)


def test_without_a_sweep_results_says_where_to_start_one():
    assert "No sweep yet" in texts(open_page("results", view="Sweeps"))


def test_augmentation_is_varied_as_one_thing(folder):
    app = open_page("train")
    app.session_state["sweep_open"] = True
    app.run()
    app.multiselect(key="sweep_settings").set_value(["augmentation"]).run()
    app.number_input(key="sweep_seeds").set_value(2)
    app.text_input(key="sweep_name").set_value("augmented").run()
    press(checked(app), "Queue 4 runs")
    runs = sweeps.runs("augmented")
    assert [(run.config.is_augmented, run.config.seed) for run in runs] == [(False, 0), (True, 0), (False, 1), (True, 1)]
    assert {run.config.rotation_range for run in runs} == {0.0, presets.config("study-augmented").rotation_range}
    assert "augmented: augmentation off · seed 0" in texts(open_page("train"))
    for run in runs:
        storing.finish(run, right=90 if run.config.is_augmented else 60)
    app = open_page("results", view="Sweeps")
    assert {"is_augmented", "seed"} < set(app.dataframe[0].value) and "rotation_range" not in app.dataframe[0].value
    assert "**augmentation on** has the highest validation accuracy" in texts(app) and "What matters" in texts(app)


def test_the_augmentation_of_the_form_is_switched_off_and_no_part_of_it_varies_beside_it(folder):
    app = open_page("train")
    app.session_state["sweep_open"] = True
    app.session_state["form_rotation_range"] = 20.0
    app.session_state["form_horizontal_flip"] = True
    app.run()
    app.multiselect(key="sweep_settings").set_value(["augmentation", "rotation_range"]).run()
    assert "rotation_range can't vary beside augmentation" in app.error[0].value
    app.multiselect(key="sweep_settings").set_value(["augmentation"]).run()
    app.text_input(key="sweep_name").set_value("augmented").run()
    press(checked(app), "Queue 2 runs")
    off, on = (run.config for run in sweeps.runs("augmented"))
    assert not off.is_augmented and (on.rotation_range, on.horizontal_flip, on.zoom_range) == (20.0, True, 0.0)
