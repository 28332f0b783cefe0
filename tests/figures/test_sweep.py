"""The figures of a sweep and of a range test."""

import numpy as np
import pytest

from catsdogs.analysis.best_so_far import Step
from catsdogs.analysis.importance import Importance
from catsdogs.analysis.learning_rates import RangeTest
from catsdogs.figures import learning_rates, sweep
from catsdogs.runs import store


def test_each_value_has_its_place_on_an_axis_the_lowest_at_the_bottom():
    figure = sweep.parallel({"learning_rate": [0.01, None, 0.001], "optimizer": ["sgd", "adam", "adam"]}, [0.7, 0.8, 0.9])
    rate, optimizer, accuracy = figure.data[0].dimensions
    assert (rate.ticktext, rate.values) == (("None", "0.001", "0.01"), (2, 0, 1))
    assert (optimizer.ticktext, optimizer.values) == (("adam", "sgd"), (1, 0, 0))
    assert accuracy.values == (0.7, 0.8, 0.9) and accuracy.range == (0.7, 0.9)
    assert accuracy.ticktext == ("70.0%", "75.0%", "80.0%", "85.0%", "90.0%"), "written out: Plotly labels its ends twice otherwise"


def test_many_numbers_are_on_a_scale_by_factors_where_they_are_far_apart():
    rates = [0.0001, 0.0003, 0.001, 0.002, 0.004, 0.01, 0.1]
    rate, size, _ = sweep.parallel({"learning_rate": rates, "target_size": [64, 66, 70, 72, 80, 90, 96]}, [0.7] * 7).data[0].dimensions
    assert rate.values[:3] == pytest.approx((-4, -3.523, -3), abs=0.001) and (rate.ticktext[0], rate.ticktext[-1]) == ("0.0001", "0.1")
    assert size.values[0] == 64 and size.ticktext[0] == "64"


def test_runs_that_are_all_equally_good_have_an_axis_too():
    axis = sweep.parallel({"seed": [0, 1]}, [1.0, 1.0]).data[0].dimensions[-1]
    assert axis.range[0] < 1 < axis.range[1] and axis.ticktext == ("100.0%",), "none is better than that"


def test_accuracies_that_hardly_differ_have_ticks_that_do():
    axis = sweep.parallel({"seed": [0, 1]}, [0.981, 0.983]).data[0].dimensions[-1]
    assert len(set(axis.ticktext)) == 5


def test_no_axis_of_accuracies_goes_beyond_what_they_can_be():
    run = store.load(store.SHIPPED)
    allowed = sweep.best_so_far([Step(run, minutes, 0.5, 0.5) for minutes in (1.0, 2.0)], ["a", "b"]).layout.yaxis.autorangeoptions
    assert (allowed.clipmin, allowed.clipmax) == (0, 1)


def test_a_sweep_of_hours_is_drawn_over_hours_with_whole_points_at_its_edges():
    run = store.load(store.SHIPPED)
    figures = [sweep.best_so_far([Step(run, minutes, 1.0, 1.0)], ["a"]) for minutes in (60.0, 180.0)]
    assert [figure.layout.xaxis.title.text for figure in figures] == [f"{unit} since the first run began" for unit in ("minutes", "hours")]
    assert [figure.data[0].x[0] for figure in figures] == [60, 3] and "hours" in figures[1].data[0].hovertemplate
    assert figures[0].data[0].cliponaxis is False


def test_the_most_important_setting_is_on_top():
    figure = sweep.importance([Importance("optimizer", 0.6, {}), Importance("epochs", 0.1, {})])
    assert figure.data[0].y == ("optimizer", "epochs") and figure.layout.yaxis.autorange == "reversed"


def test_a_range_test_is_drawn_with_a_line_at_its_suggestion_where_its_label_is():
    rates = np.geomspace(1e-5, 0.1, 41)
    figure = learning_rates.draw(RangeTest(tuple(rates), tuple(np.where(rates < 0.02, 0.5, 5.0)), 44, 44))
    line, label = figure.layout.shapes[0], figure.layout.annotations[0]
    assert figure.layout.xaxis.type == "log" and label.text == f"{line.x0:g}"
    assert label.x == pytest.approx(np.log10(line.x0))
    assert figure.layout.yaxis.range[1] < 2
