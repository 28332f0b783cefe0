"""Streamlit's own route for uploads: it would keep in memory whatever anybody sends who has opened a page, signed in or not."""

import re
from collections import Counter

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts.shared import entrance

MAX_BYTES = 2 * 10**9  # of one session's files; from half of that on, the page advises a ZIP file, which goes to disk
MAX_ALL_BYTES = 4 * 10**9  # of all sessions' files
_PLACE = re.compile(r"/_stcore/upload_file/([^/]+)/")  # of a file, by the id of its session


class Guarded:
    """A middleware that refuses the files of sessions that may not train, as no page has a box for them, and what is too much to keep."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._coming: Counter[str] = Counter()  # bytes still on their way, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and scope["method"] in ("PUT", "POST")
        if not (is_file and (found := _PLACE.search(scope["path"]))):
            return await self._app(scope, receive, send)
        session, size = found[1], _size(Headers(scope=scope))
        if why := self._refusal(session, size):
            return await PlainTextResponse(*why, {"Connection": "close"})(scope, receive, send)  # what was not read is no next request
        self._coming[session] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size
            self._coming += Counter()  # without those from whom nothing is on its way

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


def forget() -> None:
    """Free the memory of all that this session has sent: no box frees anything by itself, not even once it is gone.

    A box that shows some of it, and stays, needs another key.
    """
    asking = get_script_run_ctx()
    asking.uploaded_file_mgr.remove_session_files(asking.session_id)


def _size(headers: Headers) -> int:
    """Bytes that the request may bring; as many as Streamlit takes where it doesn't say."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "transfer-encoding" not in headers else st.get_option("server.maxUploadSize") * 2**20
