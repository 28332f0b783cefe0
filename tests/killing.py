"""Runs whose workers are killed again and again, then left to end: `python -m tests.killing SEED KILLS ID...`.

Every worker is a process of its own, forked from this one, so that TensorFlow is imported once. It is killed a chosen moment after a chosen
epoch: within an epoch, or at its end, or before the first.
"""

import os
import random
import signal
import sys
import time

from catsdogs.runs import history, store
from catsdogs.runs.store import Run
from catsdogs.system import devices
from catsdogs.training import worker

# Of resnet: with a residual block, or without any, as each worker traces its steps anew
SMALL = {"_STEM": (4,), "_FILTERS": (8,), "_BLOCKS": (1,)}
TINY = {"_STEM": (4,), "_FILTERS": (), "_BLOCKS": ()}


def main(seed: str, kills: str, *ids: str) -> None:
    """Train the runs to their ends, a tiny network in place of ResNet; what resuming needs is kept."""
    devices.prepare()
    from catsdogs.networks import resnet
    from catsdogs.training import trainer  # noqa: F401  before the forks

    for name, value in TINY.items():
        setattr(resnet, name, value)
    store.forget_resume_point = lambda run: None
    for id in ids:
        run, choose = store.load(id), random.Random(int(seed))
        for _ in range(int(kills)):
            _kill(_start(run), run, choose.randint(0, 2), choose.uniform(0, 0.3))
        _, status = os.waitpid(_start(run), 0)
        assert status == 0 and store.load(id).state == "finished", store.load(id)


def _start(run: Run) -> int:
    process = os.fork()
    if process == 0:
        worker.work(store.load(run.id), print)
        sys.stdout.flush()
        os._exit(0)
    return process


def _kill(process: int, run: Run, epochs: int, seconds: float) -> None:
    """Kill the worker that many seconds after it has trained that many epochs, if it has not ended before."""
    wanted = history.epochs_done(run) + epochs
    while history.epochs_done(run) < wanted and not os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    print("killed after", history.epochs_done(run), "epochs", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
