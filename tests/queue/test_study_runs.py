"""The study's runs are queued once, whoever asks."""

import threading

import pytest

from catsdogs.queue import study_runs
from catsdogs.runs import store

pytestmark = pytest.mark.usefixtures("nothing_starts")


def test_those_who_ask_at_the_same_moment_queue_each_run_once():
    together, queued = threading.Barrier(4), []

    def ask() -> None:
        together.wait()
        queued.extend(study_runs.queue("study-small", "/photos", 2))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    stored = store.list_all()
    assert len({run.config for run in stored}) == len(stored) == len(queued) == 12
