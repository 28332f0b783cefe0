"""The server's own route for large ZIP files: streamed to disk as they come, where Streamlit would keep them in memory.

    uploads/<ticket>             the permission to send one, which only the page that made it knows: JSON that says who has it, how many
                                 bytes come with it, and what the file is called
    uploads/.<ticket>.partial    what has come so far
    uploads/<ticket>.zip         a file that came whole

`zip_box` is the browser's side.
"""

import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from catsdogs.errors import InputError
from catsdogs.sources import allowance
from catsdogs.system import access, clock, files, home, locks, shortage
from catsdogs.system.shortage import DiskFull
from pages.parts.shared import entrance, incoming

PATH = "/receive"
MAX_BYTES = 4 * 10**9
_TICKET = re.compile(r"[0-9a-f]{48}")
_MAX_NAME = 200  # characters
_NAMELESS = "upload.zip"
_LIFETIME = 24 * 3600  # seconds, after which what was sent for a ticket and not fetched is deleted


@dataclass(frozen=True)
class _Ticket:
    by: str
    bytes: int = 0
    name: str = ""


def route() -> Route:
    """`PUT /receive/<ticket>?name=<name>` with the file as its body: 204 once it is on disk, else a status and a sentence."""
    return Route(f"{PATH}/{{ticket}}", _receive, methods=["PUT"])


def open_ticket() -> str:
    """The permission to send one file, for whoever may train; raises access.Refused for others.

    What other pages were sent and left behind a day ago is deleted.
    """
    access.require_training()
    folder = home.subfolder("uploads")
    for path in folder.iterdir():
        with suppress(FileNotFoundError, IsADirectoryError):  # another page may be at it; a folder is none of its files
            if clock.now() - path.stat().st_mtime > _LIFETIME:
                path.unlink()
    ticket = secrets.token_hex(24)  # hex: Streamlit refuses a component whose key has two underscores in a row
    _write(ticket, _Ticket(access.person().name))
    return ticket


def received(ticket: str) -> Path:
    """The file that was sent with the ticket; it may not exist yet."""
    return home.subfolder("uploads") / f"{ticket}.zip"


def name(ticket: str) -> str:
    """What the file that was sent with the ticket is called."""
    return files.read_json(home.subfolder("uploads") / ticket, _Ticket).name or _NAMELESS


def close_ticket(ticket: str) -> None:
    """Delete the file; nothing more can be sent with the ticket."""
    received(ticket).unlink(missing_ok=True)
    (home.subfolder("uploads") / ticket).unlink(missing_ok=True)


async def _receive(request: Request) -> Response:
    if stranger := incoming.stranger(request):
        return PlainTextResponse(stranger, 403)
    ticket = request.path_params["ticket"]
    folder = home.subfolder("uploads")
    if not _TICKET.fullmatch(ticket) or not (folder / ticket).exists():
        return PlainTextResponse("This page is out of date. Reload it, and send the file again.", 403)
    refused = incoming.refusal(request, MAX_BYTES, folder)
    if refused:
        return refused
    try:
        opened = await run_in_threadpool(_reserve, ticket, int(request.headers["content-length"]))
    except InputError as error:
        return PlainTextResponse(str(error), 413)
    partial = folder / f".{ticket}.partial"
    try:
        if not await incoming.write(request, partial):
            return PlainTextResponse("The file arrived incomplete. Send it again.", 400)
        _write(ticket, replace(opened, name=request.query_params.get("name", "")[:_MAX_NAME]))
        partial.replace(received(ticket))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except DiskFull as error:
        return incoming.full(error)
    finally:
        partial.unlink(missing_ok=True)
        if not received(ticket).exists() and (folder / ticket).exists():  # what did not come takes no room
            _write(ticket, replace(opened, bytes=0))
    return Response(status_code=204)


def _reserve(ticket: str, size: int) -> _Ticket:
    """The ticket, on which so many bytes will come. Raises InputError where that is more than whoever has it may still bring.

    What they have sent to other tickets counts as well, until it is unpacked: two tabs may send at once.
    """
    folder, most = home.subfolder("uploads"), entrance.door().limits.data
    with locks.hold(home.folder() / "uploads.lock"):
        tickets = _tickets(folder)
        opened = replace(tickets[ticket], bytes=size)
        others = sum(each.bytes for name, each in tickets.items() if each.by == opened.by and name != ticket)
        have = allowance.used(opened.by) + others if most is not None else 0
        if most is not None and have + size > most:
            raise InputError(
                f"The file has {shortage.size(size)}, and of the {shortage.size(most)} that one person may have here, "
                f"{shortage.size(max(most - have, 0))} are left to you. Delete a data set that you made, or send a smaller file."
            )
        _write(ticket, opened)
    return opened


def _tickets(folder: Path) -> dict[str, _Ticket]:
    found = {}
    for path in folder.iterdir():
        if _TICKET.fullmatch(path.name):
            with suppress(files.Damaged):  # another page has just closed it
                found[path.name] = files.read_json(path, _Ticket)
    return found


def _write(ticket: str, content: _Ticket) -> None:
    files.replace_json(home.subfolder("uploads") / ticket, asdict(content))
