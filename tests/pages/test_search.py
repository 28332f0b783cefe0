"""Searches on the pages: begun from the form on Train, cancelled there, and read on Results."""

from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config

from catsdogs.data import dataset
from catsdogs.queue import jobs, searches, searching, sweeps
from catsdogs.runs import store, times
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.settings.space import Range
from pages.parts.train.search import progress
from tests import storing
from tests.images import photographs
from tests.pages.opening import checked, open_page, press, texts

pytestmark = pytest.mark.usefixtures("nothing_starts")
SPACE = {"learning_rate": Range(0.0001, 0.1, True), "optimizer": ("adam", "sgd")}


@pytest.fixture
def form(tmp_path):
    """The page Train with a search chosen, of optimizer and learning rate."""
    made = photographs(tmp_path / "photos", {"cats": 80, "dogs": 80}, size=(12, 9))
    assert Path(dataset.check(made).folder).is_dir()
    app = open_page("train")
    app.session_state["sweep_open"] = True
    app.session_state["sweep_kind"] = "Timed search"
    app.run()
    app.multiselect(key="sweep_settings").set_value(["optimizer", "learning_rate"]).run()
    app.multiselect(key="search_of_optimizer").set_value(["adam", "sgd"]).run()
    return checked(app.text_input(key="search_of_learning_rate").set_value("0.0001..0.1").run())


def searched(right: dict[float, int], **facts) -> searches.Search:
    """A search named rates whose runs have ended; the first is the base. `right` has the correct answers by learning rate."""
    first, *others = right
    base = Config(data="/photos", learning_rate=first)
    run = searches.create("rates", base, SPACE, 1200)
    runs = [storing.finish(run, right[first])]
    for rate in others:
        runs.append(storing.finished(replace(base, learning_rate=rate), right[rate]))
        sweeps.add("rates", runs[-1])
    return searches.changed(searches.find("rates"), runs={run.id: "finished" for run in runs}, spent=600.0, **facts)


def test_it_is_begun_under_its_name_with_the_form_first_and_cancelled(form):
    assert "There is no estimate of the number of runs" in texts(form)
    form.text_input(key="sweep_name").set_value("rates").run()
    press(form, "Search for 20 min")
    search = searches.find("rates")
    assert (search.seconds, search.space) == (1200, {"optimizer": ("adam", "sgd"), "learning_rate": Range(0.0001, 0.1, True)})
    assert [run.config for run in jobs.queue()] == [search.base] == [store.load(search.first).config]
    assert "Search **rates**: 0 runs tried · about 20 min left" in texts(form)
    checked(form.button(key="sweep_cancel_now_rates").click().run())
    assert not jobs.queue() and not searches.find("rates").is_busy


def test_it_says_how_many_runs_the_time_is_for_once_a_similar_run_has_ended(form):
    """The page broke off then."""
    storing.finished(presets.config("quick", data=str(form.session_state["data_folder"])), epochs=8, seconds=15.0)
    checked(form.run())
    assert "A run takes about 2 min: about 10 runs, or more if some are pruned (stopped early)." in texts(form)
    form.number_input(key="search_minutes").set_value(5).run()
    assert "A run takes about 2 min, so there would be too few runs to learn from." in texts(form)


@pytest.mark.parametrize(("value", "said"), [("0.1..0.001", "LOW below HIGH"), ("0.1..7", "must be")])
def test_what_can_not_be_searched_is_refused_in_words(form, value, said):
    form.text_input(key="search_of_learning_rate").set_value(value).run()
    assert said in form.error[0].value
    assert not [found for found in form.button if found.key == "search_begin"]


def test_it_begins_with_a_range_around_the_form_and_waits_for_what_does_not_vary_yet(form):
    form.multiselect(key="sweep_settings").set_value(["momentum", "learning_rate", "model", "batch_size"]).run()
    assert form.text_input(key="search_of_batch_size").value == "16..64" and form.text_input(key="search_of_momentum").value == "0..0.99"
    assert "Doesn't vary yet: Model." in texts(form) and not [found for found in form.button if found.key == "search_begin"]


