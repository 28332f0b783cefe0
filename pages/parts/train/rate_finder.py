"""Find a learning rate: a button beside it in the form, and the dialog in which a range test runs and its curve is shown."""

import streamlit as st

from catsdogs.analysis import learning_rates
from catsdogs.analysis.learning_rates import RangeTest
from catsdogs.data import split
from catsdogs.data.dataset import Listing
from catsdogs.figures import learning_rates as curve
from catsdogs.networks import pretrained
from catsdogs.queue import range_tests
from catsdogs.runs import store
from catsdogs.settings import Config
from catsdogs.settings import config as configs
from pages.parts.shared import chart, chosen_data, frame, names

_EVERY = 0.5  # seconds
_ASKED = "find_rate"  # the button
_TEST = "range_test"  # in the session, as long as the dialog is open: the test that it shows


def offer() -> None:
    """The button, for the form. What it does takes the whole form: `answer`."""
    about = "Tries higher and higher learning rates for less than a minute and shows where the loss falls and where it rises."
    st.button("Find a rate", icon=":material/search_insights:", type="tertiary", key=_ASKED, help=about)


def answer(filled: dict, listing: Listing | None) -> None:
    """Where the button was pressed, start a test of these settings; and show the dialog until it is closed."""
    if st.session_state.get(_ASKED):
        _start(filled, listing)
    if _TEST in st.session_state:
        _show()


def _start(filled: dict, listing: Listing | None) -> None:
    if listing is None:
        st.toast("Finding a learning rate needs photographs: draw a data set first.", icon=":material/info:")
        return
    _close()
    with frame.reported():
        config = configs.change(Config(), **{**filled, "learning_rate": None}, data=str(chosen_data.folder()))
        split.make(listing, config)
        st.session_state[_TEST] = range_tests.start(pretrained.settle(config))


def _close() -> None:
    """End the test, if there is one."""
    if _TEST in st.session_state:
        range_tests.cancel(st.session_state.pop(_TEST))


@st.dialog("Find a learning rate", width="large", icon=":material/search_insights:", on_dismiss=_close)
def _show() -> None:
    st.caption("Trains a new network with the form's settings while the learning rate grows with every batch. The network is not kept.")
    status = st.session_state[_TEST].status
    if "found" in status:
        _tell(learning_rates.from_json(status["found"]))
    elif "error" in status:
        frame.error(status["error"])
    else:
        _follow()
        if any(run.state in store.AT_WORK for run in store.list_all()):
            st.caption(":material/info: A run is being trained at the same time, so this takes longer than a minute.")
        if st.button("Cancel", icon=":material/close:", key="find_rate_cancel"):
            _close()
            st.rerun()


@st.fragment(run_every=_EVERY)
def _follow() -> None:
    status = st.session_state[_TEST].status if _TEST in st.session_state else {}
    if {"found", "error"} & status.keys():
        st.rerun()
    st.progress(status.get("done", 0) / status.get("total", 1), status.get("message", "Starting"))


def _tell(test: RangeTest) -> None:
    suggestion = learning_rates.suggest(test)
    st.markdown(f"**Suggested: {suggestion.rate:g}.** {suggestion.why}")
    chart.show(curve.draw(test), "Loss by learning rate", key="range-test")
    st.caption(f"{len(test.rates)} batches of {test.batch_size}, out of {names.counted(test.photographs, 'training photograph')}.")
    use = {"on_click": _fill, "args": [suggestion.rate]}
    if st.button(f"Use {suggestion.rate:g}", type="primary", icon=":material/check:", key="find_rate_use", **use):
        _close()
        st.rerun()


def _fill(rate: float) -> None:
    """Put it into the form; before that is drawn, as Streamlit wants it."""
    st.session_state.form_learning_rate = rate
