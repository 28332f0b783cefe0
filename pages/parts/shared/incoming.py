"""Requests to the server's own routes: which are accepted; uploads, refused before they arrive or streamed to disk.

Streamlit's uploader keeps all of them in memory. `data.receiver` takes ZIP files for data sets, `classify.inbox` pictures to classify.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from catsdogs.sources import archive
from catsdogs.system import shortage
from catsdogs.system.shortage import DiskFull
from pages.parts.shared import entrance

QUIET = 60  # seconds without a byte, after which nothing more is expected: a laptop that was closed does not hang up
_LOOK_EVERY = 2**26  # bytes that come between two looks at how much is free: others write, too


def below_base(routes: Iterable[Route]) -> list[Route]:
    """The routes below the path at which the server is configured to be, as Streamlit's own are."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return [Route(f"/{base}{route.path}", route.endpoint, methods=route.methods) for route in routes] if base else list(routes)


def stranger(request: Request) -> str | None:
    """Why the request is not taken, as a sentence; None where it may be. The one place for such checks.

    A page of another site must not ask in the name of whoever looks at it, not even under a host name of its own that leads here.
    """
    host, origin = request.headers.get("host"), request.headers.get("origin")
    if not is_host_allowed(host):
        return "The server does not answer to this host name. Whoever runs it can add it to server.allowedHosts."
    if origin is None or origin.partition("://")[2] == host or origin in st.get_option("server.corsAllowedOrigins"):
        return None
    return "This request came from a page of another site. Send it from a program, or from a page of this server."


def refusal(request: Request, most: int, folder: Path) -> Response | None:
    """Why the body, of at most that many bytes, is not taken into the folder; None where it can come."""
    if found := stranger(request):
        return PlainTextResponse(found, 403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return PlainTextResponse("The size of the file is missing.", 411)
    if int(length) > most:
        return PlainTextResponse(f"The file is {shortage.size(int(length))}; the limit is {shortage.size(most)}. Split it.", 413)
    try:
        _require_room(folder, int(length))
    except DiskFull as error:
        return full(error)
    return None


def full(error: DiskFull) -> Response:
    """The answer where the disk has no room for the body, or became full while that was written or unpacked."""
    return PlainTextResponse(f"{shortage.without_place(str(error))} Send it again once there is room.", 507)


async def write(request: Request, path: Path) -> bool:
    """Write the body as it comes, but no more than was promised, and until none of it comes for a while; whether all of it came.

    Raises ClientDisconnect; DiskFull, also where as little is free now as has to stay so.
    """
    missing = int(request.headers["content-length"])
    look_at = missing - _LOOK_EVERY
    with shortage.explained(path.parent, "what was sent", missing), path.open("wb") as file:
        chunks = request.stream()
        while chunk := await _next(chunks):
            missing -= len(chunk)
            if missing < 0:  # a body that comes in chunks, whatever its length is said to be
                return False
            if missing <= look_at:
                look_at = missing - _LOOK_EVERY
                _require_room(path.parent)
            await run_in_threadpool(file.write, chunk)
    return not missing


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """Empty at the end, and where none comes."""
    try:
        async with asyncio.timeout(QUIET):
            return await anext(chunks, b"")
    except TimeoutError:
        return b""


def _require_room(folder: Path, needed: int = 0) -> None:
    shortage.require_room(folder, needed, "what is sent", max(archive.SPARE, entrance.settings().limits.free))
