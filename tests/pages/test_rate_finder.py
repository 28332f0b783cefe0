"""The button beside the learning rate, and what its dialog shows. The test itself: training/test_range_test.py."""

from pathlib import Path

import numpy as np
import pytest

from catsdogs.analysis import learning_rates
from catsdogs.analysis.learning_rates import RangeTest
from catsdogs.data import dataset
from catsdogs.queue import range_tests
from tests.images import photographs
from tests.pages.opening import checked, open_page, press, texts

pytestmark = pytest.mark.usefixtures("nothing_starts")  # a process ends at once instead


@pytest.fixture
def folder(tmp_path):
    return Path(dataset.check(photographs(tmp_path / "photos", {"cats": 30, "dogs": 30}, size=(12, 9))).folder)


def test_a_press_starts_a_test_of_the_form_and_its_curve_is_shown_with_the_suggestion(folder):
    app = open_page("train")
    app.number_input(key="form_learning_rate").set_value(0.5).run()
    app.get("pills")[0].set_value("study-adam").run()
    press(app, "Find a rate")
    test = app.session_state["range_test"]
    asked = range_tests.read_config(test.folder)
    assert (asked.data, asked.optimizer, asked.learning_rate, asked.batch_size) == (str(folder), "adam", None, 44)
    test.process.wait()
    rates = np.geomspace(1e-5, 0.1, 41)
    losses = np.where(rates < 0.02, 0.5, 5.0)
    found = RangeTest(tuple(map(float, rates)), tuple(map(float, losses)), 44, 44)
    range_tests.write_status(test.folder, {"found": learning_rates.to_json(found)})
    checked(app.run())
    suggestion = learning_rates.suggest(found)
    assert f"**Suggested: {suggestion.rate:g}.** Above" in texts(app)
    assert "41 batches of 44, out of 44 training photographs." in texts(app)


def test_what_went_wrong_is_said(folder):
    app = open_page("train")
    press(app, "Find a rate")
    range_tests.write_status(app.session_state["range_test"].folder, {"error": "The memory ran out."})
    checked(app.run())
    assert [error.value for error in app.error] == ["The memory ran out."]


def test_without_photographs_it_says_what_it_takes():
    app = open_page("train")
    press(app, "Find a rate")
    assert "draw a data set first" in app.toast[0].value and "range_test" not in app.session_state
