"""Figures: what they draw."""

import numpy as np
import pytest

from catsdogs.analysis import calibration
from catsdogs.analysis.curves import MEASURES, Curve
from catsdogs.analysis.significance import Spread
from catsdogs.figures import accuracy_cost, confusion_matrix, learning_curves, live_curves, reliability_diagram, study, style


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


def test_a_saved_figure_says_what_is_dashed_and_what_a_band_is():
    """Which only the caption on the page used to say."""
    several, one = {"a": curve(5, 5), "b": curve(5, 5)}, {"a": curve(5, 5)}
    titles = [learning_curves.draw(drawn, "accuracy").layout.yaxis.title.text for drawn in (several, one)]
    assert titles == ["accuracy, training dashed", "accuracy"], "of one run, the legend says it"
    grouped = learning_curves.draw_groups({"a": [curve(5, 5)] * 2, "b": [curve(5, 5)]}, "loss")
    assert grouped.layout.yaxis.title.text == "loss: mean and range, training dashed"


def test_the_start_of_overfitting_is_marked():
    figure = learning_curves.draw({"a": curve(9, 4), "b": curve(9, 9), "c": curve(9, 6)}, "loss")
    assert list(named(figure, "overfitting begins")[0].x) == [4, 6]
    over_minutes = learning_curves.draw({"a": curve(9, 4)}, "loss", axis="minute")
    assert named(over_minutes, "overfitting begins")[0].x[0] == 2.0


def test_only_a_single_run_has_its_gap_filled():
    assert [trace.fill for trace in learning_curves.draw({"a": curve(5, 5)}, "loss").data] == [None, "tonexty"]
    assert {trace.fill for trace in learning_curves.draw({"a": curve(5, 5), "b": curve(5, 5)}, "loss").data} == {None}


def test_fifty_long_runs_are_thinned_for_the_browser():
    figure = learning_curves.draw({str(number): curve(2000, 700) for number in range(50)}, "accuracy")
    assert sum(len(trace.x) for trace in figure.data) <= 21_000
    assert all(trace.x[-1] == 2000 for trace in figure.data if trace.mode != "markers")


def test_a_group_is_drawn_as_its_mean_within_a_band():
    figure = learning_curves.draw_groups({"a": [curve(5, 2), curve(5, 4)]}, "loss")
    outline, mean = figure.data[:2]
    assert outline.fill == "toself" and min(outline.y) < min(mean.y) and max(outline.y) > max(mean.y)


def test_groups_whose_runs_have_no_minute_in_common_leave_the_others_drawn():
    """One run had ended before the first epoch of another had: the whole page failed."""
    slow = Curve(np.array([1.0]), np.array([9.0]), {"loss": np.array([0.5])}, {"loss": np.array([0.6])})
    figure = learning_curves.draw_groups({"a": [curve(5, 5), slow], "b": [curve(5, 5)] * 2}, "loss", axis="minute")
    assert [len(trace.x) > 0 for trace in figure.data[1::2]] == [False, False, True, True]
    assert learning_curves.draw_groups({"a": [curve(5, 5), slow]}, "loss", axis="minute").layout.xaxis.title.text == "minutes of training"


def test_every_cell_of_the_matrix_can_be_clicked():
    figure = confusion_matrix.draw([[3, 1], [0, 4]], ("cat", "dog"), "#000000")
    assert [list(cell) for cell in figure.data[1].customdata] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert [annotation.text for annotation in figure.layout.annotations][1] == "<b>1</b><br>25.0%"


def test_of_a_class_without_photographs_no_share_is_a_number_that_is_none():
    """An imported run may have been judged so."""
    figure = confusion_matrix.draw([[0, 0], [1, 3]], ("cat", "dog"), "#000000")
    assert [each.text for each in figure.layout.annotations][:2] == ["<b>0</b><br>0.0%"] * 2


def test_every_bin_with_images_has_a_bar():
    found = calibration.measure(np.array([1, 1, 0, 0]), np.array([0.99, 0.97, 0.56, 0.03]))
    bars = reliability_diagram.draw(found).data[1]
    assert list(bars.y) == pytest.approx([0.0, 1.0]) and [row[0] for row in bars.customdata] == [1, 3]


def test_the_temperature_adds_what_was_before_it():
    labels, probabilities = np.array([1, 1, 0, 0]), np.array([0.9, 0.8, 0.3, 0.6])
    before, after = (calibration.measure(labels, calibration.temper(probabilities, value)) for value in (1.0, 0.5))
    figure = reliability_diagram.draw(after, before)
    (hollow,), (filled,) = named(figure, "before"), named(figure, "after")
    assert list(hollow.x) == [bin.confidence for bin in before.bins] and list(filled.x) == [bin.confidence for bin in after.bins]
    assert not named(reliability_diagram.draw(after), "before")


