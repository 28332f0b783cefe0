"""How good a run is, in numbers: accuracy on the three parts side by side, each with its interval and count."""

import streamlit as st

from catsdogs.analysis.evaluation import Evaluation

_SUBSETS = (
    ("test", "held out", "Photographs that nothing was chosen on: what to expect of pictures that the network never saw."),
    ("validation", "validation", "These chose the best epoch, so they flatter a little."),
    ("training", "training", "Photographs that it was trained on. Far above the others: it has learned them by heart."),
)


def percent(share: float | None) -> float | None:
    """A share for a table column with the format `%.1f %%`."""
    return None if share is None else 100 * share


def show(evaluated: Evaluation) -> None:
    """The three accuracies of an evaluation."""
    with st.container(horizontal=True):
        for subset, title, about in _SUBSETS:
            score = getattr(evaluated, subset)
            st.metric(
                f"accuracy, {title}",
                f"{score.accuracy:.1%}",
                border=True,
                help=about,
                delta=f"{score.low:.1%} to {score.high:.1%} · {score.count:,} photographs",
                delta_color="off",
                delta_arrow="off",
            )
    st.caption("Each with its 95 % interval (Wilson): where the accuracy on endlessly many such photographs would lie.")
