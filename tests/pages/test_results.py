"""The page Results: finding runs, deleting them, one in detail, several compared."""

import csv
import json
from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from catsdogs.analysis import calibration, evaluation
from catsdogs.data import dataset, split
from catsdogs.runs import history, liveness, predictions, store, temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings import config, presets
from catsdogs.settings.config import Config
from catsdogs.sources import intake, library
from catsdogs.system import files
from pages.parts.results import actions
from tests import storing
from tests.images import photographs
from tests.pages.opening import break_off, button, checked, open_page, press, texts

SGD, ADAM = "study-sgd", "study-adam"


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})


def stored(folder, preset: str, seed: int = 0, **options) -> store.Run:
    return storing.finished(presets.config(preset, data=str(folder), seed=seed), **options)


def open_runs(*selected: store.Run) -> AppTest:
    return open_page("results", run=[run.id for run in selected])


def table(app: AppTest, number: int = 0):
    return app.dataframe[number].value


def columns(app: AppTest, number: int = 0) -> dict[str, dict]:
    """How its columns look, by their names."""
    return json.loads(app.dataframe[number].proto.columns)


def test_the_table_lists_every_run_the_newest_first(folder):
    made = [stored(folder, preset) for preset in (SGD, ADAM)]
    rows = table(open_runs())
    assert rows["name"].tolist() == ["Study 5 · Conv2D, Adam, seed 0", "Study 4 · Conv2D, SGD, seed 0"]
    assert rows["test_accuracy"].tolist() == [80.0, 80.0] and len(rows) == len(made)


def test_the_only_run_is_shown_without_being_ticked(folder):
    """A table of one row used to ask for it."""
    stored(folder, SGD)
    app = open_runs()
    assert "Confusion matrix" in texts(app) and "Tick" not in texts(app) and "**1** selected" in texts(app)
    app.text_input(key="filter").set_value("rabbit").run()
    assert "Confusion matrix" not in texts(app)
    stored(folder, ADAM)
    assert "Tick a row to see that run" in texts(open_runs())


def test_the_only_run_is_not_shown_in_place_of_one_that_is_gone(folder):
    stored(folder, SGD)
    app = open_page("results", run=["gone"])
    assert "There is no run gone here" in app.warning[0].value and "Tick the row to see the run" in texts(app)


def test_of_many_runs_that_are_gone_a_few_are_named(folder):
    stored(folder, SGD)
    told = open_page("results", run=[f"gone{number}" for number in range(9)]).warning[0].value
    assert told == "9 runs are not here (gone0, gone1, gone2, …); they may have been deleted."


def test_the_table_says_when_a_run_started_and_if_asked_when_it_was_queued(folder):
    waiting, run = store.create(presets.config(SGD, data=str(folder))), stored(folder, ADAM)
    app = open_runs()
    assert "queued" not in table(app)
    app.multiselect(key="columns").set_value(["queued"]).run()
    assert table(app)["queued"].tolist() == [run.created, waiting.created]
    assert table(app)["started"].dropna().tolist() == [datetime.fromisoformat(run.status["started"])]


def test_the_table_and_its_filter_call_a_data_set_by_its_present_name(folder):
    """They went on with the name that it had when the run was first listed."""
    stored(folder, SGD)
    app = open_runs()
    app.multiselect(key="columns").set_value(["data"]).run()
    library.rename(folder, "Our pets")
    assert table(checked(app.run()))["data"].tolist() == ["Our pets"]
    app.text_input(key="filter").set_value("our pets").run()
    assert len(table(app)) == 1


def test_no_name_or_note_is_a_formula_in_the_csv_file(folder):
    run = stored(folder, ADAM)
    store.change_label(run, name="=cmd|' /C calc'!A0", note="-2+3")
    app = open_runs()
    app.multiselect(key="columns").set_value(["note", "batch_size"]).run()
    lines = list(csv.DictReader(actions.as_csv(table(app)).splitlines()))
    assert (lines[0]["name"], lines[0]["note"]) == ("'=cmd|' /C calc'!A0", "'-2+3")
    assert int(lines[0]["batch_size"]) == run.config.batch_size and float(lines[0]["test_accuracy"]) == 80


