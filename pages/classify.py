"""Classify: pictures in, answers out, by any stored run."""

from pathlib import Path

import streamlit as st

from catsdogs.analysis import ranking, summaries
from catsdogs.data import images
from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.runs.store import Run
from pages.parts.classify import answers
from pages.parts.shared import backend, frame, listings, names


def title(run: Run) -> str:
    """A run in the list: how good it is on photographs that it never saw, what it is, when it was made, and what it was trained on."""
    accuracy = summaries.make(run)["test_accuracy"]
    said = f"{accuracy:.1%} held out" if accuracy is not None else run.state
    if run.id == store.SHIPPED:
        return f"{said} · {names.run(run)} · comes with the application"
    return f"{said} · {names.with_seed(run)} · {run.created.astimezone():%d %b, %H:%M:%S} · {listings.name(Path(run.config.data))}"


def choose() -> Run:
    """The network, at first the one that the address names, else the best one. The address follows the choice."""
    usable = {run.id: run for run in (*store.list_all(), store.load(store.SHIPPED)) if run.model_path.exists()}
    wanted = st.query_params.get("model", ranking.best().id)
    if wanted not in usable:
        st.warning(f"There is no run {wanted!r} with a model; another one is chosen.", icon=":material/search_off:")
    ids = list(usable)
    first = ids.index(wanted if wanted in usable else store.SHIPPED)
    chosen = st.selectbox("Network", ids, index=first, format_func=lambda id: title(usable[id]))
    if chosen != wanted:
        st.query_params["model"] = chosen
    return usable[chosen]


frame.heading("Classify", "Cat or dog? Give it pictures that it has never seen.")
run = choose()
uploads = st.file_uploader("Pictures", type=[suffix[1:] for suffix in images.SUFFIXES], accept_multiple_files=True)
backend.prepare(run.id, store.model_version(run))
pictures = [(upload.name, upload.getvalue()) for upload in uploads] or answers.choose_examples(run)
if not pictures:
    st.stop()

try:
    with st.spinner("Looking at them", show_time=True):
        answered = backend.classify(run, pictures)
except InputError as error:
    st.error(str(error), icon=":material/error:")
    st.stop()
answers.show(answered, [source for _, source in pictures])
