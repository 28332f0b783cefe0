"""Runs in processes of their own, for the tests of the queue."""

from catsdogs.queue import jobs
from catsdogs.runs import history, liveness, store
from catsdogs.settings.config import Config
from tests.waiting import wait_until

SMALL = {"model": "dense", "dense_units": 8, "target_size": 32, "batch_size": 8, "precision": "float32", "epochs": 1}


def create(folder, **settings):
    return store.create(Config(data=str(folder), **{**SMALL, **settings}))


def submitted(folder, **settings):
    run = create(folder, **settings)
    jobs.submit(run)
    return run


def state(run):
    return store.load(run.id).state


def ended(run):
    """The run when it has ended and its process with it."""
    wait_until(lambda: state(run) in store.ENDED and not liveness.is_alive(run.folder))
    return store.load(run.id)


def is_in_an_epoch(run):
    return history.epochs_done(run) >= 1 and store.load(run.id).status.get("activity") == "training"
