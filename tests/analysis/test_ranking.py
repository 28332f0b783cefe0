from catsdogs.analysis import evaluation, ranking
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests.storing import always_dog, evaluated


def test_the_best_run_is_the_most_accurate_finished_one():
    for accuracy in (0.8, 0.9, 0.7):
        store.write_status(evaluated(accuracy, store.create(Config())), "finished")
    store.write_status(evaluated(0.99, store.create(Config())), "stopped")
    assert evaluation.load(ranking.best()).test.accuracy == 0.9


def test_without_a_better_run_the_bundled_one_is_the_best(shipped):
    store.create(Config())
    assert ranking.best().id == store.SHIPPED
    store.write_status(evaluated(0.51, store.create(Config())), "finished")  # which may be guessing
    assert ranking.best().id == store.SHIPPED
    store.write_status(evaluated(0.53, store.create(Config())), "finished")
    assert evaluation.load(ranking.best()).test.accuracy == 0.53


def test_a_run_that_always_says_dog_is_not_offered(shipped):
    assert evaluation.load(always_dog(Config())).test.accuracy > 0.98
    assert ranking.best().id == store.SHIPPED
