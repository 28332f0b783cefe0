"""Photographs from the camera of the machine in front of the person, filed as cat or dog one by one."""

import re
from datetime import datetime
from pathlib import Path

import streamlit as st

from catsdogs.sources import intake, library
from pages.parts.shared import chosen_data, frame, names, uploads

_NAME = "Camera"
_FOLDER, _SHOT = "camera_folder", "camera_shot"  # in the session; the folder is missing until it is chosen, and None for a new one
ENOUGH = 10  # of each class, to begin with
_LABELS = {"cats": "It's a cat", "dogs": "It's a dog"}
_HERE = re.compile(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/]")  # where browsers have a camera for a page
_MOST = 3  # data sets that are offered to go on with


def show() -> None:
    """Draw the camera; where data sets of earlier photographs are there, first the choice whether to go on with one of them."""
    if st.context.url and not _HERE.match(st.context.url):
        st.info(
            "Browsers let a page use the camera over HTTPS and on localhost only. Choose **Upload**, then **Two boxes**, instead: on a "
            "phone, each box offers the camera as well.",
            icon=":material/no_photography:",
        )
        return
    if _FOLDER not in st.session_state and (earlier := _earlier()):
        _offer(earlier)
    else:
        _show_camera(st.session_state.get(_FOLDER))


def _show_camera(folder: Path | None) -> None:
    """Draw the camera, a button for each class, and how many there are of each."""
    shot = st.session_state.setdefault(_SHOT, 0)
    picture = st.camera_input("Take a photograph, then say what it is", key=f"camera_{shot}", width=480)
    counts = _counts(folder)
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, text in _LABELS.items():
            st.button(
                text,
                key=f"camera_{label}",
                disabled=picture is None,
                type=chosen_data.emphasis(),
                on_click=_keep,
                args=(label, picture.getvalue() if picture else b""),
            )
        st.markdown(f"**{_in_words(counts)}**")
    if min(counts.values()) < ENOUGH:
        enough = f"{ENOUGH} of each are enough to begin with the preset *Few photographs*"
        st.caption(
            f"{enough}; more are better, in different places and light. For anything but cats and dogs, choose **Upload**, **Two boxes**."
        )
    if min(counts.values()) and st.button("Use these photographs", icon=":material/check:"):
        chosen_data.choose(folder)
        del st.session_state[_FOLDER]
        st.rerun()


def _offer(earlier: list[Path]) -> None:
    """Ask which data set the photographs are for: an earlier one or a new one."""
    st.markdown("Add to photographs you took earlier, or start a new data set.")
    for folder in earlier[:_MOST]:
        summary = f"{names.data_set(folder)} · {_in_words(_counts(folder))} · {datetime.fromtimestamp(_latest(folder)):%d %b, %H:%M}"
        st.button(
            names.plain(summary),
            key=f"camera_on_{folder.name}",
            type=chosen_data.emphasis() if folder == earlier[0] else "secondary",
            icon=":material/photo_camera:",
            on_click=_go_on,
            args=(folder,),
        )
    st.button("Start a new data set", key="camera_new", icon=":material/add:", on_click=_go_on, args=(None,))


def _go_on(folder: Path | None) -> None:
    st.session_state[_FOLDER] = folder
    if folder:
        chosen_data.choose(folder)


def _keep(label: str, content: bytes) -> None:
    folder = st.session_state.get(_FOLDER)
    with frame.toasted():
        if folder is None or not folder.is_dir():
            folder = st.session_state[_FOLDER] = intake.create(_NAME)
        intake.extend(folder, label, content)
        if all(_counts(folder).values()):
            chosen_data.choose(folder)  # what is below the camera, and trained on next, is then what it took
        chosen_data.forget(folder)
        st.session_state[_SHOT] += 1  # a fresh camera, ready for the next one
        uploads.forget()


def _earlier() -> list[Path]:
    """The data sets that this person took photographs for, the latest first."""
    return sorted((folder for folder in library.growing() if any(_counts(folder).values())), key=_latest, reverse=True)


def _latest(folder: Path) -> float:
    """When the last photograph came, in seconds."""
    return max(path.stat().st_mtime for path in folder.iterdir())


def _counts(folder: Path | None) -> dict[str, int]:
    return {label: len(list((folder / label).glob("*.jpg"))) if folder else 0 for label in _LABELS}


def _in_words(counts: dict[str, int]) -> str:
    return " · ".join(names.counted(count, label.removesuffix("s")) for label, count in counts.items())
