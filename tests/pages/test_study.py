"""The study, repeated, on the page Results."""

from pathlib import Path

import pytest

from catsdogs.data import dataset
from catsdogs.queue import jobs
from catsdogs.settings import presets
from tests import storing
from tests.images import photographs
from tests.pages.opening import button, open_page, press, texts

STEPS = [preset.name for preset in presets.PRESETS if preset.name.endswith("-small")]

pytestmark = pytest.mark.usefixtures("nothing_starts")


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 80, "dogs": 80}, size=(12, 9))
    return Path(dataset.check(made).folder)


def open_study():
    return open_page("results", view="Repeat the study")


def test_without_photographs_the_study_says_what_to_do():
    assert "No data set yet" in texts(open_study())


def test_the_missing_runs_are_queued_with_one_button(folder):
    app = open_study()
    app.number_input(key="study_seeds").set_value(2).run()
    press(app, "Queue 12 runs")
    assert [(run.config.seed, run.config.preset) for run in jobs.queue()] == [(seed, name) for seed in (0, 1) for name in STEPS]
    assert "No run is missing; 12 of them still waiting or training." in texts(app)
    app.number_input(key="study_seeds").set_value(3).run()
    assert button(app, "Queue 6 runs")


def test_too_few_photographs_for_a_step_queue_nothing(tmp_path):
    dataset.check(photographs(tmp_path / "few", {"cats": 30, "dogs": 30}))
    app = press(open_study(), "Queue 18 runs")
    assert "batch_size = 100" in app.error[0].value and jobs.queue() == []


def test_results_and_conclusions_are_shown(folder):
    for name, rights in {"study-sgd-small": [60, 62, 61], "study-adam-small": [80, 83, 81], "study-augmented-small": [90, 92, 91]}.items():
        for seed, right in enumerate(rights):
            storing.finished(presets.config(name, data=str(folder), seed=seed), right)
    app = open_study()
    table = app.dataframe[0].value.set_index("step")
    assert table.loc["Study 5 · Conv2D, Adam (small)", "held out"] == "81.3%  (77.5% to 85.1%)"
    assert table["seeds"].tolist() == ["0 of 3"] * 3 + ["3 of 3"] * 3
    written = texts(app)
    assert "Study 5 · Conv2D, Adam (small) beat Study 4 · Conv2D, SGD (small) by 20.3 ± 1.4 points (3 seeds)." in written
    badges = [line for line in written.split("\n") if line.startswith(":") and "badge" in line]
    verdicts = [next(word for word in ("Not known", "Does not hold", "noise", "Holds") if word in badge) for badge in badges]
    assert verdicts == ["Not known", "Not known", "Not known", "Holds", "Does not hold"]
    assert "Biometrika 6 (1908)" in written and "85.4%" in written and "96.4%" in written


def test_a_complete_study_has_nothing_to_queue(folder):
    for name in STEPS:
        storing.finished(presets.config(name, data=str(folder)))
    app = open_study()
    app.number_input(key="study_seeds").set_value(1).run()
    assert "No run is missing, and all have finished." in texts(app) and not app.button
