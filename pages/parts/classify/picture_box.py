"""The box for pictures: chosen, dropped, a folder of them, a ZIP file, pasted, or taken by a phone's camera.

The browser sends each to `inbox`'s route as soon as it is chosen, so that the first are answered while the last are still coming.
"""

import streamlit as st

from catsdogs.data import formats
from catsdogs.sources.album import Album
from catsdogs.system import access
from pages.parts.classify import inbox
from pages.parts.shared import component

_ACCEPTED = (*formats.SUFFIXES, *formats.OTHER_SUFFIXES, ".zip")  # those that can't be decoded are named with the reason


def show(album: Album) -> bool:
    """Draw the box; whether pictures are still being sent. What the browser could not send is left out of the album, with the reason.

    The browser keeps the album's id for the tab, and gives it to the next session of that tab, which takes the pictures back.
    """
    key = f"picture_box_{album.id[:8]}"
    result = component.load(__file__)(
        key=key,
        data={
            "path": f"{inbox.PATH}/{album.id}",
            "room": album.room,
            "accept": _ACCEPTED,
            "id": album.id,
            "is_begun": bool(album.pictures or album.left_out),
            "cleared": inbox.cleared(),
            "person": access.person().name,
        },
        default={"sending": False},
        on_sending_change=lambda: None,
        on_unsent_change=lambda: None,
        on_before_change=lambda: _take_back(str(st.session_state[key].before)),
    )
    for name, reason in result.unsent or ():
        album.leave_out(str(name), str(reason))
    return bool(result.sending)


def _take_back(id: str) -> None:
    if not inbox.take_back(id):
        st.toast("Your pictures were deleted while you were away. Send them again.", icon=":material/delete:", duration="long")