def test_the_csv_file_has_the_selected_runs_or_all(folder):
    """It had all, whatever was selected."""
    runs = [stored(folder, preset) for preset in (SGD, ADAM)]
    app = open_runs(runs[0])
    assert [found.label for found in app.get("download_button")][:1] == ["1 selected run as CSV"]
    rows = pd.DataFrame({"name": ["Adam", "SGD"]}, index=[runs[1].id, runs[0].id])
    assert actions.selected(runs[:1], rows)["name"].tolist() == ["SGD"] and len(actions.selected([], rows)) == 2
    assert open_runs().get("download_button")[0].label == "Table as CSV"


def test_who_comes_back_from_another_page_finds_what_was_selected(folder):
    runs = [stored(folder, preset) for preset in (SGD, ADAM)]
    app = open_runs(*runs)
    app.switch_page("train.py").run()
    del app.query_params["run"]  # as a browser does
    checked(app.switch_page("results.py").run())
    assert "2 runs compared" in texts(app) and app.query_params["run"] == [run.id for run in runs]


def test_runs_of_one_preset_are_called_by_what_was_changed(folder):
    """Two that differed in their learning rate alone had one name."""
    preset = presets.config(ADAM, data=str(folder))
    for changes in ({}, {"learning_rate": 0.01}, {"learning_rate": 0.1, "epochs": 3}, {"zoom_range": 0.2, "horizontal_flip": True}):
        storing.finished(config.change(preset, **changes))
    several = {"learning_rate": 0.01, "epochs": 3, "dense_units": 8, "schedule": "cosine"}
    storing.finished(config.change(preset, **several))
    title = "Study 5 · Conv2D, Adam"
    assert table(open_runs())["name"].tolist() == [
        "Conv2D · Adam · 150 px · batch 100, learning rate 0.01, seed 0",
        f"{title}, augmentation on, seed 0",
        f"{title}, epochs 3, learning rate 0.1, seed 0",
        f"{title}, learning rate 0.01, seed 0",
        f"{title}, seed 0",
    ]
    assert f"{title}, learning rate 0.01 · seed 0" in texts(open_runs(store.list_all()[3]))


def test_a_run_that_waits_has_no_minutes_yet_and_takes_none_off_the_mean(folder):
    """They were 0.0, and halved the mean of a group of two."""
    run, waiting = storing.finished(Config(data=str(folder))), store.create(Config(data=str(folder), seed=1))
    app = open_runs(run, waiting)
    minutes = table(app)["minutes"]
    assert minutes[minutes.notna()].tolist() == [1.0] and len(minutes) == 2
    assert app.dataframe[1].value["minutes"].tolist() == [1.0] and app.dataframe[1].value["count"].tolist() == ["1 of 2"]


def test_a_resumed_run_says_when_it_first_started_and_how_long_it_was_at_work(folder):
    run = stored(folder, ADAM)
    told = {"started": "2026-01-01T10:00:00+00:00", "resumed": "2026-01-03T10:00:00+00:00", "ended": "2026-01-03T10:05:00+00:00"}
    store.write_status(run, "finished", **told, seconds_at_work=425.3)
    app = open_runs(run)
    assert table(app)["started"].tolist() == [datetime.fromisoformat(told["started"])]
    shown = json.loads(app.json[0].value)
    assert {name: shown[name] for name in told} == told and shown["duration"] == "7 min"


def test_calibration_is_shown_before_and_after_the_temperature(folder):
    run = stored(folder, ADAM)
    assert f"python -m catsdogs calibrate {run.id}" in texts(open_runs(run)), "it was stored without one"
    temperature.save(run, Temperature(0.5, 100, 0.05, 0.01))
    before, after = calibration.before_and_after(predictions.load(run), 0.5)
    told, probabilities = texts(open_runs(run)), [one.probability for one in predictions.load(run)]
    assert f"(ECE): {100 * after.error:.1f} points, {100 * before.error:.1f} before the temperature;" in told
    by_chance = calibration.by_chance(calibration.temper(probabilities, 0.5))
    assert f"of 100 photographs, chance alone makes it about {100 * by_chance:.1f}." in told and by_chance > 0.02
    assert "Guessing gives 0.5; with this many photographs, between 0.39 and 0.61 in 19 of 20 cases." in told
    assert "makes all answers more sure" in told and "It is 0.50, fitted on the 100 validation photographs." in told
    temperature.save(run, Temperature(1.0, 8, 0.2, 0.2, "There are only 8 validation photographs."))
    told = texts(open_runs(run))
    assert "before the temperature" not in told and "There are only 8 validation photographs." in told


