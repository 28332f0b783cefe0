"""What one person may have, on the pages: said where it is configured, and refused in a sentence."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from catsdogs.data import dataset
from catsdogs.queue import jobs
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.sources import intake
from catsdogs.system.access import Limits
from pages.parts.shared import entrance
from pages.parts.shared.access_settings import AccessSettings
from tests.images import photographs
from tests.pages.opening import PAGES, checked, press, texts

pytestmark = pytest.mark.usefixtures("nothing_starts", "the_owner_comes_back")


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 80, "dogs": 80}, size=(12, 9))
    return Path(dataset.check(made).folder)


def opened(name: str, query: dict | None = None, **limits) -> AppTest:
    """The page of a server with these limits."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=60)
    entrance.watch(AccessSettings(limits=Limits(**limits)))
    for key, value in (query or {}).items():
        app.query_params[key] = value
    return checked(app.switch_page(f"{name}.py").run())


def test_the_form_says_how_many_runs_are_left_and_refuses_more(folder):
    app = opened("train", runs=2)
    assert "You have 0 runs waiting or training; 2 are allowed at once." in texts(app)
    app.number_input(key="repeats").set_value(2).run()
    press(app, "Start training")
    assert app.warning[0].value.startswith("You have 2 runs waiting or training, as many as"), "before the click"
    press(app, "Start training")
    assert app.error[0].value.startswith("You have 2 runs waiting or training, as many as") and len(jobs.queue()) == 2


def test_the_study_is_refused_as_well(folder):
    app = press(opened("results", {"view": "Repeat the study"}, runs=5), "Queue 18 runs")
    assert "may have 5 runs waiting or training here, and these are 18" in app.error[0].value and store.list_all() == []


def test_a_run_that_can_t_be_resumed_now_says_so(folder):
    jobs.create([Config(data=str(folder))])
    stopped = store.create(Config(data=str(folder)))
    store.write_status(stopped, "stopped")
    app = press(opened("train", {"run": stopped.id}, runs=1), "Resume")
    assert app.toast[0].value.startswith("You have 1 run waiting or training, as many as") and store.load(stopped.id).state == "stopped"


def test_an_undo_that_would_be_too_much_says_so_and_brings_the_runs_back_stopped(folder):
    (run,) = jobs.create([Config(data=str(folder))])
    app = opened("train", {"run": run.id}, runs=1)
    checked(app.button(key=f"cancel-shown-{run.id}").click().run())
    jobs.create([Config(data=str(folder), seed=1)])
    press(app, "Undo")
    assert app.error[0].value.startswith("You have 1 run") and store.load(run.id).state == "stopped"
    assert "on Results, stopped" in app.error[0].value


def test_the_runs_of_others_that_somebody_cancelled_come_back_unless_their_own_owner_has_too_many(folder):
    runs = [store.create(Config(data=str(folder), seed=seed), by) for seed, by in enumerate(["Ada", "Ada", "Grace"])]
    app = opened("train", runs=2)
    checked(app.button(key="cancel-all").click().run())
    assert store.list_all() == []
    store.create(Config(data=str(folder), seed=3), "Grace")
    store.create(Config(data=str(folder), seed=4), "Grace")
    press(app, "Undo")
    assert app.error[0].value.startswith("Grace has 2 runs waiting or training")
    assert [store.load(run.id).state for run in runs] == ["queued", "queued", "stopped"]


def test_the_sources_say_how_much_space_is_left(folder):
    intake.add_files([("cats/1.jpg", bytes(10)), *((f"dogs/{n}.jpg", b"\xff\xd8\xff" + bytes(10**6)) for n in range(2))], "mine")
    app = opened("data", data=1_500_000_000, free=1_000_000)
    assert re.search(r"Your data sets take 2 MB of 1\.5 GB\. [\d.]+ \wB is left on the server for everybody", texts(app))


@pytest.mark.parametrize("page", ["data", "train"])
def test_nothing_is_said_where_nothing_is_limited(page, folder):
    assert "allowed at once" not in texts(opened(page)) and "that you made" not in texts(opened(page))
