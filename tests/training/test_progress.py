import pytest

from catsdogs.runs import liveness, store
from catsdogs.settings.config import Config
from catsdogs.training.progress import Progress, Stopped


def test_a_phase_is_told_and_written_to_the_status():
    run, said, shown = store.create(Config()), [], []
    progress = Progress(run, lambda: False, said.append, lambda facts: shown.append(dict(facts)))
    progress.enter("data", "Checking the photographs", device="CPU")
    with liveness.claim(run.folder):
        stored = store.load(run.id)
    expected = {"phase": "data", "message": "Checking the photographs", "device": "CPU"}
    assert (stored.state, stored.status) == ("running", expected)
    assert (said, shown) == (["Checking the photographs"], [expected])


def test_facts_stay_in_the_next_phase_but_for_the_count():
    run = store.create(Config())
    progress = Progress(run, lambda: False, print, lambda facts: None)
    progress.enter("data", "Checking", device="CPU")
    progress.count(3, 10, seconds_left=7)
    progress.enter("training", "Epoch 1", epoch=1)
    assert store.load(run.id).status == {"device": "CPU", "epoch": 1, "phase": "training", "message": "Epoch 1"}


def test_a_count_is_kept_for_the_next_status():
    progress = Progress(store.create(Config()), lambda: False, print, lambda facts: None)
    progress.enter("data", "Checking")
    progress.count(3, 10, seconds_left=7)
    assert progress.facts == {"phase": "data", "message": "Checking", "done": 3, "total": 10, "seconds_left": 7}


def test_every_report_notices_a_request_to_stop():
    run = store.create(Config())
    progress = Progress(run, lambda: liveness.is_stop_requested(run.folder), print, lambda facts: None)
    progress.enter("data", "Checking")
    progress.count(1, 10)
    progress.check()
    liveness.request_stop(run.folder)
    for report in (lambda: progress.enter("training", "Epoch 1"), lambda: progress.count(2, 10), progress.check):
        with pytest.raises(Stopped):
            report()
    assert store.load(run.id).status["phase"] == "training"


def test_the_first_end_counts_and_nothing_follows():
    run = store.create(Config())
    progress = Progress(run, lambda: False, print, lambda facts: None)
    progress.enter("training", "Epoch 1", epoch=1, activity="validating")
    progress.end("stopped")
    progress.count(3, 10)
    progress.enter("evaluating", "Evaluating")
    progress.end("failed", "Too late.")
    stored = store.load(run.id)
    assert stored.state == "stopped"
    assert stored.status["epoch"] == 1 and set(stored.status) == {"epoch", "ended"}
