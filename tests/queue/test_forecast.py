import pytest

from catsdogs.queue import forecast
from catsdogs.runs import history, liveness, store
from catsdogs.settings import costs, presets
from catsdogs.settings.config import Config, change
from tests.storing import epoch, finished

ASKED = Config(data="/photos", model="conv2d", target_size=100, batch_size=50, epochs=10)


def ran(seconds: float = 5.0, epochs: int = 4, **settings):
    return finished(change(ASKED, **settings), epochs=epochs, seconds=seconds)


def judged(config: Config = ASKED, **about):
    return forecast.duration(config, store.list_all(), **about)


def test_a_run_takes_as_long_as_a_similar_one():
    like = ran(seconds=5.0, epochs=4)  # two minutes in all
    found = judged()
    assert (found.seconds, found.seconds_an_epoch, found.like.id, found.is_scaled) == (100 + 10 * 5, 5, like.id, False)


def test_what_a_resumed_run_took_besides_its_epochs_is_no_measure():
    run, resumed = ran(seconds=5.0, epochs=4), "2026-01-02T10:00:00+00:00"
    store.write_status(run, "finished", started="2026-01-01T10:00:00+00:00", resumed=resumed, ended=resumed, seconds_at_work=600.0)
    assert judged().seconds == 10 * 5


def test_one_slow_epoch_does_not_count():
    run = store.create(ASKED)
    for number, seconds in enumerate((60.0, 4.0, 5.0), start=1):
        history.append(run, epoch(number, seconds=seconds))
    store.write_status(run, "stopped")
    assert judged().seconds_an_epoch == 5


def test_where_nothing_is_stored_nobody_knows():
    assert judged() is None


def test_a_run_without_an_epoch_tells_nothing():
    store.write_status(store.create(ASKED), "failed", error="no such folder")
    assert judged() is None


@pytest.mark.parametrize("settings", [{"data": "/others"}, {"model": "dense"}])
def test_runs_of_another_kind_are_no_measure(settings):
    ran(**settings)
    assert judged() is None


def test_how_much_is_augmented_does_not_matter_only_whether():
    ran(rotation_range=10)
    assert judged(change(ASKED, zoom_range=0.2, horizontal_flip=True)).seconds_an_epoch == 5
    assert judged(change(ASKED, fill_mode="wrap")).is_rough


@pytest.mark.parametrize("angle", [0, 40])
def test_a_run_with_augmentation_on_or_off_as_asked_is_the_measure_whatever_else_it_has(angle):
    """Without one there was no estimate: a sweep over augmentation had none before an augmented run had ended."""
    asked = change(ASKED, rotation_range=angle)
    other = ran(rotation_range=40 - angle)
    assert (judged(asked).like.id, judged(asked).is_rough) == (other.id, True)
    like = ran(rotation_range=angle, target_size=50)
    assert (judged(asked).like.id, judged(asked).is_rough) == (like.id, False)


def test_the_time_an_epoch_grows_with_the_count_of_pixels():
    ran(seconds=5.0, target_size=50)
    found = judged()
    assert found.seconds_an_epoch == 20 and found.is_scaled


def test_a_frozen_epoch_is_no_measure_of_the_others():
    asked = change(ASKED, model="mobilenetv2", frozen_epochs=2, epochs=4)
    run = store.create(asked)
    for number, cost in enumerate(costs.per_epoch(asked), start=1):
        history.append(run, epoch(number, seconds=60.0 * cost / costs.per_epoch(asked)[-1]))
    store.write_status(run, "stopped")
    assert judged(change(asked, frozen_epochs=1, epochs=11)).seconds_an_epoch == pytest.approx(60)
    assert judged(change(asked, frozen_epochs=1, epochs=11), epochs_done=1).seconds == pytest.approx(600)
    assert judged(asked).seconds == pytest.approx(sum(60.0 * cost / costs.per_epoch(asked)[-1] for cost in costs.per_epoch(asked)))


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ({"batch_size": 10}, {"target_size": 120}),
        ({"batch_size": 40, "optimizer": "sgd"}, {"batch_size": 32}),
        ({"seed": 7, "epochs": 3, "learning_rate": 0.5}, {"optimizer": "sgd"}),
        ({}, {"dense_units": 8}),
    ],
    ids=["size before batch", "batch before the rest", "what costs no time is free", "the rest"],
)
def test_the_nearest_run_is_the_measure_whichever_is_newer(nearer, farther):
    for settings in ((nearer, 5.0), (farther, 50.0), (nearer, 5.0)):
        like = ran(seconds=settings[1], **settings[0])
    assert judged().like.id == like.id
    ran(seconds=50.0, **farther)
    assert judged().like.id == like.id


def test_of_two_that_are_equally_near_the_newer_is_the_measure():
    ran(seconds=50.0)
    ran(seconds=5.0, seed=3)
    assert judged().seconds_an_epoch == 5


def test_a_run_that_goes_on_takes_only_the_epochs_that_are_left():
    ran()
    assert judged(epochs_done=8).seconds == 100 + 2 * 5


def test_a_running_run_reports_what_is_left():
    ran()
    run = store.create(ASKED)
    with liveness.claim(run.folder):
        store.write_status(run, "running", phase="decoding")
        assert forecast.left(store.load(run.id), store.list_all()) == 150
        store.write_status(run, "running", phase="training", seconds_left=77)
        assert forecast.left(store.load(run.id), store.list_all()) == 77
        store.write_status(run, "running", phase="evaluating")
        assert forecast.left(store.load(run.id), store.list_all()) == 0


def test_no_more_histories_are_read_than_of_the_nearest(home):
    near = ran()
    for seed in range(1, 4):
        (ran(seed=seed, batch_size=10).folder / "history.jsonl").write_text("this would fail\n")
    assert judged().like.id == near.id


def three():
    return [store.create(presets.config("quick", data="/photos", seed=seed)) for seed in range(3)]


def said(turns):
    return [(turn.after and turn.after.config.seed, turn.seconds) for turn in turns]


def test_on_one_device_runs_start_one_after_the_other():
    running, first, second = three()
    assert said(forecast.turns([(running, 60)], [(first, 100), (second, 10)], 1)) == [(0, 60), (1, 160)]


def test_a_free_device_takes_the_first_at_once():
    first, second, third = three()
    assert said(forecast.turns([], [(first, 100), (second, 30), (third, 5)], 2)) == [(None, 0), (None, 0), (1, 30)]


def test_behind_a_run_of_unknown_length_no_time_is_known():
    first, second, third = three()
    assert said(forecast.turns([(first, 60)], [(second, None), (third, 5)], 1)) == [(0, 60), (1, None)]


def test_of_unknown_lengths_none_is_said_to_end_first():
    first, second, third = three()
    assert said(forecast.turns([(first, None), (second, None)], [(third, 5)], 2)) == [(None, None)]
