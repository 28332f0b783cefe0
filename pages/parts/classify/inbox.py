"""This session's pictures, and the server's own route that takes them: streamed to disk, where they can be answered at once.

`picture_box` is the browser's side, `catsdogs.sources.album` keeps the files. They are deleted when the session ends.
"""

from contextlib import suppress

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from catsdogs.sources.album import MAX_BYTES, MAX_NAME, Album
from pages.parts.shared import incoming

PATH = "/pictures"


def route() -> Route:
    """`PUT /pictures/<id of an album>?name=...` with a picture or a ZIP file as its body.

    204 once it is in the album, or is named there with the reason why not; else a status and a sentence.
    """
    return Route(f"{PATH}/{{id}}", _receive, methods=["PUT"])


def album() -> Album:
    """That of this session; a new one where its pictures were deleted after a day."""
    held = _held()
    if not held or not held[0].folder.is_dir():
        _release(held)
        held[:] = [Album()]
        _open()[held[0].id] = held[0]
    return held[0]


def find(id: str) -> Album | None:
    """The album of that id, of whichever session."""
    return _open().get(id)


def clear() -> None:
    """Delete this session's pictures."""
    _release(_held())


def _release(held: list[Album]) -> None:
    for each in held:
        _open().pop(each.id, None)
        each.delete()
    held.clear()


@st.cache_resource(scope="session", on_release=_release, show_spinner=False)
def _held() -> list[Album]:
    """The session's album, once there is one."""
    return []


@st.cache_resource(show_spinner=False)
def _open() -> dict[str, Album]:
    """All sessions' albums, by their ids."""
    return {}


async def _receive(request: Request) -> Response:
    opened = find(request.path_params["id"])
    if opened is None:
        return PlainTextResponse("This page is out of date. Reload it, and send the pictures again.", 403)
    name = request.query_params.get("name", "")[:MAX_NAME] or "picture"
    refused = incoming.refusal(request, MAX_BYTES, opened.folder)
    if refused:
        return refused
    file = opened.new_file()
    try:
        if not await incoming.write(request, file):
            return PlainTextResponse("It did not come whole.", 400)
        await run_in_threadpool(opened.add, name, file)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except FileNotFoundError:  # the album was cleared meanwhile
        return PlainTextResponse("The pictures were cleared.", 410)
    finally:
        with suppress(FileNotFoundError):
            file.unlink()
    return Response(status_code=204)
