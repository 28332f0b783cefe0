"""How a run ended: its error or note, and its accuracy on the three subsets side by side."""

import streamlit as st

from catsdogs.analysis import evaluation
from catsdogs.runs import Run
from pages.parts.shared import names

_SUBSETS = (
    ("test", "Held-out accuracy", "On photographs used neither to train nor to choose the epoch: what to expect on new photographs."),
    ("validation", "Validation accuracy", "On the photographs that chose the best epoch, which makes it slightly optimistic."),
    ("training", "Training accuracy", "On the photographs it was trained on. Far above the other two, it has memorised them."),
)


def show(run: Run) -> None:
    """As much of it as there is."""
    if "error" in run.status:
        st.error(names.plain(run.status["error"]), icon=":material/error:")
    elif "note" in run.status:
        st.warning(names.plain(run.status["note"]), icon=":material/info:")
    evaluated = evaluation.load(run)
    if evaluated is None:
        return
    with st.container(horizontal=True):
        for subset, title, about in _SUBSETS:
            score = getattr(evaluated, subset)
            delta = f"{names.interval(score.low, score.high)} · {names.counted(score.count, 'photograph')}"
            st.metric(title, f"{score.accuracy:.1%}", delta, delta_color="off", delta_arrow="off", border=True, help=about)
    st.caption("With 95% confidence intervals (Wilson) for the accuracy on new photographs of the same kind.")
