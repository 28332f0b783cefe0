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
    assert "12 runs still waiting or training; none left to queue." in texts(app)
    app.number_input(key="study_seeds").set_value(3).run()
    assert button(app, "Queue 6 runs")


def test_too_few_photographs_for_a_step_queue_nothing(tmp_path):
    dataset.check(photographs(tmp_path / "few", {"cats": 30, "dogs": 30}))
    app = press(open_study(), "Queue 18 runs")
    assert "The study trains in batches of 100, and there are only 44 photographs" in app.error[0].value and jobs.queue() == []


def store_study(folder, rights: dict[str, list[int]]) -> None:
    """Runs of the steps of these names, a seed each, that are right on so many of 100 photographs."""
    for name, several in rights.items():
        for seed, right in enumerate(several):
            storing.finished(presets.config(f"study-{name}-small", data=str(folder), seed=seed), 10 * right, 1000)


def badges(app) -> list[str]:
    labels = ("Not known yet", "Does not hold", "No difference larger than 2 points", "Can't tell", "Holds")
    found = [element.value for element in app.markdown if "-badge[" in element.value]
    return [next(label for label in labels if label in badge) for badge in found]


def test_results_and_conclusions_are_shown(folder):
    store_study(folder, {"sgd": [60, 62, 61], "adam": [80, 83, 81], "augmented": [90, 92, 91]})
    app = open_study()
    table = app.dataframe[0].value.set_index("step")
    assert table.loc["Study 5 · Conv2D, Adam (small)", "held out"] == "81.3%  (76.6% to 85.6%)"
    assert table["seeds"].tolist() == ["0 of 3"] * 3 + ["3 of 3"] * 3
    written = texts(app)
    assert "Study 5 · Conv2D, Adam (small) beat Study 4 · Conv2D, SGD (small) by 20.3 ± " in written
    assert badges(app) == ["Not known yet", "Not known yet", "Not known yet", "Holds", "Does not hold"]
    assert "Machine Learning 52 (2003)" in written and "corrected for 2 comparisons (S. Holm" in written
    assert "85.4%" in written and "96.4%" in written


def test_two_seeds_have_neither_an_interval_nor_a_verdict(folder):
    """Both gain one point: that used to be 1.0 ± 0.0 points with p = 0, and the interval of 65% used to reach from -7% to 137%."""
    store_study(folder, {"sgd": [60, 70], "adam": [61, 71], "augmented": [40, 50]})
    app = open_study()
    assert app.dataframe[0].value.set_index("step").loc["Study 4 · Conv2D, SGD (small)", "held out"] == "65.0%"
    written = texts(app)
    assert "Two seeds are too few for an interval; it takes three." in written
    assert "Each run was measured on 1,000 held-out photographs. Validation accuracy is a little too high, as it chose" in written
    assert "two seeds (+1.0 points) are too few for an interval. At a rough guess, it would take" in written and "± 0.0" not in written
    assert badges(app)[3:] == ["Can't tell", "Can't tell"] and "noise" not in written


def test_runs_that_can_not_be_paired_are_named(folder):
    store_study(folder, {"sgd": [60, 62, 61, 61], "adam": [80, 83, 81]})
    assert "Can't be paired: Study 4 · Conv2D, SGD (small) with seed 3." in texts(open_study())


def test_a_complete_study_has_nothing_to_queue(folder):
    for name in STEPS:
        storing.finished(presets.config(name, data=str(folder)))
    app = open_study()
    app.number_input(key="study_seeds").set_value(1).run()
    assert "All runs have finished." in texts(app) and not app.button