def test_a_time_of_hours_is_written_in_hours(form):
    form.number_input(key="search_minutes").set_value(183).run()
    assert [found.label for found in form.button if found.key == "search_begin"] == ["Search for 3 h 3 min"]


def test_a_name_is_needed(form):
    press(form, "Search for 20 min")
    assert "needs a name" in form.error[0].value and not jobs.queue() and not searches.list_all()


def test_results_says_what_the_best_is_worth_on_photographs_that_did_not_choose_it():
    ended = {"said": searching.OVER, "ended": times.now(), "shares": {"learning_rate": 0.8, "optimizer": 0.1}}
    searched({0.001: 60, 0.01: 90, 0.0003: 70}, **ended)
    app = open_page("results", view="Sweeps")
    shown = texts(app)
    assert "3 runs, 3 finished" in shown and "The time is over. Its runs have trained for 10 min of 20 min." in shown
    assert {"Settings and validation accuracy", "What matters", "Best validation accuracy so far", "The best run"} <= {
        title.value for title in app.header
    }
    assert (
        "The highest validation accuracy of 3 finished runs, 90.0% of 100 photographs, is that of " in shown and "a little lucky" in shown
    )
    assert "The best run beat the first run by 30.0 points" in shown and "90.0% correctly, the first run 60.0%" in shown
    assert "(95% interval +" in shown and "McNemar" in shown
    assert list(app.dataframe[0].value["outcome"]) == ["finished", "finished", "finished (first run)"]


def test_the_best_run_is_opened_on_a_server_below_a_path_too(monkeypatch):
    """The link led to the root of the host, which is another site there."""
    searched({0.001: 60, 0.01: 90}, said=searching.OVER, ended=times.now())
    monkeypatch.setattr(st, "get_option", lambda name: "studio" if name == "server.baseUrlPath" else config.get_option(name))
    assert "[Open](/studio/results?run=" in texts(open_page("results", view="Sweeps"))


def test_results_says_so_where_nothing_beats_the_base():
    searched({0.001: 90, 0.01: 60}, said=searching.CANCELLED, ended=times.now())
    assert "nothing that was tried is better on the validation photographs" in texts(open_page("results", view="Sweeps"))


def test_results_calls_none_the_best_that_had_seen_what_it_is_judged_by():
    search = searched({0.001: 60, 0.01: 90, 0.0003: 70}, said=searching.OVER, ended=times.now())
    runs = sorted(sweeps.runs("rates"), key=lambda run: run.config.learning_rate)
    told = {2: "of 2 finished runs that did not start from a run that", 0: "of 1 finished run", 1: "None can be called the best"}
    for number, seen in enumerate(told, start=1):
        storing.had_seen(runs[seen], validation=5)
        app = open_page("results", view="Sweeps")
        assert told[seen] in texts(app) and sum(map(bool, app.dataframe[0].value["caution"])) == number
    assert "best" not in progress(search, runs)


def test_a_pruned_run_is_called_that_everywhere():
    search = searched({0.001: 90})
    run = storing.trained(storing.epoch(1), config=Config(data="/photos"))
    sweeps.add("rates", run)
    store.write_status(run, "stopped", reason="pruned")
    searches.changed(search, runs={**search.runs, run.id: "pruned"})
    app = open_page("results", view="Sweeps")
    assert list(app.dataframe[0].value["outcome"]) == ["finished (first run)", "pruned"] and "1 pruned" in texts(app)
    app = open_page("results", run=run.id)
    assert "worse than the median of the runs before it" in texts(app)


def test_a_search_that_is_under_way_is_shown_though_the_list_of_sweeps_could_not_be_read(form, home):
    searches.create("rates", Config(data="/photos"), SPACE, 1200)
    (home / "sweeps.json").write_text("")
    assert "Search **rates**: 0 runs tried" in texts(checked(form.run()))


def test_a_search_that_can_not_be_read_is_named_and_its_runs_are_a_sweep():
    search = searched({0.001: 60, 0.01: 90})
    (search.folder / "search.json").write_text("{")
    app = open_page("results", view="Sweeps")
    assert "search.json is not JSON" in app.warning[0].value.replace("\\", "") and "2 of 2 runs finished." in texts(app)
    assert not open_page("train").error
