"""Whether many who press *Start training* at the same moment get one run each, and one device never more than one of them.

    python benchmarks/starts.py [--tabs N] [--times N]

Two servers share a workspace; half of the tabs (`tab.py`) are on each. All press at once. Each press must make one run, none may fail,
and at every look no more than one may be at work on the one device. What waits is then stopped, and they press again. Prints
what was seen, and exits with 1 where anything is otherwise. Linux only.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from tab import Tab

from catsdogs.data import dataset
from catsdogs.queue import jobs
from catsdogs.runs import store
from tests import browsing
from tests.images import photographs
from tests.waiting import is_free, wait_until

_LOOKS, _BETWEEN = 40, 0.1  # seconds


async def press(addresses: list[str], tabs: int, times: int) -> list[str]:
    """What was otherwise than it should be."""
    wrong = []
    async with AsyncExitStack() as opened:
        people = [await opened.enter_async_context(Tab(addresses[number % len(addresses)])) for number in range(tabs)]
        for turn in range(times):
            before = {run.id for run in store.list_all()}
            await asyncio.gather(*(person.load("train") for person in people))
            await asyncio.gather(*(person.press("Start training") for person in people))
            made, most = [run for run in store.list_all() if run.id not in before], 0
            await asyncio.to_thread(wait_until, at_work)  # on a busy machine, a worker takes a while to begin
            for _ in range(_LOOKS):
                most = max(most, at_work())
                await asyncio.sleep(_BETWEEN)
            print(f"{turn + 1}: {len(made)} runs of {tabs} presses, at most {most} at work", flush=True)
            if len(made) != tabs or most != 1:
                wrong.append(f"{len(made)} runs, {most} at work")
            await asyncio.to_thread(end)
    return wrong


def at_work() -> int:
    """How many runs are."""
    return sum(run.state in store.AT_WORK for run in store.list_all())


def end() -> None:
    """Stop all runs, the waiting ones first, so that none takes the place of one that ends."""
    for run in (*reversed(jobs.queue()), *store.list_all()):
        if store.load(run.id).state in store.WAITING:
            jobs.stop(run)
    wait_until(lambda: is_free() and all(run.state in store.ENDED for run in store.list_all()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tabs", type=int, default=20)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        os.environ["CATSDOGS_HOME"] = str(home)
        dataset.check(photographs(Path(scratch, "data"), {"cats": 40, "dogs": 40}))
        with browsing.serve(home) as first, browsing.serve(home) as second:
            start = time.monotonic()
            wrong = asyncio.run(press([first, second], asked.tabs, asked.times))
            failed = sum(run.state == "failed" for run in store.list_all())
            print(f"{asked.times} times {asked.tabs} presses in {time.monotonic() - start:.0f} s; {failed} runs failed")
            end()
    print("\n".join(wrong) or "each press made one run, and one at most was at work")
    return 1 if wrong or failed else 0


if __name__ == "__main__":
    sys.exit(main())
