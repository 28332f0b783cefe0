"""Streamlit's own route for uploads: it would keep in memory whatever anybody sends who has opened a page, signed in or not."""

import re
import time
from collections import Counter
from collections.abc import Sequence

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadFileUrlInfo

from pages.parts.shared import absence, entrance

MAX_BYTES = 2 * 10**9  # of one session's files; from half of that on, the page advises a ZIP file, which goes to disk
MAX_ALL_BYTES = 4 * 10**9  # of all sessions' files
_PLACE = re.compile(r"/_stcore/upload_file/([^/]+)/(([0-9a-f]*)[^/]*)")  # of a file, by the ids of its session and its own
_left: dict[str, int] = {}  # when sessions last left their boxes, as ids of files tell it


class Guarded:
    """A middleware that refuses the files of sessions that may not train, as no page has a box for them, and what is too much to keep."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._coming: Counter[str] = Counter()  # bytes still on their way, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and scope["method"] in ("PUT", "POST")
        if not (is_file and (found := _PLACE.search(scope["path"]))):
            return await self._app(scope, receive, send)
        session, file, announced = found.groups()
        size = _size(Headers(scope=scope))
        if why := self._refusal(session, size) or _left_meanwhile(session, announced):
            return await PlainTextResponse(*why, {"Connection": "close"})(scope, receive, send)  # what was not read is no next request
        self._coming[session] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size
            self._coming += Counter()  # without those from whom nothing is on its way
            if _left_meanwhile(session, announced):
                runtime.get_instance().uploaded_file_mgr.remove_file(session, file)

    def _refusal(self, session: str, size: int) -> tuple[str, int] | None:
        if not entrance.may_upload(session):
            return "Sign in first.", 403
        manager = runtime.get_instance().uploaded_file_mgr
        kept = sum(len(file.data) for file in list(manager.file_storage.get(session, {}).values()))
        if kept + self._coming[session] + size > MAX_BYTES:
            return "These are more files than one page may hold. Make a ZIP file of them.", 413
        kept_of_all = sum(stat.byte_length for stats in manager.get_stats().values() for stat in stats)
        if kept_of_all + self._coming.total() + size > MAX_ALL_BYTES:
            return "The server has as many files as it can hold. Make a ZIP file of these, or try again later.", 503
        return None


def date() -> None:
    """Have ids of files begin with the time at which a box announces them: it does so for all at once, and browsers send some later."""
    manager = runtime.get_instance().uploaded_file_mgr
    announce = manager.get_upload_urls

    def announce_dated(session: str, names: Sequence[str]) -> list[UploadFileUrlInfo]:
        now = f"{time.monotonic_ns():x}-"
        return [UploadFileUrlInfo(*(each.replace(info.file_id, now + info.file_id) for each in info)) for info in announce(session, names)]

    manager.get_upload_urls = announce_dated


def forget() -> None:
    """Free the memory of all that this session has sent: no box frees anything by itself, not even once it is gone.

    What is still on its way is refused, or freed when it is there. A box that shows some of it, and stays, needs another key.
    """
    asking = get_script_run_ctx()
    _left[asking.session_id] = time.monotonic_ns()
    _forget_ended()
    asking.uploaded_file_mgr.remove_session_files(asking.session_id)


def _forget_ended() -> None:
    """Keep nothing of sessions that ended, which can't be told at once from those that are away for a moment."""
    for session, left in list(_left.items()):
        if time.monotonic_ns() - left > absence.PATIENCE * 10**9 and not absence.is_here(session):
            _left.pop(session, None)


def _left_meanwhile(session: str, announced: str) -> tuple[str, int] | None:
    """The answer where the session has left the box that announced a file."""
    if session in _left and int(announced or "0", 16) < _left[session]:
        return "The page has left the box that this file was for.", 410
    return None


def _size(headers: Headers) -> int:
    """Bytes that the request may bring; as many as Streamlit takes where it doesn't say."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "transfer-encoding" not in headers else st.get_option("server.maxUploadSize") * 2**20
