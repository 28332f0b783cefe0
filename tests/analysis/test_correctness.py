from catsdogs.analysis import correctness
from catsdogs.runs import predictions, store
from catsdogs.settings.config import Config
from tests.storing import finished


def test_photographs_are_in_the_order_of_their_paths():
    run = store.create(Config())
    predictions.write(run, ["c", "a", "b"], [1, 0, 1], [0.9, 0.8, 0.5])
    found = correctness.load(run)
    assert found.correct.tolist() == [False, True, True]
    predictions.write(run, ["a", "b", "c"], [0, 1, 1], [0.8, 0.5, 0.1])
    assert correctness.load(run).photographs == found.photographs, "the same ones, in whatever order they were written"
    assert correctness.load(run).correct.tolist() == [False, True, False], "as soon as they are written"


def test_other_photographs_are_told_apart():
    assert correctness.load(finished(Config(), count=10)).photographs != correctness.load(finished(Config(), count=12)).photographs


def test_a_run_without_predictions_has_none():
    assert correctness.load(store.create(Config())) is None