def test_bins_of_many_photographs_stand_out():
    labels, probabilities = np.ones(100), np.repeat([0.9, 0.6], [96, 4])
    _, bars, dots = reliability_diagram.draw(calibration.measure(labels, probabilities)).data
    pale, strong = (float(color.rpartition(",")[2].rstrip(")")) for color in bars.marker.color)
    assert pale < strong and dots.marker.size[0] < dots.marker.size[1]


def test_runs_of_one_name_share_a_trace_with_intervals():
    points = [accuracy_cost.Point("Adam", 2.0, 0.8, 0.7, 0.85), accuracy_cost.Point("Adam", 3.0, 0.9, 0.8, 0.95)]
    figure = accuracy_cost.draw(points, "minutes")
    (trace,) = figure.data
    assert trace.showlegend and list(trace.x) == [2.0, 3.0]
    assert list(trace.error_y.array) == pytest.approx([0.05, 0.05]) and list(trace.error_y.arrayminus) == pytest.approx([0.1, 0.1])


def test_a_run_has_one_colour_in_all_figures_whichever_of_them_lacks_others():
    styles = style.line_styles(["SGD", "Adam"])
    curves = (
        learning_curves.draw({"Adam": curve(5, 5)}, "loss", styles=styles),
        learning_curves.draw_groups({"Adam": [curve(5, 5)]}, "loss", styles=styles),
    )
    cost = accuracy_cost.draw([accuracy_cost.Point("Adam", 2.0, 0.8, 0.7, 0.85)], "minutes", styles)
    lines = [next(trace.line.color for trace in figure.data if trace.line.dash == "solid") for figure in curves]
    assert {*lines, cost.data[0].marker.color} == {style.DOG}


@pytest.mark.parametrize("length", [5, 100])
def test_of_many_runs_no_two_look_alike(length):
    """From the ninth on, they had the colours of the first."""
    names = [str(number) for number in range(60)]
    points = [accuracy_cost.Point(name, 2.0, 0.8, 0.7, 0.85) for name in names]
    for traces in (
        learning_curves.draw({name: curve(length, length) for name in names}, "loss").data[::2],
        learning_curves.draw_groups({name: [curve(length, length)] for name in names}, "loss").data[1::4],
        accuracy_cost.draw(points, "minutes").data,
    ):
        assert len({(trace.marker.symbol, trace.line.color or trace.marker.color) for trace in traces}) == 60
        assert all("markers" in trace.mode for trace in traces[8:]), "the symbols are seen"
    long = learning_curves.draw({name: curve(100, 100) for name in names}, "loss").data
    assert long[0].mode == "lines" and long[-1].marker.maxdisplayed, "and don't cover a long line"


def test_a_long_name_takes_several_lines_of_a_legend():
    """It ran off the edge of a phone."""
    name = "Baseline_without_a_space_" + "x" * 60 + " <b>"
    one, several = (learning_curves.draw({"SGD": curve(5, 5), each: curve(5, 5)}, "loss") for each in ("Adam", name))
    entry = several.data[2].name
    assert "".join(entry.split("<br>")) == name.replace(" <b>", "&lt;b&gt;") and max(map(len, entry.split("<br>"))) < 50
    assert several.layout.legend.orientation == "v" and several.layout.height > one.layout.height
    assert accuracy_cost.draw([accuracy_cost.Point(name, 2.0, 0.8, 0.7, 0.85)], "minutes").data[0].name == entry


def test_a_group_that_is_hidden_takes_its_band_along():
    figure = learning_curves.draw_groups({"a": [curve(5, 5)] * 2, "b": [curve(5, 5)] * 2}, "loss")
    assert {trace.legendgroup for trace in figure.data} == {"a (2 runs)", "b (2 runs)"}


def test_a_run_of_one_epoch_is_seen_beside_a_long_one():
    one, long = {"a": curve(1, 1)}, {"b": curve(100, 100)}
    grouped = learning_curves.draw_groups({name: [each] for name, each in {**one, **long}.items()}, "loss").data[1::2]
    for traces in (learning_curves.draw({**one, **long}, "loss").data[:4], grouped):
        assert [trace.mode for trace in traces] == ["lines+markers"] * 2 + ["lines"] * 2


def test_one_epoch_has_the_only_tick():
    assert learning_curves.draw({"a": curve(1, 1)}, "loss").layout.xaxis.tickvals == (1,)
    assert learning_curves.draw({"a": curve(2, 1)}, "loss").layout.xaxis.dtick == 1


def test_long_trainings_are_drawn_over_hours():
    short, long = (learning_curves.draw({"a": curve(count, count)}, "loss", axis="minute") for count in (200, 300))
    assert short.layout.xaxis.title.text == "minutes of training" and short.data[0].x[-1] == 100
    assert long.layout.xaxis.title.text == "hours of training" and long.data[0].x[-1] == 2.5


