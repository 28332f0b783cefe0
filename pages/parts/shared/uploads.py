"""Streamlit's own route for uploads: it would keep in memory what anybody sends who has opened a page, signed in or not."""

import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.parts.shared import entrance

_PLACE = re.compile(r"/_stcore/upload_file/([^/]+)/")  # of a file, by the id of its session


class OnlyOfThoseLetIn:
    """A middleware that refuses the files of sessions that may not train: no page has a box for them."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and scope["method"] in ("PUT", "POST")
        if is_file and (found := _PLACE.search(scope["path"])) and not entrance.may_upload(found[1]):
            refusal = PlainTextResponse("Sign in first.", 403, {"Connection": "close"})  # what was not read is no next request
            return await refusal(scope, receive, send)
        await self._app(scope, receive, send)
