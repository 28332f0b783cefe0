"""A real Ray cluster: two nodes on this machine, with a CPU each, train what is queued, whatever happens to them."""

import os
import signal
import sys

import pytest

from catsdogs.queue import engine, jobs
from catsdogs.queue.engine import FILE
from catsdogs.runs import history, store
from tests import clusters
from tests.images import photographs
from tests.running import create
from tests.waiting import is_free, wait_until
from tests.workers import process_of, state

pytest.importorskip("ray")
WITHIN = 30  # seconds after which a run on a node that has died counts as interrupted


@pytest.fixture(scope="module")
def nodes():
    with clusters.cluster() as made:
        made.start_head("head")
        made.join("other")
        yield made


def choose(home, nodes, token: str = clusters.TOKEN) -> None:
    pixels = home / "pixels-of-a-node"
    text = f'[ray]\naddress = "{nodes.address}"\ntoken = "{token}"\npython = "{sys.executable}"\npixels = "{pixels}"\n'
    (home / FILE).write_text(text)


def are_training(*runs) -> bool:
    return all(state(run) == "running" and history.epochs_done(run) for run in runs)


def test_six_runs_are_trained_two_at_a_time_whatever_happens(nodes, home, tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
    runs = [create(folder, epochs=10_000) for _ in range(6)]
    first, second, third, fourth, *others = runs

    choose(home, nodes, token="another-token")
    jobs.wake()
    wait_until(lambda: "refuses the token in engine.toml (it answers 403)" in engine.problem())
    assert {state(run) for run in runs} == {"queued"}

    choose(home, nodes)
    for run in (first, second):  # the machine that is both nodes may be busy with other work, too
        wait_until(lambda run=run: state(run) == "running")
    wait_until(lambda: are_training(first, second))
    assert [state(run) for run in runs[2:]] == ["queued"] * 4 and engine.reported_slots() == 2 and not engine.problem()
    workers = {run.id: process_of("work", run.id) for run in (first, second)}
    assert sum(nodes.has("other", number) for number in workers.values()) == 1, "each has a node of its own"
    status = store.load(first.id).status
    assert status["host"] and status["device"].startswith("CPU: ") and "training in float32" in first.log_path.read_text()

    os.kill(process_of("dispatch"), signal.SIGKILL)
    wait_until(is_free)
    jobs.wake()  # as the server does when it starts
    jobs.stop(store.load(first.id))
    wait_until(lambda: state(first) == "stopped")
    wait_until(lambda: are_training(second, third))
    assert process_of("work", second.id) == workers[second.id], "it was found again, not begun again"
    assert state(fourth) == "queued"

    [lost] = [run for run in (second, third) if nodes.has("other", process_of("work", run.id))]
    done = history.epochs_done(lost)
    nodes.kill("other")
    assert wait_until(lambda: state(lost) == "interrupted") < WITHIN
    for run in (fourth, *others):
        jobs.stop(store.load(run.id))
    jobs.resume(store.load(lost.id))
    jobs.stop(store.load((second if lost is third else third).id))
    wait_until(lambda: history.epochs_done(lost) > done + 1)
    assert nodes.has("head", process_of("work", lost.id)), "it goes on where a node is left"
    assert [epoch["epoch"] for epoch in history.load(lost)][: done + 1] == list(range(1, done + 2))
    assert "Traceback" not in (home / "dispatcher.log").read_text()
