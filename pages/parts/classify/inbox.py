"""This session's pictures, and the server's own route that takes them: streamed to disk, where they can be answered at once.

`picture_box` is the browser's side, `catsdogs.sources.album` keeps the files. They are deleted a while after the session has ended, unless
its tab comes back as another one: it was reloaded, or the server was restarted.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st
from pydantic import NonNegativeInt, TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit.runtime.scriptrunner import get_script_run_ctx

from catsdogs.sources.album import MAX_BYTES, Album, reopen
from catsdogs.system import access, shortage
from catsdogs.system.shortage import DiskFull
from pages.parts.shared import absence, incoming

PATH = "/pictures"
PATIENCE = 15 * 60  # seconds after which the pictures of a tab that is gone are deleted: phones drop tabs that they don't show
_HEAD_BYTES = 10**6
_CHUNK = 2**20  # bytes
_HEAD = TypeAdapter(list[tuple[str, NonNegativeInt]])
_CLEARED = "album_cleared"  # in the session: the id of the album that was cleared last
_handing_over = threading.RLock()  # an album goes to another session, or is deleted as its own stays away, but not both


@dataclass(frozen=True)
class _Shown:
    """An album, and the session that shows it: its id, and the list of albums that it keeps, in which this is the only one."""

    album: Album
    session: str
    held: list[Album]


def route() -> Route:
    """`PUT /pictures/<id of an album>` with one file or several, pictures or ZIP files, as its body.

    The body is the length of a head, in four bytes, the largest first; the head, in JSON: a list of names and sizes in bytes; and the
    files, one after the other. 204 once each is in the album, or is named there with the reason why not; else a status and a sentence.
    """
    return Route(f"{PATH}/{{id}}", _receive, methods=["PUT"])


def album() -> Album:
    """That of this session; a new one where its pictures were deleted after a day. Raises access.Refused for who has not signed in."""
    access.person()
    held = _held()
    if not held or not held[0].folder.is_dir():
        _release(held)
        _hold(held, Album())
    return held[0]


def find(id: str) -> Album | None:
    """The album of that id, of whichever session."""
    shown = _open().get(id)
    return shown and shown.album


def take_back(id: str) -> bool:
    """Make the album of that id, which this tab had before, this session's; False where it is gone. One in another tab stays there."""
    with _handing_over:
        shown = _open().get(id)
        if shown and absence.is_here(shown.session):
            return True
        found = shown.album if shown else reopen(id)
        if found is None:
            return False
        if shown:
            shown.held.clear()
        held = _held()
        _release(held)
        _hold(held, found)
        return True


def clear() -> None:
    """Delete this session's pictures."""
    held = _held()
    st.session_state[_CLEARED] = held[0].id if held else None
    _release(held)


def cleared() -> str | None:
    """The id of the album that this session has cleared last."""
    return st.session_state.get(_CLEARED)


def _hold(held: list[Album], album: Album) -> None:
    held[:] = [album]
    _open()[album.id] = _Shown(album, get_script_run_ctx().session_id, held)


def _release(held: list[Album]) -> None:
    with _handing_over:
        for each in held:
            _open().pop(each.id, None)
            each.delete()
        held.clear()


def _held() -> list[Album]:
    """The session's album, once there is one."""
    return absence.keep("album", list, _release, PATIENCE)


@cache  # not Streamlit's, which whoever reaches the server can have cleared
def _open() -> dict[str, _Shown]:
    """All sessions' albums, by their ids."""
    return {}


async def _receive(request: Request) -> Response:
    opened = find(request.path_params["id"])
    if opened is None:
        return PlainTextResponse("This page is out of date. Reload it, and send the pictures again.", 403)
    refused = incoming.refusal(request, MAX_BYTES, opened.folder)
    if refused:
        return refused
    file = opened.new_file()
    try:
        if not await incoming.write(request, file):
            return PlainTextResponse("It arrived incomplete.", 400)
        await run_in_threadpool(_add_each, opened, file)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except ValueError:
        return PlainTextResponse("It is not what this page sends.", 400)
    except FileNotFoundError:  # the album was cleared meanwhile
        return PlainTextResponse("The pictures were cleared.", 410)
    except DiskFull as error:
        return incoming.full(error)
    finally:
        with suppress(FileNotFoundError):
            file.unlink()
    return Response(status_code=204)


def _add_each(opened: Album, file: Path) -> None:
    """Add the files that a body has. Raises ValueError where it is none, DiskFull, and as `Album.add` does."""
    with file.open("rb") as body, shortage.explained(opened.folder, "what was sent", file.stat().st_size):
        length = int.from_bytes(body.read(4))
        if length > _HEAD_BYTES:
            raise ValueError
        for name, size in _HEAD.validate_json(body.read(length)):
            part, left = opened.new_file(), size
            try:
                with part.open("wb") as written:
                    while left and (chunk := body.read(min(left, _CHUNK))):
                        written.write(chunk)
                        left -= len(chunk)
                opened.add(name, part)
            finally:
                part.unlink(missing_ok=True)
