"""Classify: photographs in, answers out, by any stored run."""

import streamlit as st

from catsdogs.analysis import ranking, summaries
from catsdogs.data import images
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from pages.parts.classify import answers
from pages.parts.shared import backend, frame, names, unreadable


def title(run: Run) -> str:
    """A run in the list: its held-out accuracy, what it is, when it was created and on which data."""
    accuracy = summaries.make(run)["test_accuracy"]
    quality = run.state if accuracy is None else f"{accuracy:.1%} held out"
    if run.id == store.SHIPPED:
        return f"{quality} · {names.run(run)} · bundled"
    return f"{quality} · {names.with_seed(run)} · {run.created.astimezone():%d %b, %H:%M:%S} · {names.data_set(run.config.data)}"


def choose() -> Run:
    """The network in the address, else the best one. The address follows the choice."""
    usable = {run.id: run for run in (*store.list_all(), store.load(store.SHIPPED)) if run.model_path.exists()}
    requested = st.query_params.get("model", ranking.best().id)
    if requested not in usable:
        st.warning(
            f"There is no run {names.plain(repr(requested))} with a model; the bundled one is selected.", icon=":material/search_off:"
        )
    ids = list(usable)
    first = ids.index(requested if requested in usable else store.SHIPPED)
    chosen = st.selectbox("Network", ids, index=first, format_func=lambda id: title(usable[id]))
    if chosen != requested:
        st.query_params["model"] = chosen
    return usable[chosen]


frame.heading("Classify", "Cat or dog? Try a network on photographs that it has never seen.")
run = choose()
unreadable.mention()
suffixes = [suffix.removeprefix(".") for suffix in images.SUFFIXES]
uploads = st.file_uploader("Photographs", type=suffixes, accept_multiple_files=True)
backend.prepare(run.id, store.model_version(run))
named = [(upload.name, upload.getvalue()) for upload in uploads] or answers.choose_examples(run)
if not named:
    st.stop()

try:
    with st.spinner("Classifying", show_time=True):
        answered = backend.classify(run, named)
except InputError as error:
    frame.error(error)
    st.stop()
answers.show(answered, [source for _, source in named])
