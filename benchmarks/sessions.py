"""Many browser sessions at once on one server: how long a click takes, whether anything fails, and whether memory comes back.

    .venv/bin/python benchmarks/sessions.py [--sessions N] [--minutes M] [--thinks SECONDS]

Each session, a browser's context of its own, opens the comparison of two runs, one session after the other, and goes round from
page to page: it classifies a picture of its own, looks at the sweeps, uploads a ZIP file of photographs, and starts one training; between
two of these its person thinks. On every page it looks for an exception, and on Classify for pictures that are not its own. Prints the
seconds of each kind of click, what failed, what server and companion have resident before, at the end, and after the sessions are closed,
and the processor time that these two took. The browsers run on the same machine, and take most of it: what a page is drawn with counts.
Linux only.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from contextlib import asynccontextmanager
from pathlib import Path

from many_pictures import child_of
from playwright.async_api import Error, Page, async_playwright, expect

from catsdogs.data import dataset
from catsdogs.drawn import demo
from catsdogs.settings import Config
from tests import browsing, storing
from tests.images import encoded, photographs

_PATIENCE = 60_000  # ms
_APART = 6  # seconds; to load the application takes a browser that long
_REST = 15  # seconds after the last session was closed, in which the server forgets it
_AT_REST = '[data-testid=stApp][data-test-script-state="notRunning"]'


class Session:
    """One person's tab, and the seconds that its clicks took, by their kind."""

    def __init__(self, number: int, page: Page, address: str, folder: Path, thinks: float, seconds: dict[str, list[float]]):
        self._number, self._page, self._address, self._folder = number, page, address, folder
        self._thinks, self._seconds = thinks, seconds
        self._turns = 0
        self._has_started = False

    async def live(self, until: float) -> None:
        """Go round until that moment, beginning at another place than the neighbours."""
        acts = (self.classify, self.look, self.upload, self.start)
        await asyncio.sleep(self._number * _APART)
        runs = "&".join(f"run={id}" for id in _COMPARED)
        async with self._timed("open a comparison"):
            await self._page.goto(f"{self._address}/results?{runs}")
            await self._page.get_by_role("heading", level=1).wait_for()
            await self._rest()
        while time.monotonic() < until:
            await asyncio.sleep(random.uniform(0, 2 * self._thinks))
            await acts[(self._number + self._turns) % len(acts)]()
            assert not await self._page.get_by_test_id("stException").count(), f"an exception on {self._page.url}"
            self._turns += 1

    async def classify(self) -> None:
        """A picture that nobody else has."""
        await self._open("Classify")
        name = f"pet-{self._number}-{self._turns}.jpg"
        path = self._folder / name
        path.write_bytes(encoded(demo.draw("cat", 1000 * self._number + self._turns), "JPEG"))
        async with self._timed("classify"):
            await self._page.get_by_label("Pictures", exact=True).set_input_files(path)
            await expect(self._page.get_by_text(name).first).to_be_visible()
        others = {int(found) for found in re.findall(r"pet-(\d+)-", await self._page.inner_text("[data-testid=stMain]"))}
        assert others == {self._number}, f"session {self._number} sees pictures of {others}"

    async def look(self) -> None:
        """At the sweeps."""
        await self._open("Results")
        async with self._timed("another view of Results"):
            await self._page.get_by_text("Sweeps", exact=True).first.click()
            await self._rest()

    async def upload(self) -> None:
        """Twenty photographs in a ZIP file."""
        name = f"Set {self._number}-{self._turns}"
        path = self._folder / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for seed in range(10):
                for label in ("cat", "dog"):
                    archive.writestr(f"{label}s/{seed}.jpg", encoded(demo.draw(label, 100 * self._number + seed), "JPEG"))
        await self._open("Data")
        async with self._timed("choose a source"):
            await (
                self._page.get_by_role("button", name="Upload", exact=True)
                .or_(self._page.get_by_role("radio", name="Upload", exact=True))
                .first.click()
            )
            await self._rest()
        async with self._timed("upload a ZIP file"):
            await self._page.locator("input[accept*=zip]").set_input_files(path)
            await expect(self._page.get_by_role("heading", name=name, exact=True)).to_be_visible()

    async def start(self) -> None:
        """One training; afterwards, a look at the page."""
        await self._open("Train")
        if self._has_started:
            return
        self._has_started = True
        async with self._timed("start a training"):
            await self._page.get_by_role("button", name="Start training").first.click()
            await expect(self._page.get_by_text(re.compile(r"^(Training|Waiting) · ")).first).to_be_visible()

    async def _open(self, title: str) -> None:
        async with self._timed("another page"):
            await self._page.get_by_role("link", name=title, exact=True).first.click()
            await expect(self._page.get_by_role("heading", level=1, name=title)).to_be_visible()
            await self._rest()

    async def _rest(self) -> None:
        await self._page.locator(_AT_REST).wait_for(state="attached")

    @asynccontextmanager
    async def _timed(self, kind: str):
        start = time.monotonic()
        yield
        self._seconds[kind].append(time.monotonic() - start)


