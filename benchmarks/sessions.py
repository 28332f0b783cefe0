"""Many sessions at once on one server: how long a click takes, whether anything fails, and whether memory comes back.

    python benchmarks/sessions.py [--sessions N] [--browsers N] [--minutes M] [--thinks SECONDS]

What each does is in `visitor.py`; between two acts its person thinks. A few have a browser, which draws what the server sends; the others
are tabs without one (`tab.py`), as thirty browsers would take the machine for themselves, where thirty people bring machines of their
own. Prints the seconds of each kind of click, what failed, what server and companion have resident before, at the end, and after the
sessions are closed, and the processor time that these two took. A training runs beside it all. Linux only.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path

from many_pictures import child_of
from playwright.async_api import Error, async_playwright, expect
from tab import Tab
from visitor import InBrowser, InTab, Visitor

from catsdogs.data import dataset
from catsdogs.queue import jobs
from catsdogs.runs import store
from catsdogs.settings import Config
from tests import browsing, storing, waiting
from tests.images import photographs

_PATIENCE = 60_000  # ms
_APART = 6  # seconds; to load the application takes a browser that long
_REST = 15  # seconds after the last session was closed, in which the server forgets it


async def run(
    address: str, counts: dict[str, int], compared: list[str], seconds: float, thinks: float
) -> tuple[list[Visitor], list[str], float]:
    """The people, what failed, and MB while all are there."""
    server, browsers, tabs = child_of(os.getpid(), "streamlit"), *counts.values()
    expect.set_options(timeout=_PATIENCE)
    async with async_playwright() as playwright, AsyncExitStack() as opened:
        browser = await playwright.chromium.launch(executable_path=browsing.CHROMIUM, args=list(browsing.FLAGS))
        people: list[Visitor] = []
        until, living = time.monotonic() + browsers * _APART + seconds, []
        for number in range(browsers + tabs):
            if number < browsers:
                page = await (await browser.new_context()).new_page()
                page.set_default_timeout(_PATIENCE)
                people.append(InBrowser(number, address, page))
            else:
                people.append(InTab(number, address, await opened.enter_async_context(Tab(address))))
            living.append(asyncio.create_task(people[-1].live(compared, until, thinks)))
            await asyncio.sleep(_APART if number < browsers else 1)
        ended = await asyncio.gather(*living, return_exceptions=True)
        most = resident(server)
        await browser.close()
    unexpected = [
        error for error in ended if error is not None and not isinstance(error, Error | AssertionError | LookupError | TimeoutError)
    ]
    if unexpected:
        raise unexpected[0]
    return people, [f"{type(error).__name__}: {error}".splitlines()[0] for error in ended if error is not None], most


def resident(server: int) -> float:
    """MB that server and companion have now."""
    pids = (server, child_of(server, "catsdogs.inference.companion"))
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def worked(process: int) -> float:
    """Seconds of processor time that it has had."""
    user, system = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def show(people: list[Visitor]) -> None:
    """A line for each kind of click."""
    found = defaultdict(list)
    for person in people:
        for kind, values in person.seconds.items():
            found[kind].extend(values)
    found["all"] = [value for values in list(found.values()) for value in values]
    for kind, values in found.items():
        print(f"  {kind:26}{len(values):6}  median {statistics.median(values):6.2f} s  longest {max(values):6.2f} s")


def end_queue() -> None:
    """Stop what waits and trains, so that nothing writes into the folder any more."""
    for run in (*jobs.queue(), *(run for run in store.list_all() if run.state in store.WAITING)):
        jobs.stop(run)
    waiting.wait_until(lambda: waiting.is_free() and all(run.state in store.ENDED for run in store.list_all()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--browsers", type=int, default=3, help="how many of them have a browser (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--thinks", type=float, default=20, help="seconds between two acts of a person, on average (default: %(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["CATSDOGS_HOME"] = str(Path(scratch, "home"))
        data = photographs(Path(scratch, "data"), {"cats": 40, "dogs": 40})
        dataset.check(data)
        compared = [storing.finished(Config(data=str(data), seed=seed)).id for seed in (1, 2)]
        with browsing.serve(Path(scratch, "home"), gives_way=True) as address:
            asyncio.run(run(address, {"browsers": 1, "tabs": 1}, compared, 1, 1))  # what is loaded once
            server = child_of(os.getpid(), "streamlit")
            before, start = resident(server), time.monotonic()
            processes = {"server": server, "companion": child_of(server, "catsdogs.inference.companion")}
            had = {name: worked(process) for name, process in processes.items()}
            counts = {"browsers": asked.browsers, "tabs": asked.sessions - asked.browsers}
            people, failed, most = asyncio.run(run(address, counts, compared, 60 * asked.minutes, asked.thinks))
            took = {name: worked(process) - had[name] for name, process in processes.items()}
            passed = time.monotonic() - start
            time.sleep(_REST)
            after = resident(server)
        for title, kind in (("in a browser, until it has drawn", InBrowser), ("in a tab without one, until the server has sent", InTab)):
            if some := [person for person in people if isinstance(person, kind)]:
                print(f"{len(some)} people {title}:")
                show(some)
        clicks = sum(len(values) for person in people for values in person.seconds.values())
        print(f"server and companion: {before:,.0f} MB before, {most:,.0f} MB with {asked.sessions} sessions, {after:,.0f} MB after")
        shares = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items())
        print(f"processor time in {passed:.0f} s: {shares}; {1000 * took['server'] / clicks:.0f} ms of the server's for each click")
        print("\n".join(failed) or "nothing failed, and nobody saw another's pictures")
        end_queue()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
