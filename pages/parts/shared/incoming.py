"""Files that the browser sends to the server's own routes: refused before they come, or streamed to disk as they come.

Streamlit's uploader keeps all of them in memory. `data.receiver` takes ZIP files for data sets, `classify.inbox` pictures to classify.
"""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

_SPARE = 10**9  # bytes that stay free on the disk


def refusal(request: Request, most: int, folder: Path) -> Response | None:
    """Why the body, of at most that many bytes, is not taken into the folder; None where it can come."""
    if not is_from_here(request):
        return PlainTextResponse("This comes from another site.", 403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return PlainTextResponse("The size of the file is missing.", 411)
    if int(length) > most:
        return PlainTextResponse(f"The file has {int(length) / 1e9:.1f} GB; up to {most / 1e9:.0f} GB are taken. Split it.", 413)
    if int(length) > shutil.disk_usage(folder).free - _SPARE:
        return PlainTextResponse("The server's disk is full. Free some space there.", 507)
    return None


def is_from_here(request: Request) -> bool:
    """Whether the request is to a host that `server.allowedHosts` names, and of a page of this server or an allowed origin, if of any."""
    host, origin = request.headers.get("host"), request.headers.get("origin")
    if not is_host_allowed(host):
        return False
    return origin is None or urlsplit(origin).netloc == host or origin in st.get_option("server.corsAllowedOrigins")


async def write(request: Request, path: Path) -> bool:
    """Write the body as it comes; whether it came whole. Raises ClientDisconnect."""
    with path.open("wb") as file:
        async for chunk in request.stream():
            await run_in_threadpool(file.write, chunk)
    return path.stat().st_size == int(request.headers["content-length"])
