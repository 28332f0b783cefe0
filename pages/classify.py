"""Classify: pictures in, answers out, by any stored run."""

from pathlib import Path

import streamlit as st

from catsdogs import images, runs, summaries
from catsdogs.errors import InputError
from catsdogs.runs import Run
from pages.parts import answers, backend, frame, listings, names

frame.require_app()


def title(run: Run) -> str:
    """A run in the list: what it is, what it was trained on, and how good it is on photographs that it never saw."""
    accuracy = summaries.make(run)["test_accuracy"]
    said = f"{accuracy:.1%} held out" if accuracy is not None else run.state
    trained_on = "comes with the application" if run.id == runs.SHIPPED else listings.name(Path(run.config.data))
    return f"{said} · {names.run(run)} · {trained_on}"


frame.heading("Classify", "Cat or dog? Give it pictures that it has never seen.")

usable = {run.id: run for run in (*runs.list_all(), runs.load(runs.SHIPPED)) if run.model_path.exists()}
ids = list(usable)
chosen = st.selectbox(
    "Network", ids, index=ids.index(summaries.best().id), format_func=lambda id: title(usable[id]), key="model", bind="query-params"
)
uploads = st.file_uploader("Pictures", type=[suffix[1:] for suffix in images.SUFFIXES], accept_multiple_files=True)
backend.prepare(chosen, runs.model_version(usable[chosen]))
pictures = [(upload.name, upload.getvalue()) for upload in uploads] or answers.choose_examples(usable[chosen])
if not pictures:
    st.stop()

try:
    with st.spinner("Looking at them", show_time=True):
        answered = backend.classify(usable[chosen], pictures)
except InputError as error:
    st.error(str(error), icon=":material/error:")
    st.stop()
answers.show(answered, [source for _, source in pictures])