def test_where_another_epoch_than_the_last_is_kept_the_curves_say_so(folder):
    run = stored(folder, ADAM)
    history.append(run, storing.epoch(3, val_loss=0.1, val_accuracy=0.7))
    assert "The model of epoch" not in texts(open_runs(run))
    history.append(run, storing.epoch(4, val_loss=0.2, val_accuracy=0.9))
    assert "The model of epoch 3 is kept, chosen by its validation loss" in texts(open_runs(run))


def test_a_curve_below_the_others_is_in_the_table(folder):
    stored(folder, SGD)
    history.append(stored(folder, ADAM), storing.epoch(3, val_accuracy=0.15))
    (columns,) = (json.loads(frame.proto.columns) for frame in open_runs().dataframe)
    assert columns["curve"]["type_config"]["y_min"] == 0.0


@pytest.mark.parametrize(("text", "found"), [("adam", 1), ("SGD 150", 1), ("optimizer=sgd", 1), ("conv2d", 2), ("starred", 1), ("even", 1)])
def test_the_filter_searches_settings_names_notes_and_stars(folder, text, found):
    stored(folder, SGD)
    store.change_label(stored(folder, ADAM), name="Mine", note="of the evening", is_starred=True)
    app = open_runs()
    app.text_input(key="filter").set_value(text).run()
    assert len(table(app)) == found


def test_a_filter_that_finds_nothing_says_so(folder):
    stored(folder, SGD)
    app = open_runs()
    app.text_input(key="filter").set_value("rabbit").run()
    assert "No run has 'rabbit'" in app.info[0].value


def test_a_killed_run_is_interrupted_in_the_table_as_soon_as_it_is_drawn_again(folder):
    run = store.create(presets.config(ADAM, data=str(folder)))
    with liveness.claim(run.folder):
        store.write_status(run, "running")
        app = open_runs()
        assert table(app)["state"].tolist() == ["running"]
    assert table(app.run())["state"].tolist() == ["interrupted"]
    app.text_input(key="filter").set_value("interrupted").run()
    assert len(table(app)) == 1


def test_a_filter_keeps_the_selection_that_it_hides(folder):
    run = stored(folder, SGD)
    stored(folder, ADAM)
    app = open_runs(run)
    app.text_input(key="filter").set_value("adam").run()
    assert "Tick a row" in app.info[0].value and run.id in app.query_params["run"]
    app.text_input(key="filter").set_value("").run()
    assert "Confusion matrix" in texts(app)


def test_a_run_that_started_from_the_bundled_network_says_what_that_may_have_seen(folder):
    first = storing.finished(presets.config("few", data=str(folder), start_from="shipped"))
    then = storing.finished(presets.config("few", data=str(folder), start_from=first.id))
    for run in (first, then):
        seen = {"run": run.config.start_from, "head": "kept", "seen": {"validation": 0, "test": 0}}
        store.write_environment(run, {**store.environment(run), "start_from": seen})
        assert "learned from part of Microsoft's collection" in texts(open_runs(run))
    other = stored(folder, "quick")
    assert "Microsoft's collection" not in texts(open_runs(other))


def test_a_run_says_what_it_started_from_and_when_that_had_seen_what_is_held_out(folder):
    run = stored(folder, "quick")
    origin = {"run": "20261128-resnet_1", "head": "new", "seen": {"validation": 3, "test": 7}}
    store.write_environment(run, {**store.environment(run), "start_from": origin})
    app = open_runs(run)
    assert "Started from the weights of run 20261128-resnet_1, with a new head for its own two classes." in texts(app).replace("\\", "")
    caution = app.warning[0].value.replace("\\", "")
    assert "7 of its held-out photographs were among those that run 20261128-resnet_1 was trained on" in caution
    for seen, told in (
        ({"validation": 3, "test": 0}, "3 of its validation photographs were among those"),
        (None, "not known here what run 20261128-resnet_1 was trained on"),
        ({"validation": 0, "test": 0}, ""),
    ):
        store.write_environment(run, {**store.environment(run), "start_from": {**origin, "seen": seen}})
        warnings = open_runs(run).warning
        assert told in warnings[0].value.replace("\\", "") if told else not warnings


def test_a_link_to_a_missing_run_shows_the_others(folder):
    run = stored(folder, SGD)
    app = open_page("results", run=[run.id, "nobody"])
    assert "no run nobody here" in app.warning[0].value and "Confusion matrix" in texts(app)


def test_any_setting_can_be_a_column(folder):
    stored(folder, SGD)
    app = open_runs()
    assert "momentum" not in table(app)
    app.multiselect(key="columns").set_value(["momentum", "gap"]).run()
    assert table(app)["momentum"].tolist() == [0.0] and "gap" in table(app)


