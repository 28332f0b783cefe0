"""The server's own route for large ZIP files: streamed to disk as they come, where Streamlit would keep them in memory.

    uploads/<ticket>             the permission to send one, which only the page that made it knows: JSON that says who has it, in which
                                 session, how many bytes come with it, and what the file is called
    uploads/.<ticket>.lock       held by the server until that page is closed
    uploads/.<ticket>.partial    what has come so far; locked while more comes
    uploads/<ticket>.zip         a file that came whole

`zip_box` is the browser's side.
"""

import re
import secrets
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit.runtime.scriptrunner import get_script_run_ctx

from catsdogs.errors import InputError
from catsdogs.sources import allowance
from catsdogs.system import access, clock, files, home, locks, shortage
from catsdogs.system.shortage import DiskFull
from pages.parts.shared import absence, entrance, incoming

PATH = "/receive"
MAX_BYTES = 4 * 10**9
_TICKET = re.compile(r"[0-9a-f]{48}")
_LOCK, _PARTIAL = ".lock", ".partial"
_MAX_NAME = 200  # characters
_NAMELESS = "upload.zip"
_open: dict[str, ExitStack] = {}  # what holds the locks of this process's tickets


class _Closed(Exception):
    """Nothing more can be sent with the ticket: whoever had it has signed out, for instance."""


@dataclass(frozen=True)
class _Ticket:
    by: str
    bytes: int = 0
    name: str = ""
    session: str = ""


def route() -> Route:
    """`PUT /receive/<ticket>?name=<name>` with the file as its body: 204 once it is on disk, else a status and a sentence."""
    return Route(f"{PATH}/{{ticket}}", _receive, methods=["PUT"])


def open_ticket() -> str:
    """The permission to send one file, for whoever may train, until it is closed or this process ends; raises access.Refused for others.

    What was left behind by pages that nobody can come back to, and by a killed server, is deleted.
    """
    access.require_training()
    folder = home.subfolder("uploads")
    with _changing():
        for path in folder.iterdir():
            with suppress(FileNotFoundError, IsADirectoryError):  # another page may be at it; a folder is none of its files
                if _is_left(path):
                    path.unlink()
        ticket = secrets.token_hex(24)  # hex: Streamlit refuses a component whose key has two underscores in a row
        with ExitStack() as opened:
            opened.enter_context(locks.hold(_beside(ticket, _LOCK)))
            _write(ticket, _Ticket(access.person().name, session=_session()))
            _open[ticket] = opened.pop_all()
    return ticket


def _is_left(path: Path) -> bool:
    """Whether nobody will ask for the file: its page's server has ended; or it came no further, and that some time ago."""
    if path.suffix == _PARTIAL:
        return clock.now() - path.stat().st_mtime > incoming.QUIET and not locks.is_held(path)
    return not locks.is_held(_beside(path.name.lstrip(".").partition(".")[0], _LOCK))


def is_open(ticket: str) -> bool:
    """Whether something can be sent with the ticket."""
    return (home.subfolder("uploads") / ticket).exists()


def received(ticket: str) -> Path:
    """The file that was sent with the ticket; it may not exist yet."""
    return home.subfolder("uploads") / f"{ticket}.zip"


def name(ticket: str) -> str:
    """What the file that was sent with the ticket is called."""
    return files.read_json(home.subfolder("uploads") / ticket, _Ticket).name or _NAMELESS


def close_ticket(ticket: str) -> None:
    """Delete the file; nothing more can be sent with the ticket."""
    with _changing():
        _close(ticket)


def _close(ticket: str) -> None:
    for path in (home.subfolder("uploads") / ticket, received(ticket), _beside(ticket, _LOCK)):
        path.unlink(missing_ok=True)
    if lock := _open.pop(ticket, None):
        lock.close()


