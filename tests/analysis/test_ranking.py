from dataclasses import replace

import pytest

from catsdogs.analysis import measurements, ranking, summaries
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing

pytestmark = pytest.mark.usefixtures("shipped")  # whose held-out accuracy is 90%


@pytest.fixture
def bundled():
    """The bundled run, which got 900 of 1,000 photographs right that are not drawn."""
    return storing.measured(store.load(store.SHIPPED), right=900)


def trained(seed: int = 0, right: int = 80) -> store.Run:
    run = storing.finished(Config(seed=seed, data="/photos"), right)
    run.model_path.touch()
    return run


def test_a_run_with_a_higher_accuracy_on_its_own_photographs_is_not_the_default():
    trained(right=99)
    assert ranking.default() == ranking.Default(store.load(store.SHIPPED))


def test_one_that_was_better_on_the_same_real_photographs_is(bundled):
    run = storing.measured(trained(right=60), right=940)
    found = ranking.default()
    assert (found.run, found.data, found.difference.count) == (run, "/elsewhere", 1000)
    assert found.difference.mean == pytest.approx(0.04)


def test_one_that_may_have_learned_from_them_is_not(bundled):
    run = storing.measured(trained(right=60), right=1000)
    assert ranking.default().run == run
    measurements.save(run, replace(measurements.find(run, "f1"), is_overlap_known=False))
    assert ranking.default().run == bundled


def test_the_best_of_those_with_the_same_split_did_not_start_from_one_that_was_trained_on_it():
    first, second = trained(right=60), trained(right=90)
    assert ranking.best_of_each_set([first, second]) and summaries.make(second)["caution"] == ""
    for seen in ({"validation": 5, "test": 7}, None):
        origin = {"run": "before", "head": "kept", "seen": seen}
        store.write_environment(second, {**store.environment(second), "start_from": origin})
        assert ranking.best_of_each_set([first, second]) == frozenset()
        caution = "not known whether" if seen is None else "7 of its held-out photographs"
        assert caution in summaries.make(second)["caution"]


def test_one_that_was_better_within_chance_is_not(bundled):
    storing.measured(trained(), right=905)
    assert ranking.default().run == bundled


def test_the_photographs_have_to_be_the_same_and_real(shipped):
    bundled = store.load(store.SHIPPED)
    run = trained()
    storing.measured(bundled, right=500, is_drawn=True)
    storing.measured(run, right=1000, is_drawn=True)
    assert ranking.default().run == bundled
    storing.measured(bundled, right=500, fingerprint="f2")
    storing.measured(run, right=1000, fingerprint="f3")
    assert ranking.default().run == bundled


def test_only_photographs_that_both_were_measured_on_count(bundled):
    run = storing.measured(trained(), right=200, count=200, first=800)  # the bundled run has the last 100 of them wrong
    found = ranking.compare(bundled, run, "f1")
    assert (found.count, found.mean) == (200, 0.5)
    assert ranking.compare(bundled, storing.measured(trained(), right=5, count=5, first=5000), "f1") is None


def test_one_that_was_worse_on_other_photographs_is_not(bundled):
    storing.measured(bundled, right=900, fingerprint="f2")
    run = storing.measured(trained(), right=1000)
    assert ranking.default().run == run
    storing.measured(run, right=800, fingerprint="f2")
    assert ranking.default().run == bundled


def test_of_many_some_are_better_by_luck(bundled):
    storing.measured(trained(), right=906)  # p = 0.03
    assert ranking.default().run != bundled
    for seed in range(1, 5):
        storing.measured(trained(seed), right=900)
    assert ranking.default().run == bundled


def test_the_best_of_each_set_is_chosen_by_validation():
    runs = [storing.finished(Config(seed=0, data="/photos"), right) for right in (70, 80, 75)]
    lower_test = storing.evaluated(0.2, storing.finished(Config(seed=1, data="/photos")))  # 95% by validation
    higher_test = storing.finished(Config(seed=1, data="/photos"), right=90)
    alone = storing.finished(Config(seed=2, data="/photos"), right=99)
    found = ranking.best_of_each_set([*runs, lower_test, higher_test, alone])
    assert found == {runs[1].id, lower_test.id}


def test_a_run_that_always_says_dog_is_neither_the_default_nor_the_best(bundled):
    always_dog, other = (storing.always_dog(Config(data="/photos")) for _ in range(2))
    assert not ranking.best_of_each_set([always_dog, other])
    dogs = tuple(one._replace(label=1, probability=0.9) for one in measurements.find(bundled, "f1").photographs)
    found = replace(measurements.find(bundled, "f1"), accuracy=1.0, low=0.99, high=1.0, confusion=((0, 0), (0, 1000)), photographs=dogs)
    measurements.save(always_dog, replace(found, epoch=summaries.make(always_dog)["best_epoch"]))
    always_dog.model_path.touch()
    assert measurements.load(always_dog) and ranking.default().run == bundled