def test_a_run_is_named_and_annotated_and_starred(folder):
    run = stored(folder, SGD)
    app = open_runs(run)
    app.text_input(key=f"name-{run.id}").set_value(" Before the break ").run()  # and the page comes to rest
    app.text_input(key=f"note-{run.id}").set_value("hardly learns").run()
    press(app, "Star")
    assert store.load(run.id).label == store.Label("Before the break", "hardly learns", True)
    assert table(app)["name"].tolist() == ["Before the break"] and table(app)["star"].tolist() == ["★"]


def test_deleting_can_be_undone_after_the_connection_was_lost(folder):
    app = open_runs(stored(folder, SGD, 1))
    app.button(key="delete").click().run()
    break_off()
    press(checked(app.run()), "Undo")
    assert len(store.list_all()) == 1


def test_deleting_can_be_undone_until_the_page_is_left(folder, home):
    kept, *deleted = [stored(folder, SGD, seed) for seed in range(3)]
    app = open_runs(*deleted)
    app.button(key="delete").click().run()
    assert store.list_all() == [kept] and "2 runs deleted." in texts(app)
    press(app, "Undo")
    assert len(store.list_all()) == 3 and "deleted." not in texts(app)

    app = open_runs(*deleted)
    app.button(key="delete").click().run()
    assert len(list((home / "runs").iterdir())) == 3
    app.switch_page("data.py").run()
    assert [path.name for path in (home / "runs").iterdir()] == [kept.id]


def test_a_running_run_is_not_deleted(folder):
    run = stored(folder, SGD)
    with liveness.claim(run.folder):
        store.write_status(run, "running")
        app = open_runs(run)
        app.button(key="delete").click().run()
        assert "is running; stop it first" in app.error[0].value
        assert store.list_all()


def test_each_cell_of_the_matrix_shows_its_photographs(folder):
    run = stored(folder, SGD)
    app = open_runs(run)
    groups = [[option.content for option in group.proto.options] for group in app.get("button_group")]
    assert ["cats as dogs (10)", "dogs as cats (10)", "cats correct (40)", "dogs correct (40)"] in groups
    app.session_state[f"cell-{run.id}"] = (0, 0)
    app.run()
    assert "Predicted “cat”, most confident first." in texts(app)
    assert button(app, "Show more of 40")


def test_a_photograph_that_is_gone_is_said_to_be(folder):
    run = stored(folder, SGD)
    (folder / "cats" / "cats.49.jpg").unlink()
    assert "cats/cats.49.jpg is no longer there." in texts(open_runs(run))


def test_photographs_of_a_data_set_that_was_brought_in_place_of_a_run_s_own_are_not_shown_as_its_mistakes(tmp_path):
    made = intake.add_folder(photographs(tmp_path / "first", {"cats": 50, "dogs": 50}), "Pets").folder
    run = stored(made, SGD)
    listing = dataset.check(made)
    store.write_environment(run, {**store.environment(run), "data_fingerprint": listing.fingerprint})
    assert len(open_runs(run).image) == 8
    library.delete(made)
    others = photographs(tmp_path / "second", {"cats": 50, "dogs": 50})
    kept = (others / "cats" / "cats.48.jpg", tmp_path / "first" / "cats" / "cats.48.jpg")
    kept[0].write_bytes(kept[1].read_bytes())
    assert intake.add_folder(others, "Pets").folder == made
    app = open_runs(run)
    assert "Another photograph lies at cats/cats.49.jpg now." in texts(app)
    assert [each.proto.imgs[0].alt for each in app.image] == ["cats/cats.48.jpg"]


def test_a_data_set_that_is_gone_is_said_to_be_once(folder):
    run = stored(folder, SGD)
    folder.rename(folder.with_name("elsewhere"))
    written = texts(open_runs(run))
    assert "/photos is no longer there, so its photographs can't be shown." in written and "cats.49.jpg" not in written


