"""The picture that a request brings: its whole body, or the one file of a form. Never more than MAX_BYTES are read, nor for ever.

Those of all requests together take no more than _MEMORY. Only what has arrived counts, so slow ones keep nobody out.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from pages.parts.api.refusal import Refusal

MAX_BYTES = 20 * 10**6  # phones' photographs have up to 12 MB
_MEMORY = 64 * MAX_BYTES
_PATIENCE = 60  # seconds, in which all of it has to come
_FORM = "multipart/form-data"
_arrived: Counter[Request] = Counter()  # bytes of each request that is under way


@asynccontextmanager
async def picture(request: Request) -> AsyncIterator[bytes]:
    """The content of the file, which takes its share of the memory within. Raises Refusal where there is none, and ClientDisconnect."""
    length = request.headers.get("content-length")
    if length and length.isdecimal() and int(length) > MAX_BYTES:
        raise _too_large()
    try:
        yield await _received(request)
    finally:
        del _arrived[request]


async def _received(request: Request) -> bytes:
    try:
        async with asyncio.timeout(_PATIENCE):
            content = await _whole(request)
    except TimeoutError:
        raise Refusal(408, f"The picture did not arrive within {_PATIENCE} seconds. Send it again.") from None
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        content = await _file(request, content)
    if not content:
        raise Refusal(400, f"There is no picture. Send its bytes as the body, or as the one file of a {_FORM} body.")
    return content


async def _whole(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        _arrived[request] += len(chunk)
        if _arrived[request] > MAX_BYTES:
            raise _too_large()
        if _arrived.total() > _MEMORY:
            raise Refusal(503, "The server is holding as many pictures as it can. Send this one again in a while.", {"Retry-After": "5"})
        content += chunk
    return bytes(content)


async def _file(request: Request, content: bytes) -> bytes:
    """The one file of a form."""

    async def receive():
        return {"type": "http.request", "body": content, "more_body": False}

    scope = {name: value for name, value in request.scope.items() if name != "app"}
    try:
        async with Request(scope, receive).form(max_files=1, max_fields=8, max_part_size=1000) as form:
            files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
            return await files[0].read() if files else b""
    except (MultiPartException, HTTPException, FormParserError, LookupError, ValueError):
        # Starlette's own words are of its settings; others come from headers that are none
        raise Refusal(400, f"This is not a {_FORM} body with one file. Send the picture's bytes as the body instead.") from None


def _too_large() -> Refusal:
    return Refusal(413, f"The picture is larger than {MAX_BYTES / 1e6:.0f} MB. Send a smaller one.")
