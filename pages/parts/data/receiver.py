"""The server's own route for large ZIP files: streamed to disk as they come, where Streamlit would keep them in memory.

    uploads/<ticket>             the permission to send one, which only the page that made it knows: JSON that says who has it, how many
                                 bytes come with it, and what the file is called
    uploads/.<ticket>.partial    what has come so far; locked while more comes
    uploads/<ticket>.zip         a file that came whole

`zip_box` is the browser's side.
"""

import re
import secrets
from contextlib import ExitStack, suppress
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
_PARTIAL = ".partial"
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

    What other pages were sent and left behind a day ago is deleted, and at once what a killed server left of a file.
    """
    access.require_training()
    folder = home.subfolder("uploads")
    for path in folder.iterdir():
        with suppress(FileNotFoundError, IsADirectoryError):  # another page may be at it; a folder is none of its files
            age = clock.now() - path.stat().st_mtime
            if age > _LIFETIME or (path.suffix == _PARTIAL and age > incoming.QUIET and not locks.is_held(path)):
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
        opened, held = await run_in_threadpool(_reserve, ticket, int(request.headers["content-length"]))
    except locks.Taken:
        return PlainTextResponse("A file is still coming from this page. Wait a minute, then send it again.", 409)
    except InputError as error:
        return PlainTextResponse(str(error), 413)
    partial = _partial(ticket)
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
        held.close()
    return Response(status_code=204)


def _reserve(ticket: str, size: int) -> tuple[_Ticket, ExitStack]:
    """The ticket, on which so many bytes will come, and what to close once they came, or won't.

    Raises InputError where that is more than whoever has it may still bring, and locks.Taken where a file is still coming on it. What they
    have sent to other tickets counts as well, until it is unpacked: two tabs may send at once.
    """
    folder, most = home.subfolder("uploads"), entrance.settings().limits.data
    with ExitStack() as coming, locks.hold(home.folder() / "uploads.lock"):
        partial = _partial(ticket)
        coming.enter_context(locks.hold(partial, patience=1))  # after Stop, the one before may be about to end
        coming.callback(partial.unlink, missing_ok=True)
        tickets = _tickets(folder)
        opened = replace(tickets[ticket], bytes=size)
        others = sum(each.bytes for name, each in tickets.items() if each.by == opened.by and name != ticket and _is_sent(name))
        have = allowance.used(opened.by) + others if most is not None else 0
        if most is not None and have + size > most:
            raise InputError(
                f"The file has {shortage.size(size)}, and of the {shortage.size(most)} that one person may have here, "
                f"{shortage.size(max(most - have, 0))} are left to you. Delete a data set that you made, or send a smaller file."
            )
        _write(ticket, opened)
        return opened, coming.pop_all()


def _is_sent(ticket: str) -> bool:
    """Whether a file came on it, or is coming: not, once its connection broke off or the server was killed."""
    return locks.is_held(_partial(ticket)) or received(ticket).exists()


def _partial(ticket: str) -> Path:
    return home.subfolder("uploads") / f".{ticket}{_PARTIAL}"


def _tickets(folder: Path) -> dict[str, _Ticket]:
    found = {}
    for path in folder.iterdir():
        if _TICKET.fullmatch(path.name):
            with suppress(files.Damaged):  # another page has just closed it
                found[path.name] = files.read_json(path, _Ticket)
    return found


def _write(ticket: str, content: _Ticket) -> None:
    folder = home.subfolder("uploads")
    with shortage.explained(folder, "what is sent"):  # not by the name of the ticket, which says nothing to people
        files.replace_json(folder / ticket, asdict(content))