def test_an_accuracy_that_always_dog_would_get_is_said_to_be_one(folder):
    blind, seeing = storing.always_dog(Config(data=str(folder), seed=1)), stored(folder, SGD, right=90)
    said = "no better than always answering dog (98.7%)"
    assert table(open_runs())["caution"].tolist() == ["", said]
    app = open_runs(blind)
    assert app.warning[0].value.startswith(rf"**The held-out accuracy of 98.7% is {said}.** The network recognised 0.0% of the cats")
    assert "a balanced accuracy of 50.0%" in app.warning[0].value and "set `class_weight` to balanced" in app.warning[0].value
    by_class = table(app, 1).iloc[0]
    assert by_class[["balanced accuracy", "cat recall", "dog recall"]].tolist() == [50, 0, 100]
    assert by_class[["cats", "dogs"]].tolist() == [4, 300] and pd.isna(by_class["cat precision"])
    assert sorted(table(open_runs(blind, seeing), 1)["caution"]) == ["", said]

    store_before_classes(blind)
    app = open_runs(blind)
    assert said in app.warning[0].value and table(app, 1)["photographs"].tolist() == ["held out"]


def store_before_classes(run: store.Run) -> None:
    """As earlier versions stored an evaluation."""
    content = files.read_json(run.folder / "evaluation.json")
    content["confusion"] = [content[subset].pop("by_class") for subset in split.SUBSETS][-1]["confusion"]
    files.replace_json(run.folder / "evaluation.json", content)


def test_a_caution_shows_a_class_name_as_it_is(folder):
    run = storing.always_dog(Config(data=str(folder)))
    content = files.read_json(run.folder / "evaluation.json")
    files.replace_json(run.folder / "evaluation.json", {**content, "class_names": ["cats", "H\udce4nde *x*"]})
    app = open_runs(run)
    assert "always answering H\ufffdnde \\*x\\* (98.7%)" in app.warning[0].value
    assert "always answering H\ufffdnde *x* (98.7%)" in table(app)["caution"].iloc[0] and "H\ufffdnde *x* recall" in table(app, 1)


def test_where_it_is_better_than_always_dog_there_is_no_caution(folder):
    run = stored(folder, ADAM, right=90)
    assert "caution" not in table(open_runs()) and not open_runs(run).warning
    assert "caution" not in table(open_runs(run, stored(folder, SGD)), 1)


def test_repeated_runs_share_a_caution(folder):
    blind = [storing.always_dog(Config(data=str(folder), seed=seed)) for seed in range(2)]
    seeing = [storing.finished(Config(data=str(folder), optimizer="sgd", seed=seed), right=90) for seed in range(2)]
    said = "2 of 2 runs: no better than always answering dog (98.7%)"
    assert sorted(table(open_runs(*blind, *seeing), 1)["caution"]) == ["", said]


def test_only_the_held_out_accuracy_has_an_interval(folder):
    metrics = {metric.label: metric for metric in open_runs(stored(folder, ADAM, right=90)).metric}
    assert metrics["Held-out accuracy"].delta == "82.6% to 94.5% · 100 photographs"
    assert "new photographs of the same kind" in metrics["Held-out accuracy"].help
    assert metrics["Validation accuracy"].delta == "chose the epoch · 100 photographs"
    assert metrics["Training accuracy"].delta == "learned from · 100 photographs"
    assert "nothing about new" in metrics["Training accuracy"].help


def test_a_single_mistake_among_two_thousand_is_not_rounded_away(folder):
    """The page said 100.0%."""
    app = open_runs(stored(folder, ADAM, right=1999, count=2000))
    assert {metric.value for metric in app.metric} == {">99.9%"}
    assert f"{table(app)['test_accuracy'].iloc[0]:.1f}" == "99.9"


def test_two_runs_are_compared_by_mcnemars_test(folder):
    app = open_runs(stored(folder, SGD, right=60), stored(folder, ADAM, right=90))
    assert "Adam beat " in texts(app) and "; 100 photographs, 1 seed)" in texts(app) and "McNemar" in texts(app)
    of_interval = columns(app, 1)["95% interval"]["help"]
    assert "other photographs of the same kind" in of_interval and "that of a single run doesn't: another seed" in of_interval
    assert "played no part in this choice" in texts(app) and "other seeds may give another result" in texts(app)


def test_a_comparison_begins_with_what_came_of_it_and_folds_how_that_was_tested(folder):
    app = open_runs(stored(folder, SGD, right=60), stored(folder, ADAM, right=90))
    drawn = [*app.main]
    said = next(place for place, each in enumerate(drawn) if each.type == "markdown" and "has the highest validation" in each.value)
    assert said < next(place for place, each in enumerate(drawn) if each.type == "plotly_chart")
    (tests,) = (expander for expander in app.expander if "How this was tested" in expander.label)
    assert not tests.proto.expanded and [line.value.split()[0] for line in tests.caption] == ["The", "McNemar's"]
    assert "p-value is how often two that are equally good" in tests.caption[0].value


