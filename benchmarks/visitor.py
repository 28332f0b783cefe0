"""People who go round in the application, and how long each of their clicks takes: in a browser, or in a tab without one.

Each opens the comparison of two runs, and then goes from page to page: classifies a picture that nobody else has, looks at the sweeps,
uploads a ZIP file of photographs, and starts one training. On every page they look for an exception, and on Classify for pictures that are
not theirs.
"""

import asyncio
import io
import json
import random
import re
import time
import zipfile
from abc import ABC, abstractmethod
from collections import defaultdict
from contextlib import asynccontextmanager

from playwright.async_api import Page, expect
from tab import Tab

from catsdogs.drawn import demo
from tests.images import encoded

_AT_REST = '[data-testid=stApp][data-test-script-state="notRunning"]'


class Visitor(ABC):
    """One person; `seconds` of the clicks, by their kind."""

    def __init__(self, number: int, address: str):
        self.number, self.address = number, address
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self._turns = 0
        self._has_started = False

    async def live(self, compared: list[str], until: float, thinks: float) -> None:
        """Go round until that moment, beginning at another place than the neighbours, and think so many seconds on average."""
        acts = (self._classify, self._look, self._upload, self._start)
        async with self._timed("open a comparison"):
            await self.load("results", compared)
        while time.monotonic() < until:
            await asyncio.sleep(random.uniform(0, 2 * thinks))
            await acts[(self.number + self._turns) % len(acts)]()
            assert not await self.has_exception(), f"an exception on the page of person {self.number}"
            self._turns += 1

    async def _classify(self) -> None:
        await self._open("Classify")
        name = f"pet-{self.number}-{self._turns}.jpg"
        picture = encoded(demo.draw("cat", 1000 * self.number + self._turns), "JPEG")
        async with self._timed("classify"):
            await self.classify(name, picture)
        others = {int(found) for found in re.findall(r"pet-(\d+)-", await self.text())}
        assert others == {self.number}, f"person {self.number} sees pictures of {others}"

    async def _look(self) -> None:
        await self._open("Results")
        async with self._timed("another view of Results"):
            await self.choose("Sweeps", "No sweep yet")

    async def _upload(self) -> None:
        name, archive = f"Set {self.number}-{self._turns}", io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            for seed in range(10):
                for label in ("cat", "dog"):
                    opened.writestr(f"{label}s/{seed}.jpg", encoded(demo.draw(label, 100 * self.number + seed), "JPEG"))
        await self._open("Data")
        async with self._timed("choose a source"):
            await self.choose("Upload", "Any layout will do")
        async with self._timed("upload a ZIP file"):
            await self.upload(name, archive.getvalue())

    async def _start(self) -> None:
        await self._open("Train")
        if not self._has_started:
            self._has_started = True
            async with self._timed("start a training"):
                await self.start()

    async def _open(self, title: str) -> None:
        async with self._timed("another page"):
            await self.go(title)

    @asynccontextmanager
    async def _timed(self, kind: str):
        start = time.monotonic()
        yield
        self.seconds[kind].append(time.monotonic() - start)

    @abstractmethod
    async def load(self, path: str, runs: list[str]) -> None:
        """Open that page with these runs by its address."""

    @abstractmethod
    async def go(self, title: str) -> None:
        """Open the page of that title from the navigation."""

    @abstractmethod
    async def choose(self, option: str, text: str) -> None:
        """Click an option that is on the page, and see the text that it leads to."""

    @abstractmethod
    async def classify(self, name: str, picture: bytes) -> None:
        """Have a JPEG file classified, and see it."""

    @abstractmethod
    async def upload(self, name: str, archive: bytes) -> None:
        """Send a ZIP file, and see its data set."""

    @abstractmethod
    async def start(self) -> None:
        """Start a training, and see it wait or run."""

    @abstractmethod
    async def text(self) -> str:
        """What stands on the page."""

    @abstractmethod
    async def has_exception(self) -> bool:
        """Whether the page shows one."""


class InBrowser(Visitor):
    """A click is over when the browser has drawn what it asked for."""

    def __init__(self, number: int, address: str, page: Page):
        super().__init__(number, address)
        self._page = page

    async def load(self, path: str, runs: list[str]) -> None:
        await self._page.goto(f"{self.address}/{path}?{'&'.join(f'run={id}' for id in runs)}")
        await self._page.get_by_role("heading", level=1).wait_for()
        await self._rest()

    async def go(self, title: str) -> None:
        await self._page.get_by_role("link", name=title, exact=True).first.click()
        await expect(self._page.get_by_role("heading", level=1, name=title)).to_be_visible()
        await self._rest()

    async def choose(self, option: str, text: str) -> None:
        button, radio = (self._page.get_by_role(role, name=option, exact=True) for role in ("button", "radio"))
        await button.or_(radio).first.click()
        await expect(self._page.get_by_text(text).first).to_be_visible()  # right after a click, the page says that it is at rest
        await self._rest()

    async def classify(self, name: str, picture: bytes) -> None:
        file = {"name": name, "mimeType": "image/jpeg", "buffer": picture}
        await self._page.get_by_label("Pictures", exact=True).set_input_files(file)
        await expect(self._page.get_by_text(name).first).to_be_visible()

    async def upload(self, name: str, archive: bytes) -> None:
        file = {"name": f"{name}.zip", "mimeType": "application/zip", "buffer": archive}
        await self._page.locator("input[accept*=zip]").set_input_files(file)
        await expect(self._page.get_by_role("heading", name=name, exact=True)).to_be_visible()

    async def start(self) -> None:
        await self._page.get_by_role("button", name="Start training").first.click()
        await expect(self._page.get_by_text(re.compile(r"^(Training|Waiting) · ")).first).to_be_visible()

    async def text(self) -> str:
        return await self._page.inner_text("[data-testid=stMain]")

    async def has_exception(self) -> bool:
        return bool(await self._page.get_by_test_id("stException").count())

    async def _rest(self) -> None:
        await self._page.locator(_AT_REST).wait_for(state="attached")


class InTab(Visitor):
    """A click is over when the server has sent what it asked for."""

    def __init__(self, number: int, address: str, tab: Tab):
        super().__init__(number, address)
        self._tab = tab

    async def load(self, path: str, runs: list[str]) -> None:
        await self._tab.load(path, run=runs)

    async def go(self, title: str) -> None:
        await self._tab.go(title)

    async def choose(self, option: str, text: str) -> None:
        await self._tab.choose(option)
        await self._tab.until(text)

    async def classify(self, name: str, picture: bytes) -> None:
        head = json.dumps([[name, len(picture)]]).encode()
        await self._tab.put("picture_box", len(head).to_bytes(4) + head + picture)
        await self._tab.until(rf"\b{name}\b")

    async def upload(self, name: str, archive: bytes) -> None:
        await self._tab.put("zip_box", archive, name=f"{name}.zip")
        await self._tab.until(rf'body: "{name}"')

    async def start(self) -> None:
        await self._tab.press("Start training")
        await self._tab.until(r"(Training|Waiting) · ")

    async def text(self) -> str:
        return self._tab.text

    async def has_exception(self) -> bool:
        return any(element.HasField("exception") for element in self._tab.elements)
