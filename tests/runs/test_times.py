"""When a run was started and resumed, and how long it was at work."""

from datetime import UTC, datetime

import pytest

from catsdogs.queue import jobs
from catsdogs.runs import liveness, store, times
from catsdogs.runs.store import Run
from catsdogs.settings.config import Config
from catsdogs.training.progress import Progress

EARLIER, AN_HOUR_LATER = "2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00+00:00"


def in_state(state: str, **status) -> Run:
    run = store.create(Config())
    store.write_status(run, state, **status)
    return store.load(run.id)


def goes_on(run: Run) -> Progress:
    """What a worker of the run reports, which has just begun."""
    progress = Progress(store.load(run.id), lambda: False, print, lambda facts: None, every=0)
    progress.begin()
    return progress


def test_a_run_that_begins_says_when_and_how_long_it_is_at_work():
    run, before = store.create(Config()), datetime.now(UTC)
    progress = goes_on(run)
    progress.enter("training", "Epoch 1")
    progress.end("stopped")
    status = store.load(run.id).status
    assert before <= datetime.fromisoformat(status["started"]) <= datetime.fromisoformat(status["ended"]) and "resumed" not in status
    assert 0 <= status["seconds_at_work"] < 600


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("state", ["stopped", "failed", "running"], ids=["stopped", "failed", "killed"])
def test_a_resumed_run_was_started_when_it_first_was_and_was_not_at_work_in_between(state):
    run = in_state(state, started=EARLIER, ended=AN_HOUR_LATER, seconds_at_work=60.0)
    jobs.resume(run)
    waiting = store.load(run.id)
    assert waiting.state == "queued" and waiting.status == {"started": EARLIER, "seconds_at_work": 60.0}
    progress = goes_on(run)
    progress.enter("training", "Epoch 1")
    progress.end("stopped")
    ended = store.load(run.id)
    assert ended.status["started"] == EARLIER < ended.status["resumed"] <= ended.status["ended"]
    assert 60 <= times.at_work(ended) < 600


@pytest.mark.usefixtures("nothing_starts")
def test_a_resumed_run_that_is_cancelled_before_its_turn_keeps_its_times():
    run = in_state("stopped", started=EARLIER, ended=AN_HOUR_LATER, seconds_at_work=60.0)
    jobs.resume(run)
    jobs.stop(run)
    assert store.load(run.id).state == "stopped" and times.at_work(store.load(run.id)) == 60
    jobs.submit(store.load(run.id))
    liveness.request_stop(run.folder)
    jobs.note_killed(run)  # as its worker, which had not begun, ignored a request to stop
    status = store.load(run.id).status
    assert (status["started"], status["seconds_at_work"]) == (EARLIER, 60.0) and "ended" in status


def test_a_run_of_an_earlier_version_was_at_work_from_its_start_to_its_end_if_it_has_one():
    assert times.at_work(in_state("stopped", started=EARLIER, ended=AN_HOUR_LATER)) == 3600
    assert times.kept(in_state("stopped", started=EARLIER, ended=AN_HOUR_LATER)) == {"started": EARLIER, "seconds_at_work": 3600}
    assert times.kept(in_state("queued")) == {}
    assert times.worked(in_state("stopped", started=EARLIER, ended=AN_HOUR_LATER), 5) == {"seconds_at_work": 3605}


@pytest.mark.usefixtures("nothing_starts")
def test_how_long_a_killed_run_of_an_earlier_version_was_at_work_is_not_known_and_not_made_up():
    run = in_state("running", started=EARLIER)
    jobs.resume(store.load(run.id))
    goes_on(run).end("stopped")
    ended = store.load(run.id)
    assert ended.status["started"] == EARLIER and "resumed" in ended.status and times.at_work(ended) is None
