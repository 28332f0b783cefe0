"""A run to download: as a ZIP file with a script that classifies, for other runtimes (`exporting`), and as a Keras script that trains it
again. What is written here loads Keras.
"""

import streamlit as st

from catsdogs.runs import Run, store
from pages.parts.results import exporting
from pages.parts.shared import backend, names


def show(run: Run) -> None:
    """The buttons."""
    if run.model_path.exists():
        st.download_button(
            "Download",
            lambda: _pack(run),
            file_name=f"{run.id}.zip",
            mime="application/zip",
            icon=":material/download:",
            help="ZIP file: settings, history, model, predictions, and a script that classifies with it",
            on_click="ignore",
        )
        exporting.show(run)
    if st.button("Keras code", icon=":material/code:", help="A script that trains the same network with Keras alone"):
        _show_code(run)


@st.dialog("Keras script of this run", width="large", icon=":material/code:")
def _show_code(run: Run) -> None:
    with st.spinner("Writing the script", show_time=True):
        backend.load()
        from catsdogs.export import script

        code = script.of(run)
    st.caption(f"{names.plain(names.run(run))}. Needs Keras, NumPy and Pillow: `python train.py DIR`.")
    st.download_button("Save as train.py", code, file_name="train.py", mime="text/x-python", icon=":material/save:", on_click="ignore")
    st.code(code, language="python", height=520)


def _pack(run: Run) -> bytes:
    backend.load()
    from catsdogs.export import bundle

    return bundle.make(store.load(run.id))  # which says where somebody has deleted it meanwhile
