"""Networks asked for programs: requests that come while the network is at work are answered together by its next batch.

One request a call would leave most of the time to everything around the network.
"""

import asyncio
import time
from collections import defaultdict
from functools import lru_cache

from starlette.concurrency import run_in_threadpool

from catsdogs.analysis import ranking
from catsdogs.errors import InputError
from catsdogs.inference.classifier import Answer
from catsdogs.runs import Run, store, temperature
from pages.parts.api.refusal import Refusal
from pages.parts.shared import backend, names

_TOGETHER = 32  # pictures a batch
_LOOK_EVERY = 5  # seconds, after which another network may have become the default


class _Asking:
    """The pictures that wait for an answer, by who is to answer, and how. Belongs to one event loop."""

    def __init__(self):
        self._waiting: dict[tuple, list[tuple[bytes, asyncio.Future]]] = defaultdict(list)
        self._working: set[asyncio.Task] = set()

    async def ask(self, run: Run, content: bytes, mirror: bool) -> Answer:
        key = (run.id, store.answer_version(run), mirror)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[key].append((content, answer))
        if not self._working:
            task = asyncio.create_task(self._work())
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return await answer

    async def _work(self) -> None:
        """Answer until nothing waits, in turn where several networks are asked."""
        while self._waiting:
            key = next(iter(self._waiting))
            waiting = self._waiting.pop(key)
            batch, rest = waiting[:_TOGETHER], waiting[_TOGETHER:]
            if rest:
                self._waiting[key] = rest
            try:
                found = await run_in_threadpool(_classify, key[0], key[2], [content for content, _ in batch])
            except Exception as error:  # whatever it was, those who asked wait for it
                found = [error] * len(batch)
            for (_, answer), one in zip(batch, found, strict=True):
                if answer.done():  # given up by who asked
                    continue
                if isinstance(one, Exception):
                    answer.set_exception(one)
                else:
                    answer.set_result(one)


async def ask(run: Run, content: bytes, mirror: bool) -> dict:
    """The network's answer. Raises Refusal where the picture can't be read, or nothing answers."""
    try:
        answer = await _asking(asyncio.get_running_loop()).ask(run, content, mirror)
    except InputError as error:
        raise Refusal(503, names.told(error)) from None
    if answer.error:
        raise Refusal(422, answer.error)
    return {"label": answer.label, "probability": answer.probability, "neither": answer.neither, "network": run.id}


def default() -> Run:
    """The run that Classify selects first, looked for every few seconds."""
    return _default(int(time.monotonic() / _LOOK_EVERY))


@lru_cache(maxsize=1)
def _asking(loop: asyncio.AbstractEventLoop) -> _Asking:
    return _Asking()


@lru_cache(maxsize=1)
def _default(number: int) -> Run:
    return ranking.default().run


def _classify(id: str, mirror: bool, contents: list[bytes]) -> list[Answer]:
    run = store.load(id)
    named = [(str(number), content) for number, content in enumerate(contents)]
    return backend.classify(run, named, temperature.load(run).value, mirror)