_COMPARED: list[str] = []


async def run(address: str, folder: Path, count: int, seconds: float, thinks: float) -> tuple[dict[str, list[float]], list[str], float]:
    """Seconds by the kind of click, what failed, and MB while all are there. People think for `thinks` seconds on average."""
    found, server = defaultdict(list), child_of(os.getpid(), "streamlit")
    expect.set_options(timeout=_PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browsing.CHROMIUM, args=list(browsing.FLAGS))
        sessions = []
        for number in range(count):
            page = await (await browser.new_context()).new_page()
            page.set_default_timeout(_PATIENCE)
            sessions.append(Session(number, page, address, folder, thinks, found))
        until = time.monotonic() + count * _APART + seconds
        ended = await asyncio.gather(*(session.live(until) for session in sessions), return_exceptions=True)
        most = resident(server)
        await browser.close()
    unexpected = [error for error in ended if error is not None and not isinstance(error, Error | AssertionError)]
    if unexpected:
        raise unexpected[0]
    return found, [str(error).splitlines()[0] for error in ended if error is not None], most


def resident(server: int) -> float:
    """MB that server and companion have now."""
    pids = (server, child_of(server, "catsdogs.inference.companion"))
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def worked(process: int) -> float:
    """Seconds of processor time that it has had."""
    user, system = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--thinks", type=float, default=20, help="seconds between two acts of a person, on average (default: %(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["CATSDOGS_HOME"] = str(Path(scratch, "home"))
        data = photographs(Path(scratch, "data"), {"cats": 40, "dogs": 40})
        dataset.check(data)
        _COMPARED.extend(storing.finished(Config(data=str(data), seed=seed)).id for seed in (1, 2))
        with browsing.serve(Path(scratch, "home")) as address:
            asyncio.run(run(address, Path(scratch), 1, 1, 1))  # what is loaded once
            server = child_of(os.getpid(), "streamlit")
            before, start = resident(server), time.monotonic()
            processes = {"server": server, "companion": child_of(server, "catsdogs.inference.companion")}
            had = {name: worked(process) for name, process in processes.items()}
            found, failed, most = asyncio.run(run(address, Path(scratch), asked.sessions, 60 * asked.minutes, asked.thinks))
            took = {name: worked(process) - had[name] for name, process in processes.items()}
            passed = time.monotonic() - start
            time.sleep(_REST)
            after = resident(server)
    every = [value for values in found.values() for value in values]
    for kind, values in (*found.items(), ("all", every)):
        print(f"{kind:26}{len(values):6}  median {statistics.median(values):6.2f} s  longest {max(values):6.2f} s")
    print(f"server and companion: {before:,.0f} MB before, {most:,.0f} MB with {asked.sessions} sessions, {after:,.0f} MB after")
    shares = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in took.items())
    print(f"processor time in {passed:.0f} s: {shares}; {1000 * took['server'] / len(every):.0f} ms of the server's for each click")
    print("\n".join(failed) or "nothing failed, and nobody saw another's pictures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