def test_a_diamond_is_mentioned_only_where_one_is_drawn(folder):
    """The caption spoke of one below curves without."""
    runs = [stored(folder, preset) for preset in (SGD, ADAM)]
    assert "Validation is solid" in texts(open_runs(*runs)) and "diamond" not in texts(open_runs(*runs))
    losses = (0.60, 0.50, 0.45, 0.60, 0.75, 0.90)
    epochs = [storing.epoch(number, loss=0.5 / number, val_loss=loss) for number, loss in enumerate(losses, 1)]
    overfitted = storing.finish(storing.trained(*epochs, config=presets.config(SGD, data=str(folder))), epochs=len(losses))
    assert "A diamond marks where it began." in texts(open_runs(overfitted, runs[1]))


def test_each_accuracy_of_a_comparison_says_what_it_is(folder):
    """Neither the interval nor the best epoch did."""
    of = columns(open_runs(*(stored(folder, preset) for preset in (SGD, ADAM))), 1)
    unexplained = {name for name, column in of.items() if name != "_index" and not column.get("help")}
    assert unexplained == {"runs"}


def repeated(folder, rights: dict[str, tuple[int, ...]]) -> list[store.Run]:
    """Runs of these presets, a seed each, that are right on so many of 100 photographs."""
    return [
        stored(folder, preset, seed, right=10 * right, count=1000)
        for preset, several in rights.items()
        for seed, right in enumerate(several)
    ]


def test_repeated_runs_are_compared_as_groups(folder):
    app = open_runs(*repeated(folder, {SGD: (60, 61, 63), ADAM: (90, 92, 91)}))
    assert "**Adam beat SGD by 29.7 ± 4.5 points (3 seeds).** p = 0.001." in texts(app).replace("\N{NO-BREAK SPACE}", " ")
    scores = table(app, 1).set_index("runs")
    assert scores.loc["Adam", "count"] == "3" and scores.loc["Adam", "held out"] == pytest.approx(91.0)
    assert scores.loc["Adam", "95% interval"] == "87.8% to 93.7%"


def test_groups_that_also_differ_in_something_else_are_said_to(folder):
    """“150 px beat 64 px”, where half of the runs had another network as well."""
    runs = repeated(folder, {"study-batch-100": (60, 61, 63), ADAM: (90, 92, 91)})
    by = {
        name: texts(open_page("results", run=[run.id for run in runs], group=name)) for name in ("optimizer", "all settings but the seed")
    }
    assert "also differ in model, so their difference may be due to that." in by["optimizer"]
    assert "also differ in" not in by["all settings but the seed"]


def test_a_mean_says_of_how_many_runs_it_is(folder):
    """A run that was stopped used to be counted, although it has no part in the mean."""
    runs = repeated(folder, {SGD: (60, 61, 63), ADAM: (90, 92, 91)})
    (runs[0].folder / "evaluation.json").unlink()
    store.write_status(runs[0], "stopped")
    assert table(open_runs(*runs), 1).set_index("runs")["count"].to_dict() == {"Adam": "3", "SGD": "2 of 3"}


def test_runs_that_can_not_be_paired_are_named_and_not_compared(folder):
    """Runs of seeds 0 and 0 against 0 and 1 used to give a difference, which one depended on their order."""
    runs = [stored(folder, preset, seed, right=right) for preset, seed, right in ((SGD, 0, 61), (SGD, 0, 61), (ADAM, 0, 80), (ADAM, 1, 80))]
    written = texts(open_runs(*runs))
    assert "Adam and SGD can't be told apart yet" in written or "SGD and Adam can't be told apart yet" in written
    assert "SGD with seed 0 (2 runs)" in written and "points (" not in written


def test_two_seeds_of_one_group_say_what_an_interval_takes(folder):
    app = open_runs(*repeated(folder, {ADAM: (90, 92)}))
    assert "2 seeds are too few for an interval. At a rough guess, it would take" in texts(app)
    assert table(app, 1)["95% interval"].tolist() == ["too few seeds"]


def test_the_best_group_is_chosen_by_its_validation_accuracy(folder):
    """Never by its held-out accuracy: what has chosen can't judge."""
    runs = repeated(folder, {SGD: (80, 80, 80), ADAM: (81, 82, 83)})
    for run in runs[:3]:
        found = evaluation.load(run)
        evaluation.save(run, replace(found, validation=replace(found.validation, accuracy=0.9)))
    written = texts(open_runs(*runs))
    assert "**SGD** has the highest validation accuracy, 90.0% of 1,000 photographs." in written
    assert "played no part in this choice" not in written
    assert "some of which are validation photographs of other seeds:" in written
    assert "SGD and Adam can't be told apart yet" in written and "−2.0 ± " in written


