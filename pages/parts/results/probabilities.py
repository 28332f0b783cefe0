"""What a run's probabilities are worth: how well they rank the held-out photographs, and how far they can be trusted."""

import numpy as np
import streamlit as st

from catsdogs.analysis import calibration, evaluation
from catsdogs.figures import reliability_diagram, roc_curve
from catsdogs.runs import Run, predictions
from pages.parts.shared import chart, names


def show(run: Run, auc: float, labels: tuple[str, str]) -> None:
    """The ROC curve beside the reliability diagram, each with what it says."""
    _, truths, probabilities = map(np.array, zip(*predictions.load(run), strict=True))
    left, right = st.columns(2)
    negative, positive = map(names.plain, labels)
    with left:
        about = f"On the held-out photographs; {positive} is the positive class."
        chart.show(roc_curve.draw(*evaluation.roc(truths, probabilities), auc, labels), "ROC curve", "roc", help=about)
        st.caption(
            f"Area under the curve (AUC): {auc:.3f}. That is how often a random {positive} gets a higher probability of being a "
            f"{positive} than a random {negative}; 0.5 is chance."
        )
    with right:
        found = calibration.measure(truths, probabilities)
        chart.show(reliability_diagram.draw(found), "Calibration", "reliability", help="On the held-out photographs, in bins of 5 points.")
        st.caption(
            f"Expected calibration error (ECE): {100 * found.error:.1f} points, the mean distance from the dotted line. Of the photographs "
            "classified with 80% confidence, 80% should be correct; bars below the line show overconfidence, often from overfitting."
        )
