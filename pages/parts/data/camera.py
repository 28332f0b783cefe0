"""Photographs from the camera of the machine in front of the person, filed as cat or dog one by one."""

from pathlib import Path

import streamlit as st

from catsdogs.data import dataset
from catsdogs.errors import InputError
from catsdogs.sources import intake
from pages.parts.shared import chosen_data, names

_NAME, _FOLDER, _SHOT = "Camera", "camera_folder", "camera_shot"  # the latter two in the session
ENOUGH = 10  # of each class, to begin with
_LABELS = {"cats": "It's a cat", "dogs": "It's a dog"}


def show() -> None:
    """Draw the camera, a button for each class, and how many there are of each."""
    folder = st.session_state.get(_FOLDER)
    shot = st.session_state.setdefault(_SHOT, 0)
    picture = st.camera_input("Take a photograph, then say what it is", key=f"camera_{shot}", width=480)
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, text in _LABELS.items():
            st.button(
                text,
                key=f"camera_{label}",
                disabled=picture is None,
                type="primary",
                on_click=_keep,
                args=(label, picture.getvalue() if picture else b""),
            )
        counts = _counts(folder)
        st.markdown(" · ".join(f"**{count}** {label}" for label, count in counts.items()))
    if min(counts.values()) < ENOUGH:
        enough = f"{ENOUGH} of each are enough to begin with the preset *Few photographs*"
        st.caption(f"{enough}; more are better, in different places and light.")
    if min(counts.values()) and st.button("Use these photographs", icon=":material/check:"):
        chosen_data.forget(folder)
        chosen_data.choose(folder)
        del st.session_state[_FOLDER]
        st.rerun()


def _keep(label: str, content: bytes) -> None:
    folder = st.session_state.get(_FOLDER)
    try:
        if folder is None or not folder.is_dir():
            folder = st.session_state[_FOLDER] = intake.create(_NAME)
            dataset.remember(folder)  # offered even if this page is left
        intake.extend(folder, label, content)
    except (InputError, OSError) as error:
        st.toast(names.plain(str(error)), icon=":material/error:")
        return
    st.session_state[_SHOT] += 1  # a fresh camera, ready for the next one


def _counts(folder: Path | None) -> dict[str, int]:
    return {label: len(list((folder / label).glob("*.jpg"))) if folder else 0 for label in _LABELS}