def test_settings_are_called_what_the_form_calls_them(folder):
    runs = [stored(folder, preset) for preset in (SGD, "fast")]
    app = open_page("results", run=[run.id for run in runs])
    given = [(json.loads(found.proto.columns), found.value.columns) for found in app.dataframe]
    titles = {columns.get(name, {}).get("label", name) for columns, shown in given for name in shown}
    assert {"batch size", "learning rate", "horizontal flip"} <= titles and not [title for title in titles if "_" in title]
    assert "learning rate" in app.selectbox[0].options and "learning_rate" not in app.selectbox[0].options
    assert {"batch size", "EMA momentum", "best epoch", "started by"} <= set(app.multiselect(key="columns").options)
    app = open_runs(runs[0])
    shown = next(found.value for found in app.dataframe if "setting" in found.value)
    assert ["fine-tuning rate", "fine_tuning_rate"] in shown[["setting", "name for --set"]].values.tolist()


def test_of_equally_accurate_runs_none_is_called_the_best_alone(folder):
    """With few validation photographs, many are: the first in the table was said to have the highest accuracy."""
    told = texts(open_runs(*(stored(folder, preset, right=right) for preset, right in ((SGD, 90), (ADAM, 90), ("quick", 80)))))
    assert "highest validation accuracy, 90.0% of 100 photographs, tied with 1 other. On the" in told


def test_a_group_that_had_seen_what_it_is_judged_by_is_not_called_the_best(folder):
    runs = repeated(folder, {SGD: (80, 80, 80), ADAM: (81, 82, 83)})
    of_the_others = "**Adam** has the highest validation accuracy of those that did not start from a run"
    for judged, told in ((runs[:3], of_the_others), (runs[3:], "None can be called the best")):
        for run in judged:
            found = evaluation.load(run)
            evaluation.save(run, replace(found, validation=replace(found.validation, accuracy=0.9)))
            storing.had_seen(run, validation=5)
        assert told in texts(open_runs(*runs))


def test_many_runs_that_allow_no_test_are_put_away(folder):
    app = open_runs(*[stored(folder, ADAM, seed) for seed in range(3)], stored(folder, SGD, 9))
    assert not app.expander
    app = open_runs(*[stored(folder, ADAM, seed) for seed in range(3)], *[stored(folder, SGD, seed) for seed in (7, 8, 9)])
    app.selectbox[0].set_value("nothing").run()
    assert [expander.label for expander in app.expander] == ["5 can't be told apart from it yet"]


def test_a_group_is_not_named_after_one_of_its_runs(folder):
    repeated = [stored(folder, SGD, seed) for seed in range(2)]
    store.change_label(repeated[0], name="Mine")
    assert "Mine" not in table(open_runs(*repeated, stored(folder, ADAM)), 1)["runs"].tolist()


def test_names_are_shown_as_they_are_written(folder):
    run = stored(folder, SGD)
    store.change_label(run, name="My *first* [run]")
    assert r"My \*first\* \[run\]" in [element.value for element in open_runs(run).header]


def test_runs_are_grouped_by_any_setting_that_differs(folder):
    app = open_runs(*[stored(folder, preset) for preset in ("study-dense", "study-150px", SGD)])
    app.selectbox[0].set_value("model").run()
    assert sorted(table(app, 1)["runs"]) == ["Conv2D", "Dense"]


def test_a_link_shows_the_same_comparison(folder):
    """It used to lead to the same runs, grouped and drawn otherwise."""
    runs = repeated(folder, {SGD: (60, 61), ADAM: (90, 92)})
    shown = open_page("results", run=[run.id for run in runs], group="optimizer", over="minute", smoothing="0.5")
    assert (shown.selectbox[0].value, shown.segmented_control(key="over").value) == ("optimizer", "minute")
    assert shown.slider(key="smoothing").value == 0.5 and table(shown, 1)["runs"].tolist() == ["Adam", "SGD"]


def test_a_link_to_a_grouping_that_there_is_no_more_shows_the_usual_one(folder):
    runs = repeated(folder, {SGD: (60, 61)})
    shown = open_page("results", run=[run.id for run in runs], group="optimizer", over="rabbit", smoothing="7")
    assert shown.selectbox[0].value == "all settings but the seed" and shown.segmented_control(key="over").value == "epoch"


