"""The best run of a search against the one that it began from."""

from dataclasses import replace

import pytest

from catsdogs.analysis import choice, evaluation, ranking
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing


def found(*right: int) -> list[store.Run]:
    """Runs with so many of 100 held-out photographs right; the first is the base."""
    return [storing.finished(Config(data="/photos", learning_rate=0.001 * (number + 1)), each) for number, each in enumerate(right)]


def test_the_best_by_validation_is_compared_with_the_first_on_the_same_held_out_photographs():
    runs = found(60, 90, 75)
    judged = choice.judge(runs[0].id, runs, "Quick start", "learning_rate 0.002")
    assert judged.best == runs[1] and judged.interval["difference"] == pytest.approx(0.3)
    assert judged.interval["low"] > 0.15 and judged.interval["high"] < 0.45
    assert judged.chosen == (
        "The highest validation accuracy of 3 finished runs, 90.0% of 100 photographs, is that of learning_rate 0.002; the best of several "
        "is always a little lucky. Of the 100 held-out photographs, which played no part in the choice, it classified 90.0% correctly, the "
        "first run 60.0%."
    )
    assert judged.compared.startswith("The best run beat the first run by 30.0 points (95% interval +")


def test_what_can_not_be_told_apart_is_not_said_to_be_better():
    runs = found(80, 82)
    judged = choice.judge(runs[0].id, runs, "Quick start", "learning_rate 0.002")
    assert "can't be told apart yet" in judged.compared and "interval −" in judged.compared


def test_of_equal_ones_the_first_is_the_best_and_then_nothing_is_compared():
    runs = found(80, 80)
    judged = choice.judge(runs[0].id, runs[::-1], "Quick start", "")
    assert judged.best == runs[0] and judged.comparison is None and "nothing that was tried is better" in judged.compared


def test_of_equally_accurate_ones_the_one_with_the_lowest_loss_is_the_best_and_that_others_are_as_accurate_is_said():
    """The first was, and said to be more accurate than all others; in the table of runs, another one had the tick."""
    runs = found(60, 80, 80, 80)
    result = evaluation.load(runs[2])
    evaluation.save(runs[2], replace(result, validation=replace(result.validation, loss=result.validation.loss / 2)))
    judged = choice.judge(runs[0].id, runs, "Quick start", "learning_rate 0.003")
    assert judged.best == runs[2] and ranking.best_of_each_set(runs) == {runs[2].id}
    assert "is that of 3, among which learning_rate 0.003 has the lowest validation loss;" in judged.chosen


def test_without_the_first_there_is_nothing_to_compare_with():
    (best,) = found(80)
    unfinished = store.create(Config(data="/photos"))
    for first in (unfinished.id, "deleted"):
        judged = choice.judge(first, [best, unfinished], "Quick start", "the best")
        assert judged.comparison is None and judged.interval == {} and "nothing to compare it with" in judged.compared


def test_without_a_finished_run_there_is_no_choice():
    assert choice.judge("none", [store.create(Config())], "", "") is None


@pytest.mark.parametrize("seen", [{"validation": 5}, {"test": 5}])
def test_runs_that_had_seen_what_they_are_judged_by_are_not_the_best(seen):
    runs = found(60, 90, 75)
    storing.had_seen(runs[1], **seen)
    judged = choice.judge(runs[0].id, runs, "Quick start", "learning_rate 0.003")
    assert judged.best == runs[2] and choice.refusal(runs) == ""
    assert "of 2 finished runs that did not start from a run that had seen these photographs, 75.0%" in judged.chosen


def test_a_first_run_that_had_seen_what_it_holds_out_is_no_measure_of_the_best():
    runs = found(90, 75)
    storing.had_seen(runs[0], test=5)
    judged = choice.judge(runs[0].id, runs, "Quick start", "learning_rate 0.002")
    assert judged.best == runs[1] and judged.interval == {} and "can't be compared: 1 run started from one" in judged.compared
    assert "correctly." in judged.chosen and "90.0%" not in judged.chosen


def test_where_all_had_seen_what_they_are_judged_by_there_is_no_best_and_that_is_said():
    runs = [storing.had_seen(run, validation=5) for run in found(60, 90)]
    assert choice.judge(runs[0].id, runs, "", "") is None and choice.refusal(runs).startswith("None can be called the best")
    assert choice.refusal([store.create(Config())]) == ""
