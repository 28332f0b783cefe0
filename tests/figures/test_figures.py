"""Figures: what they draw of what they are given."""

import numpy as np
import pytest

from catsdogs.analysis import calibration
from catsdogs.analysis.curves import MEASURES, Curve
from catsdogs.figures import accuracy_cost, confusion_matrix, learning_curves, reliability_diagram


def curve(count: int, best: int) -> Curve:
    epochs = np.arange(1.0, count + 1)
    training, validation = 0.9**epochs, 0.5 + np.abs(epochs - best) / count
    return Curve(epochs, epochs / 2, dict.fromkeys(MEASURES, training), dict.fromkeys(MEASURES, validation))


def named(figure, name: str) -> list:
    return [trace for trace in figure.data if trace.name == name]


def test_training_is_dashed_and_validation_solid():
    figure = learning_curves.draw({"a": curve(5, 5), "b": curve(5, 5)}, "accuracy")
    assert [trace.line.dash for trace in named(figure, "a")] == ["solid", "dash"]
    assert [trace.showlegend for trace in named(figure, "a")] == [True, False]


def test_where_overfitting_began_is_marked_on_every_run_that_overfits():
    figure = learning_curves.draw({"a": curve(9, 4), "b": curve(9, 9), "c": curve(9, 6)}, "loss")
    assert list(named(figure, "overfitting begins")[0].x) == [4, 6]
    over_minutes = learning_curves.draw({"a": curve(9, 4)}, "loss", axis="minute")
    assert named(over_minutes, "overfitting begins")[0].x[0] == 2.0


def test_the_gap_between_training_and_validation_is_filled_for_a_single_run_only():
    assert [trace.fill for trace in learning_curves.draw({"a": curve(5, 5)}, "loss").data] == [None, "tonexty"]
    assert {trace.fill for trace in learning_curves.draw({"a": curve(5, 5), "b": curve(5, 5)}, "loss").data} == {None}


def test_fifty_long_runs_are_drawn_with_a_number_of_points_that_a_browser_can_take():
    figure = learning_curves.draw({str(number): curve(2000, 700) for number in range(50)}, "accuracy")
    assert sum(len(trace.x) for trace in figure.data) <= 21_000
    assert all(trace.x[-1] == 2000 for trace in figure.data if trace.mode != "markers")


def test_a_group_is_drawn_as_its_mean_within_a_band():
    figure = learning_curves.draw_groups({"a": [curve(5, 2), curve(5, 4)]}, "loss")
    outline, mean = figure.data[:2]
    assert outline.fill == "toself" and min(outline.y) < min(mean.y) and max(outline.y) > max(mean.y)


def test_every_cell_of_the_confusion_matrix_can_be_clicked_on():
    figure = confusion_matrix.draw([[3, 1], [0, 4]], ("cat", "dog"), "#000000")
    assert [list(cell) for cell in figure.data[1].customdata] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert [annotation.text for annotation in figure.layout.annotations][1] == "<b>1</b><br>25.0%"


def test_the_reliability_diagram_has_a_bar_for_each_bin_that_is_not_empty():
    found = calibration.measure(np.array([1, 1, 0, 0]), np.array([0.99, 0.97, 0.56, 0.03]))
    bars = reliability_diagram.draw(found).data[1]
    assert list(bars.y) == pytest.approx([0.0, 1.0]) and [row[0] for row in bars.customdata] == [1, 3]


def test_accuracy_against_cost_has_the_interval_and_one_entry_of_the_legend_for_a_name():
    points = [accuracy_cost.Point("Adam", 2.0, 0.8, 0.7, 0.85), accuracy_cost.Point("Adam", 3.0, 0.9, 0.8, 0.95)]
    figure = accuracy_cost.draw(points, "minutes")
    (trace,) = figure.data
    assert trace.showlegend and list(trace.x) == [2.0, 3.0]
    assert list(trace.error_y.array) == pytest.approx([0.05, 0.05]) and list(trace.error_y.arrayminus) == pytest.approx([0.1, 0.1])
