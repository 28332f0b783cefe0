"""Where the data set comes from. Whichever way it came, it becomes the chosen one."""

import streamlit as st

from catsdogs.data import known_folders
from catsdogs.system import access
from pages.parts.data import camera, download, server_folder, upload
from pages.parts.shared import allowance, chosen_data, uploads

_DRAWN, _UPLOAD, _CAMERA, _DOWNLOAD, _FOLDER, _KNOWN = "Drawn", "Upload", "Camera", "Download", "Folder on the server", "Used before"


def show() -> None:
    """Draw the choice of a source, and below it what that source needs."""
    sources = {
        _DRAWN: server_folder.choose_drawn,
        _UPLOAD: upload.show,
        _CAMERA: camera.show,
        _DOWNLOAD: download.show,
    }
    if access.person().roots != ():  # else nobody may open any
        sources[_FOLDER] = server_folder.choose_folder
    if known_folders.load():
        sources[_KNOWN] = lambda: chosen_data.pick(is_elsewhere=False)
    with st.container(border=True):
        source = st.pills(  # which wrap on a phone; there are too many for a segmented control
            "Source",
            list(sources),
            default=_DRAWN,
            required=True,
            key="source",
            on_change=uploads.forget,
            persist_state="session",
            label_visibility="collapsed",
        )
        sources[source]()
        allowance.show_data()