def test_the_axis_of_the_study_ends_at_one_hundred_percent():
    figure = study.draw(["Study 1 · a"], [Spread(0.95, 0.1, 0.8, 0.99, 3)], [Spread(0.9, None, None, None, 1)])
    held_out = named(figure, "held out")[0].error_x
    assert list(held_out.array) == pytest.approx([0.04]) and list(held_out.arrayminus) == pytest.approx([0.15])
    assert figure.layout.xaxis.autorangeoptions.maxallowed == 1
    point = accuracy_cost.Point("Adam", 2.0, 1.0, 0.99, 1.0)
    assert accuracy_cost.draw([point], "minutes").layout.yaxis.autorangeoptions.clipmax == 1


def test_costs_that_are_alike_have_an_axis_with_numbers():
    """Between 2.43 and 2.49 million weights, a logarithmic axis has none."""
    points = [accuracy_cost.Point("ResNet", weights, 0.8, 0.7, 0.85) for weights in (2_430_000, 2_490_000, 30_000_000)]
    assert [accuracy_cost.draw(points[:count], "weights").layout.xaxis.type for count in (2, 3)] == ["linear", "log"]


def test_a_live_accuracy_is_in_percent_on_an_axis_of_all_epochs():
    option = live_curves.option([{"epoch": 1, "accuracy": 0.5, "val_accuracy": 0.25}], "accuracy", total=8)
    assert option["xAxis"]["max"] == 8 and option["yAxis"]["axisLabel"]["formatter"] == "{value}%"
    assert [series["data"] for series in option["series"]] == [[[1, 50.0]], [[1, 25.0]]]


@pytest.mark.parametrize(("lowest", "end"), [(0.25, 20), (0.3, 30), (0.0, 0), (0.41, 40), (0.9, 40), (None, 40)])
def test_the_axis_of_a_live_accuracy_reaches_down_to_the_run(lowest, end):
    epochs = [{"epoch": number, "accuracy": 0.6, "val_accuracy": value} for number, value in enumerate((0.7, lowest, 0.8), start=1)]
    axis = live_curves.option(epochs, "accuracy", total=8)["yAxis"]
    assert (axis["min"], axis["max"]) == (end, 100)
    assert live_curves.option([], "accuracy", total=8)["yAxis"]["min"] == 40


def test_the_matrix_of_classes_with_long_names_that_begin_alike_has_four_cells_and_short_labels():
    names = ("Golden Retrievers of my grandmother", "Golden Retrievers of my grandfather")
    figure = confusion_matrix.draw([[3, 1], [0, 4]], names, "#000000")
    assert sorted(zip(figure.data[1].x, figure.data[1].y, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert all(len(line) <= 14 for text in figure.layout.yaxis.ticktext for line in text.split("<br>"))


def test_costs_of_seconds_and_of_days_have_few_ticks_in_plain_numbers():
    """The ticks overlapped, and 20 thousandths of a minute were 20m."""
    points = [accuracy_cost.Point(str(minutes), minutes, 0.8, 0.7, 0.85) for minutes in (2400.0, 0.02)]
    axis = accuracy_cost.draw(points, "minutes").layout.xaxis
    assert (axis.dtick, axis.tickformat) == (2, ",~f")


@pytest.mark.parametrize(("largest", "scale"), [(0.9, None), (1e9, "log")])
def test_a_loss_that_would_flatten_the_others_has_a_logarithmic_axis(largest, scale):
    losses = dict.fromkeys(MEASURES, np.array([largest, 0.5, np.nan]))
    wild = Curve(np.arange(1.0, 4), np.arange(1.0, 4), losses, losses)
    assert learning_curves.draw({"a": wild}, "loss").layout.yaxis.type == scale
    epochs = [{"epoch": 1, "loss": largest, "val_loss": None}]
    assert live_curves.option(epochs, "loss", total=8)["yAxis"]["type"] == (scale or "value")


@pytest.mark.parametrize(("losses", "step"), [((30, 0.04), 1), ((1e9, 0.5), 2), ((1e30, 0.001), 6), ((50, 50), 1)])
def test_a_logarithmic_loss_has_ticks_at_whole_powers_of_ten(losses, step):
    kept = dict.fromkeys(MEASURES, np.array(losses, float))
    figure = learning_curves.draw({"a": Curve(np.array([1.0, 2]), np.array([1.0, 2]), kept, kept)}, "loss")
    assert figure.layout.yaxis.dtick == step


def test_an_axis_of_accuracies_that_are_all_the_same_has_no_more_than_one_hundred_percent():
    limits = learning_curves.draw({"a": curve(1, 1)}, "accuracy").layout.yaxis.autorangeoptions
    assert limits.clipmin == pytest.approx(-0.02) and limits.clipmax == pytest.approx(1.02)
