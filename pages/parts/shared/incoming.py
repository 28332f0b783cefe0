"""What comes to the server's own routes: who may call the API; files that the browser sends, refused before they come, or streamed to disk.

Streamlit's uploader keeps all of them in memory. `data.receiver` takes ZIP files for data sets, `classify.inbox` pictures to classify.
"""

import shutil
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_SPARE = 10**9  # bytes that stay free on the disk


def stranger(request: Request) -> str | None:
    """Why this caller may not use the API, as a sentence; None where they may. The one place for such checks.

    A page of another site must not, in the name of whoever looks at it; programs send no Origin.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        return "This request came from a page of another site. Call the API from a program, or from a page of this server."
    return None


def refusal(request: Request, most: int, folder: Path) -> Response | None:
    """Why the body, of at most that many bytes, is not taken into the folder; None where it can come."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return PlainTextResponse("The size of the file is missing.", 411)
    if int(length) > most:
        return PlainTextResponse(f"The file has {int(length) / 1e9:.1f} GB; up to {most / 1e9:.0f} GB are taken. Split it.", 413)
    if int(length) > shutil.disk_usage(folder).free - _SPARE:
        return PlainTextResponse("The server's disk is full. Free some space there.", 507)
    return None


async def write(request: Request, path: Path) -> bool:
    """Write the body as it comes; whether it came whole. Raises ClientDisconnect."""
    with path.open("wb") as file:
        async for chunk in request.stream():
            await run_in_threadpool(file.write, chunk)
    return path.stat().st_size == int(request.headers["content-length"])
