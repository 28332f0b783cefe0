"""Classify: photographs in, answers out, by any stored run."""

import streamlit as st

from catsdogs.analysis import ranking, summaries
from catsdogs.data import formats
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from pages.parts.classify import answers
from pages.parts.shared import backend, frame, names, unreadable

_CHOSEN = "network"  # in the session: the id of the one that was chosen last


def title(run: Run) -> str:
    """A run in the list: its held-out accuracy, what it is, when it was created and on which data."""
    accuracy = summaries.make(run)["test_accuracy"]
    quality = run.state if accuracy is None else f"{accuracy:.1%} held out"
    if run.id == store.SHIPPED:
        return f"{quality} · {names.run(run)} · bundled"
    return f"{quality} · {names.with_seed(run)} · {run.created.astimezone():%d %b, %H:%M:%S} · {names.data_set(run.config.data)}"


def choose() -> Run:
    """The network in the address, else the one chosen last in this session, else the default one. The address follows the choice."""
    default = ranking.default()
    usable = {run.id: run for run in (default.run, *store.list_all(), store.load(store.SHIPPED)) if run.model_path.exists()}
    requested = st.query_params.get("model", st.session_state.get(_CHOSEN, default.run.id))
    if requested not in usable:
        if "model" in st.query_params:
            asked = names.plain(repr(requested))
            st.warning(f"There is no run {asked} with a model; the default one is selected.", icon=":material/search_off:")
        requested = default.run.id
    ids = list(usable)
    chosen = st.selectbox("Network", ids, index=ids.index(requested), format_func=lambda id: title(usable[id]))
    st.caption(explain(default))
    if chosen != st.query_params.get("model", default.run.id):
        st.query_params["model"] = chosen
    if "model" in st.query_params:  # chosen here or by the link that led here, not by default
        st.session_state[_CHOSEN] = chosen
    return usable[chosen]


def explain(default: ranking.Default) -> str:
    """Which network is the default one, and why."""
    if default.difference is None:
        return "The default is the bundled network. Another takes its place once Results has shown it to be better on real photographs."
    points = f"{100 * default.difference.mean:.1f} ± {100 * default.difference.half_width:.1f} points"
    name, data = names.plain(names.with_seed(default.run)), names.plain(names.data_set(default.data))
    photographs = f"the {names.counted(default.difference.count, 'photograph')} of {data} that neither learned from"
    return f"The default is {name}: on {photographs}, it was right more often than the bundled network, by {points}."


frame.heading("Classify", "Cat or dog? Try a network on photographs that it has never seen.")
run = choose()
unreadable.mention()
suffixes = [suffix.removeprefix(".") for suffix in formats.SUFFIXES]
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
answers.show(run, answered, [source for _, source in named])
