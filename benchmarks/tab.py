"""A tab of the application without a browser: it speaks with the server as Streamlit's page does, and draws nothing.

It keeps what the server would have drawn, asks again for fragments that want to be drawn again after a while, and fetches images.
`sessions.py` has many of them on the machine that the server runs on, which as many browsers would take most of.
"""

import asyncio
import json
import re
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import StringArray
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

_IS_OVER = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
_PATIENCE = 60  # seconds


class Tab:
    """What one tab shows: `elements`, by their place on the page. To be used with `async with`."""

    def __init__(self, address: str):
        self._address = address
        self._http = httpx.AsyncClient(base_url=address, timeout=_PATIENCE)
        self._drawn: dict[tuple[int, ...], tuple[int, Delta]] = {}  # with the number of the run that drew it
        self._run, self._fragments = 0, []
        self._pages: dict[str, str] = {}  # hashes by title
        self._page, self._query = "", ""
        self._widgets: dict[str, WidgetState] = {}
        self._again: dict[str, asyncio.Task] = {}  # by fragment
        self._seen: set[str] = set()  # addresses of images
        self._changed = asyncio.Condition()
        self._over: list[tuple[int, list[str]]] = []  # the runs that ended well: number and fragments
        self._tasks: set[asyncio.Task] = set()

    async def __aenter__(self):
        self._connection = connect(
            f"ws://{urlsplit(self._address).netloc}/_stcore/stream", subprotocols=["streamlit"], origin=self._address, max_size=None
        )
        self._socket = await self._connection.__aenter__()
        self._later(self._listen())
        return self

    async def __aexit__(self, *_):
        for task in (*self._again.values(), *self._tasks):
            task.cancel()
        await self._connection.__aexit__(None, None, None)
        await self._http.aclose()

    @property
    def elements(self) -> list[Element]:
        """What the page shows now, from top to bottom."""
        return [self._drawn[path][1].new_element for path in sorted(self._drawn) if self._drawn[path][1].HasField("new_element")]

    @property
    def text(self) -> str:
        """All that stands on it, its data included."""
        return "\n".join(map(str, self.elements))

    async def load(self, path: str, **query: list[str]) -> None:
        """As by typing an address; returns once the page is drawn."""
        self._query, self._page = urlencode(query, doseq=True), ""
        await self._ask(page_name=path)

    async def go(self, title: str) -> None:
        """As by a click in the navigation."""
        self._query, self._page = "", self._pages[title]
        await self._ask()

    async def press(self, label: str) -> None:
        """The button of that label; returns once the page, or the fragment that it is in, is drawn again."""
        element, fragment = self._find("button", label)
        await self._ask(WidgetState(id=element.id, trigger_value=True), fragment_id=fragment)

    async def choose(self, option: str) -> None:
        """An option that a segmented control, or pills, offer."""
        for _, delta in self._drawn.values():
            control = delta.new_element.button_group
            for offered in control.options:
                if option == offered.content:
                    self._widgets[control.id] = WidgetState(id=control.id, string_array_value=StringArray(data=[option]))
                    await self._ask(fragment_id=delta.fragment_id)
                    return
        raise LookupError(f"No {option!r} is offered on the page.")

    async def put(self, component: str, body: bytes, **query: str) -> None:
        """Send that to where the component of that name sends what it is given; the page is drawn again."""
        element, fragment = self._find("bidi_component", component, "component_name")
        answer = await self._http.put(json.loads(element.json or element.mixed.json)["path"], params=query, content=body)
        assert answer.is_success, f"{answer.status_code}: {answer.text}"
        await self._ask(fragment_id=fragment)

    async def until(self, pattern: str) -> None:
        """Wait for something that matches to stand on the page. Raises TimeoutError after a minute."""
        async with asyncio.timeout(_PATIENCE), self._changed:
            await self._changed.wait_for(lambda: re.search(pattern, self.text))

    def _find(self, kind: str, name: str, by: str = "label"):
        for _, delta in self._drawn.values():
            element = getattr(delta.new_element, kind)
            if getattr(element, by) == name:
                return element, delta.fragment_id
        raise LookupError(f"There is no {kind} {name!r} on the page.")

    async def _ask(self, *triggers: WidgetState, fragment_id: str = "", **state: str) -> None:
        """Send it, and wait for the run that answers: of the fragment, or of the whole page."""
        before = self._run
        await self._send(*triggers, fragment_id=fragment_id, **state)
        async with asyncio.timeout(_PATIENCE), self._changed:
            await self._changed.wait_for(
                lambda: any(number > before and (not fragments or fragment_id in fragments) for number, fragments in self._over)
            )

    async def _send(self, *triggers: WidgetState, is_auto_rerun: bool = False, **state: str) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash, asked.is_auto_rerun = self._query, self._page, is_auto_rerun
        for name, value in state.items():
            setattr(asked, name, value)
        asked.widget_states.widgets.extend((*self._widgets.values(), *triggers))
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for data in self._socket:
            async with self._changed:
                self._take(ForwardMsg.FromString(data))
                self._changed.notify_all()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._run += 1
            self._fragments = list(message.metadata.run.fragment_ids)
            self._page = message.new_session.page_script_hash
            if not self._fragments:
                self._stop(list(self._again))
        elif kind == "navigation":
            self._pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "delta":
            self._drawn[tuple(message.metadata.delta_path)] = (self._run, message.delta)
            for image in message.delta.new_element.imgs.imgs:
                self._later(self._fetch(image.url))
        elif kind == "auto_rerun":
            again = message.auto_rerun
            self._stop([again.fragment_id])
            self._again[again.fragment_id] = asyncio.create_task(self._repeat(again.interval, again.fragment_id))
        elif kind == "stop_auto_rerun":
            self._stop(message.stop_auto_rerun.fragment_ids)
        elif kind == "script_finished" and message.script_finished in _IS_OVER:
            self._over.append((self._run, self._fragments))
            self._drawn = {path: entry for path, entry in self._drawn.items() if entry[0] == self._run or not self._is_stale(entry[1])}

    def _is_stale(self, delta: Delta) -> bool:
        return not self._fragments or delta.fragment_id in self._fragments

    def _stop(self, fragments: list[str]) -> None:
        for fragment in fragments:
            if task := self._again.pop(fragment, None):
                task.cancel()

    async def _repeat(self, interval: float, fragment: str) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._send(is_auto_rerun=True, fragment_id=fragment)

    async def _fetch(self, path: str) -> None:
        if path not in self._seen:
            self._seen.add(path)
            with suppress(httpx.HTTPError):
                await self._http.get(path)

    def _later(self, work) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
