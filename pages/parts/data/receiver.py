"""The server's own route for large ZIP files: streamed to disk as they come, where Streamlit would keep them in memory.

    uploads/<ticket>             the permission to send one, which only the page that made it knows; holds the name of the one that came
    uploads/.<ticket>.partial    what has come so far
    uploads/<ticket>.zip         a file that came whole

`zip_box` is the browser's side.
"""

import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from catsdogs.system import home
from pages.parts.shared import incoming

PATH = "/receive"
MAX_BYTES = 4 * 10**9
_TICKET = re.compile(r"[0-9a-f]{48}")
_MAX_NAME = 200  # characters
_NAMELESS = "upload.zip"
_LIFETIME = 24 * 3600  # seconds, after which what was sent for a ticket and not fetched is deleted


def route() -> Route:
    """`PUT /receive/<ticket>?name=<name>` with the file as its body: 204 once it is on disk, else a status and a sentence."""
    return Route(f"{PATH}/{{ticket}}", _receive, methods=["PUT"])


def open_ticket() -> str:
    """The permission to send one file. What other pages were sent and left behind a day ago is deleted."""
    folder = home.subfolder("uploads")
    for path in folder.iterdir():
        with suppress(FileNotFoundError, IsADirectoryError):  # another page may be at it; a folder is none of its files
            if time.time() - path.stat().st_mtime > _LIFETIME:
                path.unlink()
    ticket = secrets.token_hex(24)  # hex: Streamlit refuses a component whose key has two underscores in a row
    (folder / ticket).touch()
    return ticket


def received(ticket: str) -> Path:
    """The file that was sent with the ticket; it may not exist yet."""
    return home.subfolder("uploads") / f"{ticket}.zip"


def name(ticket: str) -> str:
    """What the file that was sent with the ticket is called."""
    return (home.subfolder("uploads") / ticket).read_text(encoding="utf-8") or _NAMELESS


def close_ticket(ticket: str) -> None:
    """Delete the file; nothing more can be sent with the ticket."""
    received(ticket).unlink(missing_ok=True)
    (home.subfolder("uploads") / ticket).unlink(missing_ok=True)


async def _receive(request: Request) -> Response:
    ticket = request.path_params["ticket"]
    folder = home.subfolder("uploads")
    if not _TICKET.fullmatch(ticket) or not (folder / ticket).exists():
        return PlainTextResponse("This page is out of date. Reload it, and send the file again.", 403)
    refused = incoming.refusal(request, MAX_BYTES, folder)
    if refused:
        return refused
    partial = folder / f".{ticket}.partial"
    try:
        if not await incoming.write(request, partial):
            return PlainTextResponse("The file did not come whole. Send it again.", 400)
        (folder / ticket).write_text(request.query_params.get("name", "")[:_MAX_NAME], encoding="utf-8")
        partial.replace(received(ticket))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    finally:
        partial.unlink(missing_ok=True)
    return Response(status_code=204)
