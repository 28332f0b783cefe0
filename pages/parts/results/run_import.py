"""Imports runs from the ZIP files that they were downloaded as; what is accepted is up to `export.run_import`."""

import tempfile
from pathlib import Path

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.system import access, shortage
from pages.parts.results import selection
from pages.parts.shared import backend, frame, names, undo, uploads

_ABOUT = (
    "ZIP files saved with *Download*, here or on another server. Import only files from people you trust. "
    "For larger ones, run `python -m catsdogs import-run FILE.zip` on the server."
)
_BATCH = "returning_batch"  # in the session; another number gives an empty box
_PROBLEMS, _BROUGHT = "returning_problems", "returning_brought"  # in the session: what the next drawing says


def show() -> None:
    """The button that opens the box for ZIP files. The runs that they hold are selected afterwards."""
    batch = st.session_state.setdefault(_BATCH, 0)
    look = {"icon": ":material/upload_file:", "key": f"run_import-{batch}", "disabled": access.looks_only()}
    with st.popover("Import runs", **look):
        files = st.file_uploader("ZIP files of runs", type="zip", accept_multiple_files=True, key=f"returning_files_{batch}")
        st.caption(_ABOUT)
        if st.button("Import", type="primary", icon=":material/upload_file:", disabled=not files, key="returning_import"):
            with st.spinner("Reading the files", show_time=True):
                _bring(files)
            st.rerun()


def tell() -> None:
    """What became of the files of the last click."""
    for problem in st.session_state.pop(_PROBLEMS, []):
        frame.error(problem)
    if brought := st.session_state.pop(_BROUGHT, 0):
        st.toast(f"{names.counted(brought, 'run')} imported.", icon=":material/check:")


def _bring(files: list) -> None:
    brought, problems = [], []
    for file in files:
        try:
            with tempfile.NamedTemporaryFile(suffix=".zip") as kept:
                path = Path(kept.name)
                with shortage.explained(path, file.name, file.size):
                    path.write_bytes(file.getbuffer())
                brought.append(backend.import_run(path, file.name).id)
            undo.replace(brought[-1])
        except InputError as error:
            problems.append(str(error))
    if brought:
        selection.choose(brought)
    st.session_state[_PROBLEMS], st.session_state[_BROUGHT] = problems, len(brought)
    st.session_state[_BATCH] += 1
    uploads.forget()
