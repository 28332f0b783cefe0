"""Photographs from the person's own machine: a ZIP file, a folder, or files dropped into a box for each class."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import streamlit as st

from catsdogs.data import formats, roles
from catsdogs.errors import InputError
from catsdogs.sources import intake, library
from catsdogs.sources.intake import Added
from catsdogs.system.reports import Report
from pages.parts.data import zip_box
from pages.parts.data.zip_box import Sent
from pages.parts.shared import chosen_data, frame, names, uploads

_ZIP, _FOLDER, _BOXES = "ZIP file", "Folder", "Two boxes"
_TYPES = [suffix.removeprefix(".") for suffix in formats.SUFFIXES]
_LIMITS = (  # Streamlit's box tells why only while the mouse is on the file, and what is too much by a number alone
    "For more than 1 GB, upload a single ZIP file. Do so too if a file turns red with 413 or 503: the server can't hold any more, and "
    "files in red were not uploaded."
)
_PROBLEM = "upload_problem"  # in the session: why the file that was just sent is refused
_BATCH = "upload_batch"  # in the session; another number gives fresh boxes


def show() -> None:
    """Draw the three ways to upload, first the one that suits the machine. What comes is copied into a data set of its own."""
    default = _BOXES if frame.is_phone() else _ZIP  # phones have photographs, hardly ever a ZIP file
    look = {"default": default, "on_change": uploads.forget, "persist_state": "session"}
    way = frame.switch("Way", (_ZIP, _FOLDER, _BOXES), "upload_way", **look)
    batch = st.session_state.setdefault(_BATCH, 0)
    if way == _ZIP:
        _show_zip()
    elif way == _FOLDER:
        _show_folder(batch)
    else:
        _show_boxes(batch)


def _show_zip() -> None:
    try:
        sent = zip_box.show()
    except (InputError, OSError) as error:  # a full disk, which must not keep the rest of the page from being shown
        frame.error(error)
        return
    st.caption("Any layout will do: `cats/` and `dogs/`, `train/` and `validation/`, `cat.0.jpg`. You will see how it was read.")
    if problem := st.session_state.pop(_PROBLEM, None):
        frame.error(problem)
    if sent:
        try:
            _make("Unpacking", lambda report: _unpack(sent, report))
        except InputError as error:
            st.session_state[_PROBLEM] = str(error)
        st.rerun()


def _unpack(sent: Sent, report: Report) -> Added:
    """Empties the box as soon as it is over, however it ended: only a click, which interrupts `report`, has the next run begin it anew."""
    try:
        added = intake.add_archive(sent.path, library.fitting_name(Path(sent.name).stem), report, called=sent.name)
    except Exception:
        zip_box.empty()
        raise
    zip_box.empty()
    return added


def _show_folder(batch: int) -> None:
    files = st.file_uploader("Folder of photographs", accept_multiple_files="directory", type=_TYPES, key=f"upload_folder_{batch}")
    st.caption(f"Folder names become class names. {_LIMITS}")
    look = {"type": chosen_data.emphasis(), "icon": ":material/upload:", "key": "make_of_folder"}
    if files and st.button(f"Make a data set of {names.counted(len(files), 'file')}", **look):
        top = library.fitting_name(PurePosixPath(files[0].name).parts[0])
        with frame.reported():
            _make("Writing", lambda report: intake.add_files([(file.name, file.getvalue()) for file in files], top, report))
            st.rerun()


def _show_boxes(batch: int) -> None:
    boxes = {}
    for given, which, column in zip(("cats", "dogs"), ("First", "Second"), st.columns(2), strict=True):
        label = library.fitting_name(
            column.text_input(f"{which} class", given, key=f"upload_class_{given}", max_chars=40).replace("/", " ")
        )
        title = f"Photographs of {names.plain(label)}"
        dropped = column.file_uploader(title, accept_multiple_files=True, type=_TYPES, key=f"upload_{given}_{batch}")
        if dropped:
            column.caption(f"{names.counted(len(dropped), 'file')} here.")
        boxes[label] = boxes.get(label, []) + dropped
    name = st.text_input("Name of the data set", "My photographs", key="upload_name", max_chars=80, width=320)
    files = [(f"{label}/{PurePosixPath(file.name).name}", file.getvalue()) for label, dropped in boxes.items() for file in dropped]
    are_two = len(set(map(roles.key, boxes))) == 2
    is_ready = are_two and all(boxes.values())
    look = {"type": chosen_data.emphasis(), "icon": ":material/upload:", "key": "make_of_boxes", "disabled": not is_ready}
    if st.button("Make a data set", **look):
        with frame.reported():
            _make("Writing", lambda report: intake.add_files(files, name, report))
            st.rerun()
    if not are_two:
        st.warning("Both boxes are named after the same class. Rename one of them.", icon=":material/edit:")
    if not all(boxes.values()):
        st.caption("Add some photographs to each box; a phone offers its camera, too. For anything but cats and dogs, change the classes.")
    st.caption(_LIMITS)


def _make(text: str, make: Callable[[Report], Added]) -> None:
    """Make a data set, choose it, and empty the boxes for the next run; where it is refused, what is in them stays."""
    with chosen_data.progress(text) as report:
        added = make(report)
        chosen_data.forget(added.folder)  # an earlier one may have lain there
        chosen_data.adopt(added.folder, added)
        st.session_state[_BATCH] += 1  # all of this before the bar goes, which a click may interrupt
        uploads.forget()