async def _receive(request: Request) -> Response:
    ticket = request.path_params["ticket"]
    if not _TICKET.fullmatch(ticket) or not is_open(ticket):
        return _outdated()
    refused = incoming.refusal(request, MAX_BYTES, home.subfolder("uploads"))
    if refused:
        return refused
    try:
        opened, held = await run_in_threadpool(_reserve, ticket, int(request.headers["content-length"]))
    except _Closed:
        return _outdated()
    except locks.Taken:
        return PlainTextResponse("This page is still sending a file. Wait a minute, then send this one again.", 409)
    except InputError as error:
        return PlainTextResponse(str(error), 413)
    partial = _beside(ticket, _PARTIAL)
    try:
        if not await incoming.write(request, partial):
            return PlainTextResponse("The file arrived incomplete. Send it again.", 400)
        await run_in_threadpool(_take, ticket, replace(opened, name=request.query_params.get("name", "")[:_MAX_NAME]))
    except _Closed:
        return _outdated()
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except DiskFull as error:
        return incoming.full(error)
    finally:
        held.close()
    return Response(status_code=204)


def _outdated() -> Response:
    return PlainTextResponse("This page is out of date. Reload it, and send the file again.", 403)


def _reserve(ticket: str, size: int) -> tuple[_Ticket, ExitStack]:
    """The ticket, on which so many bytes will come, and what to close once they came, or won't.

    Raises _Closed, InputError where that is more than whoever has it may still bring, and locks.Taken where a file is still coming on it.
    """
    with ExitStack() as coming, _changing():
        partial = _beside(ticket, _PARTIAL)
        coming.enter_context(locks.hold(partial, patience=1))  # after Stop, the one before may be about to end
        coming.callback(partial.unlink, missing_ok=True)
        tickets = _tickets(home.subfolder("uploads"))
        if ticket not in tickets:
            raise _Closed
        opened = replace(tickets.pop(ticket), bytes=size)
        if (most := entrance.settings().limits.data) is not None:
            _require_room(size, most, allowance.used(opened.by), {name: each for name, each in tickets.items() if each.by == opened.by})
        _write(ticket, opened)
        return opened, coming.pop_all()


def _require_room(size: int, most: int, made: int, others: dict[str, _Ticket]) -> None:
    """Raises InputError where somebody who made so many bytes of data sets may not bring these as well.

    What they have sent with the other tickets counts, until it is unpacked: two tabs may send at once. But where it is in the way and was
    sent from a page that has been closed or reloaded since, it is deleted.
    """
    sent = {name: each.bytes for name, each in others.items() if _is_sent(name)}
    for name in [name for name in sent if _is_abandoned(name, others[name])]:
        if made + sum(sent.values()) + size > most:
            _close(name)
            del sent[name]
    left = max(most - made - sum(sent.values()), 0)
    if size <= left:
        return
    advice = "Send a smaller file."
    if size <= most - made:
        taken = shortage.size(sum(sent.values()))
        advice = f"What you have sent in another tab takes {taken} until it is a data set: finish that first, or send a smaller file."
    elif size <= most:
        advice = "Delete a data set that you made, or send a smaller file."
    raise InputError(
        f"The file takes {shortage.size(size)}, and of the {shortage.size(most)} that one person may have here, "
        f"you have {shortage.size(left)} left. {advice}"
    )


def _take(ticket: str, content: _Ticket) -> None:
    """Keep the file, which came whole. Raises _Closed."""
    with _changing():
        if not (home.subfolder("uploads") / ticket).exists():
            raise _Closed
        _write(ticket, content)
        _beside(ticket, _PARTIAL).replace(received(ticket))


def _is_sent(ticket: str) -> bool:
    """Whether a file came on it, or is coming: not, once its connection broke off or the server was killed."""
    return locks.is_held(_beside(ticket, _PARTIAL)) or received(ticket).exists()


def _is_abandoned(ticket: str, content: _Ticket) -> bool:
    """Whether the file came whole, and no browser shows the page any more to which it came."""
    is_coming = locks.is_held(_beside(ticket, _PARTIAL))
    return ticket in _open and not is_coming and bool(content.session) and not absence.is_here(content.session)


def _session() -> str:
    """The id of the session that asks; "" where none does."""
    asking = get_script_run_ctx()
    return asking.session_id if asking else ""


def _beside(ticket: str, suffix: str) -> Path:
    return home.subfolder("uploads") / f".{ticket}{suffix}"


def _changing() -> AbstractContextManager:
    """Held while tickets are given out, used or closed."""
    return locks.hold(home.folder() / "uploads.lock")


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