def test_only_settings_that_differ_are_listed(folder):
    app = open_runs(stored(folder, ADAM), stored(folder, "study-augmented"))
    changed = {"rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range", "horizontal_flip"}
    assert set(table(app, 2).columns) == {"run", "id", *changed}


def test_the_settings_of_many_runs_are_folded(folder):
    runs = [stored(folder, ADAM, seed) for seed in range(13)]
    assert [found.label for found in open_runs(*runs).expander] == ["Settings of all 13 runs"]
    assert not open_runs(*runs[:12]).expander


def test_a_data_set_is_called_by_its_name_where_it_differs(folder, home):
    drawn = photographs(home / "data" / "drawn-2000-0", {"cats": 50, "dogs": 50})
    app = open_runs(stored(drawn, ADAM), stored(folder, ADAM))
    assert sorted(table(app, 2)["data"]) == ["Drawn · 2,000 images", "photos"]


def test_equal_runs_say_that_nothing_differs(folder):
    assert "these runs have the same settings" in texts(open_runs(stored(folder, SGD), stored(folder, SGD)))


def test_a_run_without_an_epoch_can_be_shown_and_compared(folder):
    waiting = store.create(presets.config(SGD, data=str(folder)))
    assert "queued" in table(open_runs(waiting))["state"].tolist()
    app = open_runs(waiting, stored(folder, ADAM))
    assert "2 runs compared" in texts(app)
    assert list(table(app, 1).columns)[:4] == ["runs", "count", "held out", "95% interval"], "the row of one without says where they are"


def test_a_run_that_was_not_evaluated_is_compared_with_the_accuracies_of_its_best_epoch(folder):
    """They were missing, though the table above has them."""
    config = presets.config(SGD, data=str(folder))
    stopped = storing.trained(storing.epoch(1, val_loss=0.5, val_accuracy=0.7, accuracy=0.6), storing.epoch(2, val_loss=0.9), config=config)
    store.write_status(stopped, "stopped")
    scores = table(open_runs(stopped, stored(folder, ADAM)), 1).set_index("95% interval").loc["not evaluated"]
    assert (scores["validation"], scores["training"]) == (70.0, 60.0) and pd.isna(scores["held out"]) and pd.isna(scores["gap"])


def test_a_long_name_leaves_room_for_other_columns_and_is_whole_in_a_comparison(folder):
    run = stored(folder, SGD)
    app = open_runs(run, stored(folder, ADAM))
    assert {widths(app, name) for name in ("name", "runs", "run")} == {None}
    assert {found.proto.row_height for found in app.dataframe} == {0}
    store.change_label(run, name="A name that is as long as one can be, up to the end" * 2)
    app = open_runs(run, stored(folder, ADAM))
    assert [widths(app, name) for name in ("name", "runs", "run")] == [320, 240, 240]
    assert [found.proto.row_height for found in app.dataframe] == [0, 72, 72], "too low for a second line"


def widths(app: AppTest, name: str) -> int | None:
    """The width of the column of that name, in whichever table has it."""
    (columns,) = (columns for found in app.dataframe if name in found.value and (columns := json.loads(found.proto.columns)))
    return columns.get(name, {}).get("width")


def test_a_cost_that_is_the_same_for_all_is_not_drawn(folder):
    one, other = stored(folder, SGD), stored(folder, ADAM)
    assert "Accuracy by weights" not in [header.value for header in open_runs(one, other).header]
    store.write_environment(other, {**store.environment(other), "weights": 2000})
    assert "Accuracy by weights" in [header.value for header in open_runs(one, other).header]


def test_many_comparisons_are_folded_after_the_closest(folder):
    runs = [storing.finished(presets.config(ADAM, data=str(folder), dense_units=8 + number), right=60 + 2 * number) for number in range(9)]
    app = open_runs(*runs)
    assert [box.label for box in app.expander if "other" in box.label] == ["2 others, none with a higher validation accuracy"]


def test_classes_other_than_cats_and_dogs_get_no_second_plural(folder, monkeypatch):
    monkeypatch.setattr(storing, "CLASSES", ("muffins", "\u732b"))
    storing._answers.cache_clear()
    app = open_runs(stored(folder, ADAM))
    storing._answers.cache_clear()
    assert "a held-out photograph of \u732b gets a higher probability of “\u732b” than one of muffins" in texts(app)
    assert "muffins" in table(app, 1) and "\u732b" in table(app, 1) and "muffinss" not in table(app, 1)
